import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Barrier } from '../../src/delivery/barrier.ts';
import type { Parcel } from '../../src/delivery/barrier.ts';
import { xml } from '../../src/xml/element.ts';
import { serialize } from '../../src/xml/serialize.ts';
import { NS_CLIENT } from '../../src/xmpp/namespaces.ts';
import { FakeClock } from '../harness/fake-clock.ts';

const DOMAIN = 'mail.localhost';

class Line {
  readonly domain = DOMAIN;
  readonly written: string[] = [];
  readonly pings: { readonly server: string; answer(): void; fail(): void }[] = [];
  isUp = true;

  isAttached(): boolean {
    return this.isUp;
  }

  write(stanzas: Parcel['stanzas']): void {
    this.written.push(...stanzas.map((stanza) => serialize(stanza, NS_CLIENT)));
  }

  ping(server: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.pings.push({ server, answer: resolve, fail: () => reject(new Error('gone')) });
    });
  }
}

function rig(): {
  line: Line;
  clock: FakeClock;
  barrier: Barrier;
  proven: number[];
  send: (id: number, server?: string) => void;
} {
  const line = new Line();
  const clock = new FakeClock();
  const barrier = new Barrier(line, clock);
  const proven: number[] = [];
  const send = (id: number, server = 'localhost'): void =>
    barrier.send({
      id,
      user: `alice@${server}`,
      server,
      stanzas: [xml('message', NS_CLIENT, { id: `s${id}`, type: 'chat' })],
      at: clock.now(),
      proven: () => proven.push(id),
    });
  return { line, clock, barrier, proven, send };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('asks once behind all that goes out together, and believes the answer', async () => {
  const { line, proven, send } = rig();
  send(1);
  send(2);
  await turn();
  assert.deepEqual(line.written, [
    "<message id='s1' type='chat'/>",
    "<message id='s2' type='chat'/>",
  ]);
  assert.deepEqual(
    line.pings.map(({ server }) => server),
    ['localhost'],
  );
  assert.deepEqual(proven, []);
  line.pings[0]?.answer();
  await turn();
  assert.deepEqual(proven, [1, 2]);
});

test('does not believe an answer for what went out after the question', async () => {
  const { line, proven, send } = rig();
  send(1);
  await turn();
  send(2);
  line.pings[0]?.answer();
  await turn();
  assert.deepEqual(proven, [1]);
  await turn();
  assert.equal(line.pings.length, 2);
  line.pings[1]?.answer();
  await turn();
  assert.deepEqual(proven, [1, 2]);
});

test('asks the server of each user', async () => {
  const { line, proven, send } = rig();
  send(1, 'one.example');
  send(2, 'two.example');
  await turn();
  line.pings.find(({ server }) => server === 'two.example')?.answer();
  await turn();
  assert.deepEqual(proven, [2]);
});

test('sends what is unproven again on a new stream, with the same ids and the time when it came', async () => {
  const { line, barrier, proven, send } = rig();
  send(1);
  await turn();
  line.isUp = false;
  line.pings[0]?.fail();
  send(2);
  await turn();
  assert.equal(line.written.length, 1, 'nothing goes out meanwhile');
  line.isUp = true;
  barrier.attached();
  await turn();
  assert.deepEqual(line.written.slice(1), [
    "<message id='s1' type='chat'><delay xmlns='urn:xmpp:delay' from='mail.localhost' stamp='2026-01-01T00:00:00.000Z'/></message>",
    "<message id='s2' type='chat'><delay xmlns='urn:xmpp:delay' from='mail.localhost' stamp='2026-01-01T00:00:00.000Z'/></message>",
  ]);
  line.pings[1]?.answer();
  await turn();
  assert.deepEqual(proven, [1, 2]);
});

test('takes no answer of an old stream for one of the new', async () => {
  const { line, barrier, proven, send } = rig();
  send(1);
  await turn();
  barrier.attached();
  line.pings[0]?.answer();
  await turn();
  assert.deepEqual(proven, []);
});

test('asks a silent server again after a while', async () => {
  const { line, clock, proven, send } = rig();
  send(1);
  await turn();
  line.pings[0]?.fail();
  await turn();
  clock.advance(10_000);
  await turn();
  line.pings[1]?.answer();
  await turn();
  assert.deepEqual(proven, [1]);
});

test('forgets what came back', async () => {
  const { line, barrier, proven, send } = rig();
  send(1);
  send(2);
  await turn();
  barrier.forget('alice@localhost', 1);
  line.pings[0]?.answer();
  await turn();
  assert.deepEqual(proven, [2]);
});
