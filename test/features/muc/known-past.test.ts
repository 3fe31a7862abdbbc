import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageId, roomId } from 'causeway/plugin';
import type { RoomMessageEvent } from 'causeway/plugin';
import { childText } from '../../harness/xml-element.ts';
import type { XmppClient } from '../../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../../loopback/world.ts';
import { enter } from '../../scenario/world.ts';

const GARDEN = `#garden@${LOOP}`;
const YESTERDAY = new Date(Date.now() - 86_400_000);

interface Heard {
  readonly world: LoopbackWorld;
  readonly alice: XmppClient;
  readonly say: (text: string, more?: Partial<RoomMessageEvent>) => void;
  /** The bodies of all that came, once this came. */
  readonly until: (last: string) => Promise<(string | undefined)[]>;
}

async function start(config: readonly string[] = []): Promise<Heard> {
  const world = await LoopbackWorld.start({ config });
  const alice = await world.client('alice');
  world.network.join('#garden', 'Romeo');
  await enter(alice, GARDEN, 'alice');
  alice.takeAll();
  const room = roomId('#garden');
  return {
    world,
    alice,
    say: (text, more = {}) =>
      world.network.emit('alice', { kind: 'room-message', room, nick: 'Romeo', text, ...more }),
    until: async (last) => {
      const bodies: (string | undefined)[] = [];
      while (bodies.at(-1) !== last) {
        const message = await alice.expect(({ name }) => name === 'message');
        bodies.push(childText(message, 'body'));
      }
      return bodies;
    },
  };
}

test('shows what a network tells again only if it is not in the archive, by its id', async (context) => {
  const { world, say, until } = await start();
  context.after(() => world.stop());
  const past = { isPast: true, at: new Date() };
  say('heard', { id: messageId('1') });
  say('heard', { id: messageId('1'), ...past });
  say('heard', { id: messageId('2'), ...past });
  say('heard', { id: messageId('2'), ...past });
  say('end');
  assert.deepEqual(await until('end'), ['heard', 'heard', 'end']);
});

test('goes by who said what and when where the network gives no ids', async (context) => {
  const { world, say, until } = await start();
  context.after(() => world.stop());
  say('<b> & "c"');
  say('<b> & "c"', { isPast: true, at: new Date() });
  say('<b> & "c"', { isPast: true, at: new Date(), id: messageId('late') });
  say('<b> & "c"', { isPast: true, at: YESTERDAY });
  say('<b> & "c"', { isPast: true, at: new Date(), nick: 'Juliet' });
  say('end');
  assert.deepEqual(await until('end'), ['<b> & "c"', '<b> & "c"', '<b> & "c"', 'end']);
});

test('knows what the user said herself', async (context) => {
  const { world, alice, say, until } = await start();
  context.after(() => world.stop());
  alice.send(`<message type='groupchat' to='${GARDEN}'><body>mine</body></message>`);
  await until('mine');
  alice.send(`<message type='groupchat' to='${GARDEN}'><body xml:lang='de'>meins</body></message>`);
  await until('meins');
  say('mine', { isPast: true, at: new Date(), nick: 'alice' });
  say('meins', { isPast: true, at: new Date(), nick: 'alice' });
  say('end');
  assert.deepEqual(await until('end'), ['end']);
});

test('goes by the ids that it remembers where no archive is kept', async (context) => {
  const { world, say, until } = await start(['archive: { rooms: false }']);
  context.after(() => world.stop());
  const past = { isPast: true, at: new Date() };
  say('heard', { id: messageId('1') });
  say('heard', { id: messageId('1'), ...past });
  say('heard', { id: messageId('2'), ...past });
  say('end');
  assert.deepEqual(await until('end'), ['heard', 'heard', 'end']);
});
