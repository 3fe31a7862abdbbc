import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from '../harness/certificates.ts';
import { ComponentServer } from './component-server.ts';
import type { Gateway, Surroundings } from './gateway.ts';
import { DOMAIN, memberNick, nickOf, roomJid, userJid } from './names.ts';
import { IrcServer } from './irc-server.ts';
import { cpuSeconds, residentKilobytes } from './process-figures.ts';

const SECRET = 'bench';
const ATTACH_MS = 20_000;
/** So many users come in at once. */
const JOINS_AT_ONCE = 50;
/**
 * What a service manager gives to a service. That of whoever measures may hold what no service has: more certificates for Node to
 * read, for instance, which takes a fifth of a start.
 */
const SURROUNDINGS = { PATH: process.env['PATH'], HOME: process.env['HOME'] };

export interface WorldOptions {
  readonly users: number;
  /** Both gateways keep what is said unless they are told otherwise. */
  readonly archive?: boolean;
  readonly tls?: boolean;
  readonly limits?: Surroundings['limits'];
  /** Channels, and how many others are in each. */
  readonly channels?: Readonly<Record<string, number>>;
}

/** A gateway in a process of its own between a Jabber and an IRC server of ours. */
export class World {
  readonly component: ComponentServer;
  readonly irc: IrcServer;
  /** From the start of the process until it has attached. */
  readonly startSeconds: number;
  readonly #process: ChildProcess;
  readonly #folder: string;
  #series = 0;

  private constructor(
    component: ComponentServer,
    irc: IrcServer,
    started: { readonly process: ChildProcess; readonly folder: string; readonly seconds: number },
  ) {
    this.component = component;
    this.irc = irc;
    this.startSeconds = started.seconds;
    this.#process = started.process;
    this.#folder = started.folder;
  }

  static async start(gateway: Gateway, options: WorldOptions): Promise<World> {
    const certificates = options.tls === true ? makeCertificates() : undefined;
    const component = await ComponentServer.start(SECRET);
    const irc = await IrcServer.start(certificates);
    for (const [channel, members] of Object.entries(options.channels ?? {})) {
      irc.fill(channel, ['peer', ...Array.from({ length: members - 1 }, (_, n) => memberNick(n))]);
    }
    const folder = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
    const ca = certificates === undefined ? undefined : join(folder, 'ca.pem');
    if (certificates !== undefined && ca !== undefined) writeFileSync(ca, certificates.ca);
    const around: Surroundings = {
      folder,
      domain: DOMAIN,
      secret: SECRET,
      componentPort: component.port,
      ircPort: irc.port,
      ca,
      archive: options.archive ?? true,
      limits: options.limits ?? 'none',
      users: Array.from({ length: options.users }, (_, n) => `u${n}@localhost`),
    };
    const started = await launch(gateway, around, component.attached);
    gateway.attached?.(around);
    return new World(component, irc, { ...started, folder });
  }

  /** A number for each load, so that no message has the id of an earlier one: it would be taken for the same. */
  nextSeries(): number {
    this.#series += 1;
    return this.#series;
  }

  cpuSeconds(): number {
    return cpuSeconds(this.#pid);
  }

  residentKilobytes(): number {
    return residentKilobytes(this.#pid);
  }

  /** Lets users come into a channel, some at a time, and keeps what they are told. */
  async join(users: readonly number[], channel: string): Promise<readonly string[]> {
    // The subject is the last that one who comes in is sent (XEP-0045 §7.2).
    const recording = this.component.record('<subject');
    for (let first = 0; first < users.length; first += JOINS_AT_ONCE) {
      const some = users.slice(first, first + JOINS_AT_ONCE);
      this.component.write(some.map((user) => joinStanza(user, channel)).join(''));
      await recording.until(first + some.length);
    }
    this.component.stopRecording();
    const { texts } = recording;
    const entered = count(texts, /code=['"]110['"]/g);
    if (entered !== users.length) throw new Error(`${entered} of ${users.length} came in`);
    return texts;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGKILL');
      await once(this.#process, 'exit');
    }
    this.component.stop();
    this.irc.stop();
    rmSync(this.#folder, { recursive: true });
  }

  get #pid(): number {
    if (this.#process.pid === undefined || this.#process.exitCode !== null) {
      const log = readFileSync(join(this.#folder, 'log'), 'utf8').slice(-2_000);
      throw new Error(`the gateway has ended:\n${log}`);
    }
    return this.#process.pid;
  }
}

/** Starts a gateway and waits until it has attached. */
export async function launch(
  gateway: Gateway,
  around: Surroundings,
  attached: Promise<void>,
): Promise<{ readonly process: ChildProcess; readonly seconds: number }> {
  const { command, args, env } = gateway.prepare(around);
  const log = openSync(join(around.folder, 'log'), 'w');
  const startedAt = performance.now();
  const child = spawn(command, args, {
    stdio: ['ignore', log, log],
    env: { ...SURROUNDINGS, ...env },
  });
  closeSync(log);
  const ended = once(child, 'exit').then(() => {
    throw new Error(`it ended:\n${readFileSync(join(around.folder, 'log'), 'utf8')}`);
  });
  ended.catch(() => undefined);
  const timer = setTimeout(() => child.kill('SIGKILL'), ATTACH_MS);
  await Promise.race([attached, ended]);
  clearTimeout(timer);
  return { process: child, seconds: (performance.now() - startedAt) / 1_000 };
}

export function count(texts: readonly string[], pattern: RegExp): number {
  let found = 0;
  for (const text of texts) found += text.match(pattern)?.length ?? 0;
  return found;
}

function joinStanza(user: number, channel: string): string {
  return `<presence from='${userJid(user)}' to='${roomJid(channel)}/${nickOf(user)}'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>`;
}
