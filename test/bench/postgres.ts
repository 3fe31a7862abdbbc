import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

const PROGRAMS = '/usr/lib/postgresql';
/** Whom the server runs as where this is done by root, whom it refuses. */
const USER = 'postgres';

/** Where the programs of the newest PostgreSQL are; `undefined` when none is installed. */
export function postgresPrograms(): string | undefined {
  if (!existsSync(PROGRAMS)) return undefined;
  const versions = readdirSync(PROGRAMS).sort((one, other) => Number(other) - Number(one));
  const folders = versions.map((version) => join(PROGRAMS, version, 'bin'));
  return folders.find((folder) => existsSync(join(folder, 'initdb')));
}

/** A cluster of PostgreSQL in a temporary folder, as it is after its installation. */
export class Postgres {
  readonly #programs: string;
  readonly #port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'causeway-bench-postgres-'));
  #count = 0;

  private constructor(programs: string, port: number) {
    this.#programs = programs;
    this.#port = port;
    if (userInfo().uid === 0) chownSync(this.#folder, idOf('-u'), idOf('-g'));
    this.#run('initdb', '-D', join(this.#folder, 'data'), '-A', 'trust', '-U', 'causeway');
    const options = `-p ${port} -k ${this.#folder} -c listen_addresses=127.0.0.1`;
    this.#control('start', '-o', options, '-l', join(this.#folder, 'log'));
  }

  static async start(programs: string): Promise<Postgres> {
    return new Postgres(programs, await freePort());
  }

  /** A new database, in which there is nothing. @returns its address */
  database(): string {
    this.#count += 1;
    const name = `bench${this.#count}`;
    this.#run('createdb', '-h', '127.0.0.1', '-p', String(this.#port), '-U', 'causeway', name);
    return `postgres://causeway@127.0.0.1:${this.#port}/${name}`;
  }

  stop(): void {
    this.#control('stop', '-m', 'immediate');
    rmSync(this.#folder, { recursive: true });
  }

  #control(act: string, ...args: readonly string[]): void {
    this.#run('pg_ctl', '-w', '-D', join(this.#folder, 'data'), ...args, act);
  }

  #run(program: string, ...args: readonly string[]): void {
    const command = [join(this.#programs, program), ...args];
    const [file = '', ...rest] =
      userInfo().uid === 0 ? ['runuser', '-u', USER, '--', ...command] : command;
    // What goes on in the background would keep a pipe open.
    const { status } = spawnSync(file, rest, { cwd: this.#folder, stdio: 'ignore' });
    if (status !== 0) throw new Error(`${program} of PostgreSQL failed`);
  }
}

function idOf(option: string): number {
  return Number(spawnSync('id', [option, USER], { encoding: 'utf8' }).stdout);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
