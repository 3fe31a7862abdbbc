import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Unregistered } from '../../src/plugin/index.ts';
import type { Session } from '../../src/plugin/index.ts';
import { Bench, outcome, until, within } from './bench.ts';
import { openThings } from './declarations.ts';
import { ATTEMPTS } from './methods.ts';
import type { Things } from './methods.ts';
import type { Subject } from './subject.ts';

const MESSAGES = 20;
const HOSTILE_TEXTS: readonly string[] = [
  'two\nlines',
  'three\r\nlines\r\n\r\n',
  'a\rQUIT :gone',
  '\n\n\n',
  '/quit',
  'x'.repeat(100_000),
  '😀'.repeat(2_000),
  'tab\tand\u0085more\u2028',
];

/** What holds of every session, rooms apart. */
export function describeSessions(subject: Subject): void {
  describe('its sessions', () => {
    let bench: Bench;
    let before: readonly string[];
    beforeEach(async () => {
      before = openThings();
      bench = await Bench.start(subject);
    });
    afterEach(async () => {
      await bench.stop();
      await until(
        () => openThings().length <= before.length,
        () => `left open: ${openThings().join(', ')}; before: ${before.join(', ')}`,
      );
    });

    test('end within two seconds of their signal, and at once when it came first', async () => {
      const running = await bench.run();
      await running.session.send(bench.peer, bench.message('Hello'));
      await running.end();
      const other = bench.open(await bench.register(2));
      await within(2_000, other.session.run(AbortSignal.abort()), 'run() after its signal');
      assert.deepEqual(other.host.events, []);
    });

    test('end at once when their user unregisters, and tell only what they owe her', async () => {
      const account = await bench.register();
      const { session, host } = bench.open(account);
      const abort = new AbortController();
      const ended = session.run(abort.signal);
      await outcome(() => session.send(bench.peer, bench.message('Hello')), 'send');
      const before = host.events.length;
      abort.abort(new Unregistered());
      await within(2_000, ended, 'run() after the signal');
      const other = bench.open(account);
      const gone = AbortSignal.abort(new Unregistered());
      await within(2_000, other.session.run(gone), 'run() after its signal');
      for (const { kind } of [...host.events.slice(before), ...other.host.events]) {
        assert.ok(['failed', 'notice', 'network', 'left'].includes(kind), kind);
      }
    });

    test('fail with words when they are asked before they run, after they did, or for what is not there', async () => {
      const account = await bench.register();
      await tryAll(bench, bench.open(account).session, 'before run()');
      const { session } = bench.open(account);
      const abort = new AbortController();
      const ended = session.run(abort.signal);
      await tryAll(bench, session, 'while it runs');
      abort.abort();
      await within(2_000, ended, 'run() after the signal');
      await tryAll(bench, session, 'after run()');
    });

    test('settle all that is under way when they end, though the network says nothing', async (context) => {
      if (bench.rig.fallSilent === undefined) return context.skip('it cannot fall silent');
      const account = await bench.register();
      bench.rig.fallSilent();
      const { session } = bench.open(account);
      const abort = new AbortController();
      const ended = session.run(abort.signal);
      const attempts = tryAll(bench, session, 'on a silent network');
      await new Promise((resolve) => setImmediate(resolve));
      abort.abort();
      await within(2_000, ended, 'run() after the signal');
      await within(5_000, attempts, 'all that was under way');
    });

    test('bring messages to one address in the order in which they were sent', async () => {
      const { session } = await bench.run();
      const texts = Array.from({ length: MESSAGES }, (_, index) => `message ${index}`);
      await Promise.all(texts.map(async (text) => session.send(bench.peer, bench.message(text))));
      const heard = (): string[] => bench.rig.heard().filter((text) => text.startsWith('message '));
      await bench.untilHeard(() => heard().length >= MESSAGES, 'all messages');
      assert.deepEqual(heard(), texts);
    });

    test('send what can be sent of any text, and nothing else with it', async () => {
      const { session } = await bench.run();
      await session.send(bench.peer, bench.message('first'));
      for (const text of HOSTILE_TEXTS) {
        await outcome(
          () => session.send(bench.peer, bench.message(text)),
          JSON.stringify(text.slice(0, 20)),
        );
      }
      await session.send(bench.peer, bench.message('last'));
      await bench.untilHeard((texts) => texts.at(-1) === 'last', 'what came after hostile text');
      assert.ok(bench.rig.heard().some((text) => text.includes('two')));
      assert.ok(!bench.rig.heard().join().includes('\ufffd'), 'no character is torn apart');
    });

    test('say when a message is for nobody, at once or later, by its key', async () => {
      const { session, host } = await bench.run();
      const nobody = bench.address(bench.rig.nobody);
      const message = bench.message('Is anybody there?');
      const error = await outcome(() => session.send(nobody, message), 'send to nobody');
      if (error !== undefined) return;
      await host.until(
        (events) => events.some((event) => event.kind === 'failed' && event.key === message.key),
        'a failed event with the key',
      );
    });

    test('tell of a message that was sent whether it was taken, or that nobody knows', async () => {
      const { session } = await bench.run();
      if (session.wasTaken === undefined) return;
      const message = bench.message('Hello');
      const sent = await session.send(bench.peer, message);
      const again = { ...message, attempt: 2 };
      const taken = await within(60_000, session.wasTaken(bench.peer, again), 'wasTaken()');
      if (taken !== undefined) assert.deepEqual(taken.ids, sent.ids);
      const never = await session.wasTaken(bench.peer, bench.message('Never sent'));
      assert.equal(never, undefined, 'what was never sent was not taken');
    });

    test('keep the secrets of the account out of events and logs', async () => {
      const { session, host } = await bench.run();
      await session.send(bench.peer, bench.message('Hello'));
      await outcome(
        () => session.send(bench.address(bench.rig.nobody), bench.message('Hello')),
        'send to nobody',
      );
      const secrets = Object.entries(bench.rig.answers(1)[0] ?? {})
        .filter(([name]) => /password|secret|token|pin/.test(name))
        .map(([, value]) => value);
      const said = [
        ...bench.lines,
        ...host.lines,
        ...host.events.map((event) => JSON.stringify(event)),
      ].join('\n');
      for (const secret of secrets) assert.ok(!said.includes(secret), 'a secret was told');
    });
  });
}

/** Every method there is: what it does is its own business, but it fails with words only. */
async function tryAll(bench: Bench, session: Session, when: string): Promise<void> {
  const { gateway, peer, rig } = bench;
  assert.ok(peer.kind === 'contact', 'the peer of the rig is a contact');
  const things: Things = {
    chat: peer,
    contact: peer.id,
    room: rig.room === undefined ? ('' as Things['room']) : bench.room,
    network: gateway.networks[0]?.id,
    message: bench.message('Hello'),
  };
  await outcome(() => session.send(peer, things.message), `send ${when}`);
  for (const [name, attempt] of Object.entries(ATTEMPTS)) {
    await outcome(() => Promise.resolve(attempt(session, things)), `${name} ${when}`);
  }
}
