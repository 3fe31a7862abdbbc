import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contactId, NetworkError } from 'causeway/plugin';
import type { Member } from 'causeway/plugin';
import { child, childText } from '../../harness/xml-element.ts';
import type { Element } from '../../harness/xml-element.ts';
import { LOOP, LoopbackWorld } from '../../loopback/world.ts';
import { enter } from '../../scenario/world.ts';

const GARDEN = `#garden@${LOOP}`;

test('a room that comes back shows who has the old nick of the user, and that the one with her new nick is gone', async () => {
  const world = await LoopbackWorld.start();
  try {
    const alice = await world.client('alice');
    world.network.join('#garden', 'Juliet');
    await enter(alice, GARDEN, 'alice');
    const room = world.network.room('#garden').id;
    world.network.emit('alice', {
      kind: 'room-lost',
      room,
      returning: true,
      error: new NetworkError('unreachable', 'Gone.'),
    });
    const member = (nick: string): Member => ({
      nick,
      rank: 'participant',
      contact: contactId(nick.toLowerCase()),
    });
    const members = ['alice', 'Juliet'].map(member);
    world.network.emit('alice', { kind: 'room', room, state: { nick: 'Juliet', members } });
    const seen: string[] = [];
    while (seen.at(-1) !== 'Back in the room.') {
      const stanza = await alice.expect(({ attrs }) => attrs['from']?.startsWith(GARDEN) === true);
      seen.push(stanza.name === 'presence' ? summary(stanza) : (childText(stanza, 'body') ?? ''));
    }
    const lost = seen.findIndex((text) => text.includes('Gone.'));
    assert.deepEqual(seen.slice(lost + 1, -1), [
      'Juliet unavailable',
      'alice unavailable 303 110',
      'alice',
      'Juliet 110',
    ]);
  } finally {
    await world.stop();
  }
});

function summary(presence: Element): string {
  const { from = '', type } = presence.attrs;
  const x = child(presence, 'x', 'http://jabber.org/protocol/muc#user');
  const codes = (x?.children ?? []).flatMap((node) =>
    typeof node !== 'string' && node.name === 'status' ? [node.attrs['code']] : [],
  );
  return [from.slice(GARDEN.length + 1), type, ...codes].filter(Boolean).join(' ');
}
