import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { startApp } from '../../src/app.ts';
import type { App } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { elements, renamespace, serialize } from '../harness/xml-element.ts';
import type { Element } from '../harness/xml-element.ts';
import { gatewayOn, LoopbackNetwork } from '../loopback/index.ts';
import { AnswerBook } from './answer-book.ts';
import { ComponentPeer } from './component-peer.ts';
import { heapAfterCollection, isGrowing } from './heap.ts';
import { someDeed } from './network-deeds.ts';
import type { Random } from './random.ts';
import { rounds } from './rounds.ts';
import { someStanza } from './stanza-shapes.ts';
import type { Seen } from './stanza-shapes.ts';

/** Those that the test does not take into its own hands. */
const { setTimeout: realTimeout, clearTimeout: clearRealTimeout } = globalThis;
const PING_MS = 5_000;
const DOMAIN = 'loop.localhost';
const COMPONENT = 'jabber:component:accept';
const STANZAS_PER_ROUND = 250;
const MAX_SEEN = 60;
const USERS = ['alice', 'bob', 'carol', 'dave'].flatMap((name) =>
  ['desk', 'phone'].map((resource) => `${name}@localhost/${resource}`),
);
/** Who gets an answer: a sender that is none gets nothing. */
const ANSWERED = new Set([...USERS, 'localhost', 'localhost/x', 'alice@localhost']);
/** Beyond the time after which the gateway gives up waiting for anything. */
const LONG_MS = 100_000;

/** The gateway between a server and a network that both do anything at all. */
class Rig {
  readonly network = new LoopbackNetwork();
  readonly errors: string[] = [];
  readonly seen = { id: [], sessionid: [], node: [], from: [] } as Record<keyof Seen, string[]>;
  readonly #book = new AnswerBook((jid) => ANSWERED.has(jid));
  readonly #folder = mkdtempSync(join(tmpdir(), 'causeway-fuzz-'));
  readonly #probed = new Set<string>();
  readonly #context: TestContext;
  #peer: ComponentPeer | undefined;
  #app: App | undefined;
  #random: Random | undefined;
  #count = 0;
  #turn: (() => void) | undefined;
  /** Why this round has failed. */
  #fault: string | undefined;

  constructor(context: TestContext) {
    this.#context = context;
  }

  get peer(): ComponentPeer {
    return this.#peer ?? assert.fail('not started');
  }

  async start(): Promise<void> {
    this.#peer = await ComponentPeer.start('one', (stanza) => this.#received(stanza));
    const file = join(this.#folder, 'causeway.yaml');
    writeFileSync(
      file,
      [
        `jabber: { host: 127.0.0.1, port: ${this.#peer.port} }`,
        'admins: [alice@localhost]',
        'gateways:',
        `  - { use: loopback, domain: ${DOMAIN}, secret: one, options: { networks: { moon: { name: Moon } } } }`,
      ].join('\n'),
    );
    const sink = new Writable({
      write: (chunk: Buffer, _encoding, callback) => {
        this.errors.push(chunk.toString());
        if (process.env['FUZZ_LOG'] !== undefined) process.stderr.write(chunk);
        callback();
      },
    });
    const log = pino({ level: process.env['FUZZ_LOG'] ?? 'error' }, sink);
    const config = await loadConfig(file, {});
    const load = (): Promise<ReturnType<typeof gatewayOn>> =>
      Promise.resolve(gatewayOn(this.network));
    this.#app = await startApp({ config, log, env: {}, load });
    await this.#peer.attached;
    for (const name of ['romeo', 'juliet']) {
      this.network.meet(name);
      this.network.join('#garden', name);
      this.network.join('#crater%moon', name);
    }
  }

  async stop(): Promise<void> {
    this.#context.mock.timers.reset();
    await this.#app?.stop();
    this.#peer?.stop();
    rmSync(this.#folder, { recursive: true });
  }

  /** As much as a round is; then everything has to be well. */
  async round(random: Random): Promise<void> {
    this.#random = random;
    this.#book.clear();
    const around = { domain: DOMAIN, users: USERS, seen: this.seen };
    for (let index = 0; index < STANZAS_PER_ROUND; index++) {
      this.#count += 1;
      const id = `f${this.#count}`;
      this.#send(someStanza(random, around, id), id);
      if (random.chance(0.2)) someDeed(random, this.network);
      if (random.chance(0.05)) await this.#ping();
    }
    await this.#until(
      () => this.#book.unanswered().length === 0,
      () =>
        `not answered: ${this.#book
          .unanswered()
          .slice(0, 3)
          .map((stanza) => serialize(stanza).slice(0, 2_000))
          .join('\n')}`,
    );
    this.#probed.clear();
    for (const user of USERS) this.#raw(`<presence type='probe' from='${user}' to='${DOMAIN}'/>`);
    await this.#until(
      () => USERS.every((user) => this.#probed.has(user)),
      () => `no answer to the probe of ${USERS.filter((user) => !this.#probed.has(user)).join()}`,
    );
    if (this.#fault !== undefined) throw new Error(this.#fault);
    if (this.peer.trouble !== undefined) throw new Error(this.peer.trouble);
    if (this.errors.length > 0) throw new Error(this.errors.join('').slice(0, 4_000));
  }

  /** All users go, and long enough passes that nothing has to be kept of them. */
  async forget(): Promise<void> {
    for (const user of USERS) {
      this.#raw(`<presence type='unavailable' from='${user}' to='${DOMAIN}'/>`);
    }
    await this.#pass(900_000);
    this.network.forget();
    this.#book.clear();
  }

  /** Time passes, and the server shows meanwhile that it is alive. */
  async #pass(durationMs: number): Promise<void> {
    for (let passed = 0; passed < durationMs; passed += 20_000) {
      await this.#ping();
      this.#context.mock.timers.tick(20_000);
    }
  }

  #send(stanza: Element, id: string): void {
    this.#book.sent(stanza, id);
    this.#raw(serialize(renamespace(stanza, 'jabber:client', COMPONENT), COMPONENT));
  }

  #raw(text: string): void {
    this.peer.send(text);
  }

  /** Waits for what should come by itself, then for what may take as long as the gateway lets it. */
  async #until(isThere: () => boolean, complaint: () => string): Promise<void> {
    for (let patience = 0; patience < 4; patience++) {
      const end = performance.now() + 700;
      while (!isThere() && performance.now() < end && this.peer.trouble === undefined) {
        await this.#ping();
      }
      if (isThere()) return;
      await this.#pass(LONG_MS);
    }
    throw new Error(this.#fault ?? this.peer.trouble ?? complaint());
  }

  /** The gateway has read all that was sent so far. */
  async #ping(): Promise<void> {
    const turn = new Promise<void>((resolve) => (this.#turn = resolve));
    this.#raw(
      `<iq type='get' id='turn' from='localhost' to='${DOMAIN}'><ping xmlns='urn:xmpp:ping'/></iq>`,
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => (timer = realTimeout(resolve, PING_MS, 'late')));
    const answer = await Promise.race([turn, late]);
    clearRealTimeout(timer);
    if (answer === 'late') this.#fault ??= this.peer.trouble ?? 'a ping was not answered';
  }

  #received(stanza: Element): void {
    const { id = '', from = '', to, type } = stanza.attrs;
    if (id === 'turn') return this.#turn?.();
    const bare = from.split('/', 1)[0] ?? '';
    if (to === undefined || bare.slice(bare.indexOf('@') + 1).toLowerCase() !== DOMAIN) {
      this.#fault ??= `written with wrong addresses: ${serialize(stanza)}`;
    }
    if (stanza.name === 'presence' && from === DOMAIN && to !== undefined) this.#probed.add(to);
    this.#see(stanza);
    if (stanza.name === 'iq' && (type === 'get' || type === 'set')) return this.#answer(stanza);
    this.#fault ??= this.#book.received(stanza);
  }

  /** What a user's client, or server, may do with a question of the gateway. */
  #answer({ attrs }: Element): void {
    const random = this.#random;
    if (random === undefined || random.chance(0.3)) return;
    const { id, from, to } = attrs;
    const [type, payload] = random.chance(0.5)
      ? ['result', random.chance(0.5) ? '' : `<query xmlns='jabber:iq:roster'/>`]
      : ['error', `<error type='cancel'/>`];
    this.#raw(`<iq type='${type}' id='${id}' from='${to}' to='${from}'>${payload}</iq>`);
  }

  #see(el: Element): void {
    for (const name of ['id', 'sessionid', 'node', 'from'] as const) {
      const value = el.attrs[name];
      if (value === undefined || value.length > 200 || value === 'turn') continue;
      const values = this.seen[name];
      if (values.length >= MAX_SEEN) values.shift();
      values.push(value);
    }
    for (const child of elements(el).slice(0, 5)) this.#see(child);
  }
}

test('stanzas of any shape: each question gets one answer, nothing else does, nothing breaks or grows', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: Date.now() });
  const rig = new Rig(context);
  await rig.start();
  try {
    const heaps: number[] = [];
    await rounds(5, async (random, index) => {
      await rig.round(random);
      if (index % 12 !== 11) return;
      await rig.forget();
      heaps.push(heapAfterCollection());
    });
    assert.ok(!isGrowing(heaps), `the heap grows, in MiB: ${heaps.join(' ')}`);
  } finally {
    await rig.stop();
  }
});
