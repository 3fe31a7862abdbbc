import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roomId } from '../../src/plugin/index.ts';
import { isOwn, MessageIds } from '../../src/session/message-ids.ts';
import { SentMessages } from '../../src/session/sent-messages.ts';
import { TakenMessage } from '../../src/session/taken-message.ts';

const chat = { kind: 'room', id: roomId('#a%irc') } as const;
const frame = {
  chat,
  sender: 'alice@example.org/phone',
  receiver: '#a%irc@irc.example.org',
  type: 'groupchat',
  nick: 'alice',
};
const AT = 1_764_500_000_123;
const parts = { key: 'k1', id: 'm1', stanzaId: 's1', text: 'Hello\nthere', at: AT, order: 7 };

test('all that was put in comes out, the time in seconds', () => {
  const message = new TakenMessage(frame, parts);
  const { key, id, stanzaId, text, at, order, nick, isOwn: own, networkIds } = message;
  assert.deepEqual(
    { key, id, stanzaId, text, at, order, nick, own, networkIds },
    { ...parts, at: AT - 123, nick: 'alice', own: true, networkIds: [] },
  );
  assert.equal(isOwn(message), false, 'nothing of it changes any more');
});

test('ids may be absent, and empty', () => {
  const { id: _, stanzaId: __, ...rest } = parts;
  const bare = new TakenMessage(frame, { id: undefined, stanzaId: undefined, ...rest });
  assert.deepEqual([bare.id, bare.stanzaId, bare.text], [undefined, undefined, parts.text]);
  const empty = new TakenMessage(frame, { ...parts, id: '', text: '' });
  assert.deepEqual([empty.id, empty.text], ['', '']);
});

test('it is found by its ids, and gives a late refusal the stanza that it is about', () => {
  const message = new TakenMessage(frame, parts);
  const ids = new MessageIds(['reply']);
  ids.add(message);
  assert.equal(ids.byStanzaId(chat, 's1'), message);
  assert.equal(ids.byId(chat, 'm1'), message);
  assert.equal(ids.byId({ kind: 'room', id: roomId('#b%irc') }, 'm1'), undefined);
  const sent = new SentMessages();
  sent.add(message);
  assert.deepEqual(sent.take('k1')?.attributes, {
    from: frame.sender,
    to: frame.receiver,
    type: 'groupchat',
    id: 'm1',
  });
  assert.equal(sent.take('k1'), undefined);
});
