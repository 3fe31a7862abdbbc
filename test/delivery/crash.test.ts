import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import Database from 'libsql';
import { startJabberServer } from '../harness/jabber-server.ts';
import type { JabberServer } from '../harness/jabber-server.ts';
import { connectClient } from '../harness/xmpp-client.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { taken, tell } from './file-network.ts';

const FILES = 'files.localhost';
const CRASHES = Number(process.env['CRASHES'] ?? 3);
const MESSAGES = 25;
const CHATS = ['romeo', 'tybalt', 'nurse'];
const PATIENCE_MS = 60_000;
const START_MS = 60_000;

test(
  'kill -9 at any moment loses nothing, and sends nothing twice where the network can be asked',
  { timeout: 600_000 },
  async (context) => {
    const figures = await crashAgainAndAgain(context, true);
    assert.equal(figures.sentTwice, 0);
  },
);

test(
  'kill -9 at any moment loses nothing, and sends again only what was in doubt',
  { timeout: 600_000 },
  async (context) => {
    const figures = await crashAgainAndAgain(context, false);
    assert.ok(figures.sentTwice <= CRASHES * CHATS.length, `${figures.sentTwice} sent twice`);
  },
);

interface Figures {
  readonly sentTwice: number;
}

interface Row {
  readonly id: number;
  readonly key: string;
  readonly chat: string;
}

async function crashAgainAndAgain(context: TestContext, asks: boolean): Promise<Figures> {
  const rig = await Rig.start(context, asks);
  const { alice, folder } = rig;
  let count = 0;
  const accepted = new Map<string, Row>();
  for (let crash = 0; crash < CRASHES; crash += 1) {
    for (let index = 0; index < MESSAGES; index += 1) {
      count += 1;
      rig.write(count);
      tell(folder, { id: `n${count}`, from: CHATS[count % 3] ?? '', text: `told ${count}` });
    }
    await rig.untilProgress(Math.floor(Math.random() * MESSAGES));
    await rig.kill();
    for (const row of rig.rows()) accepted.set(row.key, row);
    await rig.spawn();
  }
  // What was on its way from the Jabber server when the process died, nobody can know of. A client sends it again.
  await until(() => {
    const there = new Set(taken(folder).map(({ text }) => text));
    const missing = [...rig.written].filter(([, text]) => !there.has(text));
    for (const [id] of missing) rig.write(id);
    return missing.length === 0;
  }, 'all that was written');
  await until(() => rig.read().size === count, 'all that was told');
  const sent = taken(folder);
  const keys = new Set(sent.map(({ key }) => key));
  const lost = [...accepted.values()].filter(({ key }) => !keys.has(key));
  assert.deepEqual(lost, [], 'what was on disk has reached the network');
  checkOrder(
    [...accepted.values()],
    sent.map(({ key }) => key),
  );
  for (const [text, ids] of rig.read()) {
    assert.equal(ids.size, 1, `"${text}" has one id, however often it came`);
  }
  assert.equal(new Set(sent.map(({ text }) => text)).size, count);
  const repeated = [...rig.read().values()].length;
  const sentTwice = sent.length - keys.size;
  const told = alice.unclaimed.filter(({ name }) => name === 'message').length;
  context.diagnostic(
    `${CRASHES} crashes: ${count} written, ${accepted.size} seen on disk, 0 lost, ${sentTwice} sent twice; ${count} told, ${repeated} read, ${told - repeated - 1} repeats under the same id`,
  );
  return { sentTwice };
}

/** Within a chat, the network gets messages first in the order in which they were stored. */
function checkOrder(rows: readonly Row[], sent: readonly string[]): void {
  for (const chat of new Set(rows.map((row) => row.chat))) {
    const stored = rows
      .filter((row) => row.chat === chat)
      .sort((one, other) => one.id - other.id)
      .map(({ key }) => key);
    const inOrder = [...new Set(sent)].filter((key) => stored.includes(key));
    assert.deepEqual(inOrder, stored);
  }
}

class Rig {
  readonly jabber: JabberServer;
  readonly alice: XmppClient;
  readonly folder: string;
  /** The texts by the numbers of their messages. */
  readonly written = new Map<number, string>();
  #child: ChildProcess | undefined;

  private constructor(jabber: JabberServer, alice: XmppClient, folder: string) {
    this.jabber = jabber;
    this.alice = alice;
    this.folder = folder;
  }

  static async start(context: TestContext, asks: boolean): Promise<Rig> {
    const folder = mkdtempSync(join(tmpdir(), 'causeway-crash-'));
    const jabber = await startJabberServer({
      domain: 'localhost',
      components: { [FILES]: 'one' },
      accounts: { alice: 'a' },
    });
    const lines = [
      `jabber: { host: 127.0.0.1, port: ${jabber.componentPort} }`,
      'gateways:',
      `  - { use: files, domain: ${FILES}, secret: one, options: { folder: ${folder}, asks: ${asks} } }`,
    ];
    writeFileSync(join(folder, 'causeway.yaml'), `${lines.join('\n')}\n`);
    const alice = await connectClient({
      port: jabber.clientPort,
      domain: 'localhost',
      user: 'alice',
      password: 'a',
    });
    const rig = new Rig(jabber, alice, folder);
    context.after(async () => {
      alice.destroy();
      await rig.kill();
      await jabber.stop();
      rmSync(folder, { recursive: true });
    });
    alice.send('<presence/>');
    await rig.spawn();
    await alice.iq(
      `<iq type='set' to='${FILES}'><query xmlns='jabber:iq:register'><nick>alice</nick></query></iq>`,
    );
    return rig;
  }

  async spawn(): Promise<void> {
    this.#child = spawn(
      process.execPath,
      ['--import', 'tsx', 'test/delivery/crash-child.ts', join(this.folder, 'causeway.yaml')],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    await this.jabber.attached(FILES, START_MS);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    await this.jabber.detached(FILES);
  }

  write(number: number): void {
    const to = CHATS[number % 3] ?? '';
    const text = `written ${number}`;
    this.written.set(number, text);
    this.alice.send(
      `<message type='chat' id='w${number}' to='${to}@${FILES}'><body>${text}</body></message>`,
    );
  }

  /** The network was given, or the user was told, so much more. */
  async untilProgress(steps: number): Promise<void> {
    const progress = (): number => taken(this.folder).length + this.read().size;
    const goal = progress() + steps;
    const deadline = performance.now() + PATIENCE_MS;
    while (progress() < goal && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  /** What the gateway has on disk. */
  rows(): Row[] {
    const sqlite = new Database(join(this.folder, 'data', 'causeway.sqlite'));
    try {
      return sqlite.prepare('SELECT id, key, chat FROM outbox').all([]) as Row[];
    } finally {
      sqlite.close();
    }
  }

  /** The ids under which each text came. */
  read(): Map<string, Set<string>> {
    const read = new Map<string, Set<string>>();
    for (const { name, attrs, children } of this.alice.unclaimed) {
      if (name !== 'message' || attrs['type'] !== 'chat') continue;
      const text = JSON.stringify(children).match(/told \d+/)?.[0];
      if (text === undefined) continue;
      read.set(text, (read.get(text) ?? new Set()).add(attrs['id'] ?? ''));
    }
    return read;
  }
}

async function until(isTrue: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!isTrue()) {
    if (performance.now() > deadline) assert.fail(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
