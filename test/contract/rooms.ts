import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Event } from '../../src/plugin/index.ts';
import { Bench, outcome, within } from './bench.ts';
import type { Running } from './bench.ts';
import type { Subject } from './subject.ts';

const FLOOD = 6_000;
/** What a gateway may have read already when it learns that the core is behind. */
const READ_AHEAD = 3_000;

/** What holds of rooms, where a gateway has them. */
export function describeRooms(subject: Subject): void {
  describe('its rooms', () => {
    let bench: Bench;
    beforeEach(async () => (bench = await Bench.start(subject)));
    afterEach(() => bench.stop());

    const isThere = (): boolean =>
      bench.rig.room !== undefined && bench.gateway.features.includes('join');
    const enter = async (running: Running, user: 1 | 2): Promise<void> => {
      await running.session.join?.(bench.room, { nick: bench.rig.nick(user) });
    };

    test('let a user in with the whole state of the room, and out without a word', async (context) => {
      if (!isThere()) return context.skip('it has none');
      const { session, host } = await bench.run();
      const state = await session.join?.(bench.room, { nick: bench.rig.nick(1) });
      assert.ok(state !== undefined);
      const nicks = state.members.map(({ nick }) => nick);
      assert.ok(nicks.includes(state.nick), 'the user is one of the members');
      assert.equal(new Set(nicks).size, nicks.length, 'each nick once');
      assert.ok(nicks.length >= 2, 'the peer is another');
      await session.leave?.(bench.room);
      const own = host.events.filter(({ kind }) => kind === 'left');
      assert.deepEqual(own, []);
    });

    const again = 'let a user in again at once who has just left';
    test(again, { todo: subject.todo?.entersAgain ?? false }, async (context) => {
      if (!isThere()) return context.skip('it has none');
      const { session } = await bench.run();
      const as = { nick: bench.rig.nick(1) };
      for (let time = 1; time <= 3; time += 1) {
        const joining = session.join?.(bench.room, as) ?? Promise.reject(new Error('no join'));
        const { nick } = await within(2_000, joining, `the join number ${time}`);
        assert.equal(nick, as.nick);
        await session.leave?.(bench.room);
      }
    });

    test('tell nothing of a room before the join is answered with its state', async (context) => {
      const { say } = bench.rig;
      if (!isThere() || say === undefined) return context.skip('nobody speaks in them');
      const { session, host } = await bench.run();
      const joining = session.join?.(bench.room, { nick: bench.rig.nick(1) });
      say('meanwhile', 500);
      await joining;
      const early = host.events.filter((event) => 'room' in event && event.room === bench.room);
      assert.deepEqual(early, []);
      say('after', 1);
      await host.until((events) => said(events).includes('after 0'), 'what was said after it');
    });

    test('bring what is said in order, without what the user says herself', async (context) => {
      const { say } = bench.rig;
      if (!isThere() || say === undefined) return context.skip('nobody speaks in them');
      const running = await bench.run();
      await enter(running, 1);
      await running.session.send({ kind: 'room', id: bench.room }, bench.message('mine'));
      say('theirs', 100);
      await running.host.until((events) => said(events).length >= 100, '100 messages');
      assert.deepEqual(said(running.host.events), numbered('theirs', 100));
      await bench.untilHeard((texts) => texts.includes('mine'), 'what the user said');
    });

    test('are read no more while the core is behind, and nothing is lost of what comes', async (context) => {
      const { say } = bench.rig;
      if (!isThere() || say === undefined) return context.skip('nobody speaks in them');
      const slow = await bench.run(1);
      const quick = await bench.run(2);
      await enter(slow, 1);
      await enter(quick, 2);
      slow.host.stallAt(({ kind }) => kind === 'room-message');
      say('flood', FLOOD);
      // Once the other one has all of it, so could this one have.
      await quick.host.until((events) => said(events).length >= FLOOD, 'all for the quick one');
      const read = said(slow.host.events).length;
      assert.ok(read >= 1 && read <= READ_AHEAD, `${read} were read while the core was behind`);
      slow.host.catchUp();
      await slow.host.until((events) => said(events).length >= FLOOD, 'the rest');
      assert.deepEqual(said(slow.host.events), numbered('flood', FLOOD));
    });

    test('say nothing more to a user whose session has ended', async (context) => {
      const { say } = bench.rig;
      if (!isThere() || say === undefined) return context.skip('nobody speaks in them');
      const gone = await bench.run(1);
      const other = await bench.run(2);
      await enter(gone, 1);
      await enter(other, 2);
      await gone.end();
      const { length } = gone.host.events;
      say('late', 10);
      await other.host.until((events) => said(events).length >= 10, 'the other one hears');
      assert.deepEqual(gone.host.events.slice(length), []);
    });

    test('carry nothing of a user who is not in them', async (context) => {
      if (!isThere()) return context.skip('it has none');
      const { session } = await bench.run();
      const away = { kind: 'room', id: bench.room } as const;
      const error = await outcome(() => session.send(away, bench.message('Hello')), 'send');
      assert.equal(error?.kind, 'not-joined', 'who is not in the room cannot speak in it');
      await session.send(bench.peer, bench.message('Bye'));
      await bench.untilHeard((texts) => texts.includes('Bye'), 'what came after it');
      assert.ok(!bench.rig.heard().includes('Hello'), 'the peer heard it all the same');
    });
  });
}

const said = (events: readonly Event[]): string[] => {
  const texts: string[] = [];
  for (const event of events) {
    if (event.kind === 'room-message' && event.nick !== undefined) texts.push(event.text);
  }
  return texts;
};

const numbered = (text: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${text} ${index}`);
