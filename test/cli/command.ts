import { spawn } from 'node:child_process';
import type { ChildProcess, ChildProcessByStdio } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import type { TestContext } from 'node:test';

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const MAIN = resolve('src/main.ts');
const TSX = import.meta.resolve('tsx');

/** Runs `causeway` as a process of its own, without a terminal. */
export async function causeway(...args: readonly string[]): Promise<Outcome> {
  const child = spawnCauseway(args);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  return { code, out, err };
}

/** Leaves it running until the end of the test. */
export function startCauseway(t: TestContext, ...args: readonly string[]): ChildProcess {
  const child = spawnCauseway(args);
  child.stdout.resume();
  child.stderr.resume();
  t.after(() => child.kill('SIGKILL'));
  return child;
}

function spawnCauseway(args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, ['--import', TSX, MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CAUSEWAY_KEY: undefined },
  });
}

/** A folder that is gone after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-cli-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
