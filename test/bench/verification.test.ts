import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textOf } from './load.ts';
import type { Load } from './load.ts';
import { verifyLines, verifyStanzas } from './verification.ts';

const toXmpp: Load = { direction: 'to XMPP', channel: '#c', users: 2, burst: 1, count: 4 };
const toIrc: Load = { ...toXmpp, direction: 'to IRC' };

function stanza(index: number, change: { to?: number; from?: string; body?: string } = {}): string {
  const to = `u${change.to ?? index % 2}@localhost/desk`;
  const body = (change.body ?? textOf(index)).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const xml = `<message from="#c%bench@irc.localhost/${change.from ?? 'peer'}" to='${to}' type='groupchat'><body>${body}</body></message>`;
  return Buffer.from(xml).toString('latin1');
}

const line = (index: number, text = textOf(index)): string =>
  Buffer.from(`u${index % 2} PRIVMSG #c :${text}`).toString('latin1');

test('messages that came to whom they were meant for, in order, are right', () => {
  verifyStanzas(toXmpp, 1, stanza(0) + stanza(1) + stanza(2) + stanza(3));
  verifyStanzas(toXmpp, 1, stanza(1) + stanza(3) + stanza(0) + stanza(2));
  verifyLines(toIrc, [line(0), line(1), line(2), line(3)]);
});

test('a message that is lost, doubled, changed, out of order or astray is noticed', () => {
  const wrong = [
    stanza(0) + stanza(1) + stanza(2),
    stanza(0) + stanza(1) + stanza(2) + stanza(3) + stanza(3),
    stanza(0) + stanza(1) + stanza(2) + stanza(3, { body: '3 something else' }),
    stanza(2) + stanza(1) + stanza(0) + stanza(3),
    stanza(0) + stanza(1) + stanza(2, { to: 1 }) + stanza(3),
    stanza(0, { from: 'other' }) + stanza(1) + stanza(2) + stanza(3),
  ];
  for (const text of wrong) assert.throws(() => verifyStanzas(toXmpp, 1, text), Error, text);
});

test('lines that are lost, changed or out of order are noticed', () => {
  const wrong = [
    [line(0), line(1), line(2)],
    [line(0), line(1), line(2), line(3, 'x')],
    [line(2), line(1), line(0), line(3)],
    [line(0), line(1), line(2), line(3), line(3)],
  ];
  for (const lines of wrong) assert.throws(() => verifyLines(toIrc, lines));
  assert.throws(() => verifyLines(toXmpp, [line(0)]));
});
