import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Letter } from '../../../gateways/irc/letter.ts';
import { RecentMessages } from '../../../gateways/irc/recent-messages.ts';
import { roomId } from '../../../src/plugin/index.ts';

const to = { kind: 'room', id: roomId('#a%irc') } as const;
const brief = (key: string, lane = '#a') => ({ to, key, lane });

function letterOf(key: string, lines: number): Letter {
  const nobody = () => undefined;
  const desk = { write: nobody, took: nobody, lost: nobody };
  return new Letter({ ...brief(key), lines: Array<string>(lines).fill('line') }, desk);
}

test('a refusal is about the latest message to its target, each of a single line once', () => {
  const recent = new RecentMessages();
  recent.add(brief('1'), 1_000);
  recent.add(brief('2'), 1_001);
  recent.add(brief('3', '#b'), 1_002);
  assert.equal(recent.refused('#a', 0)?.key, '2');
  assert.equal(recent.refused('#a', 0)?.key, '1');
  assert.equal(recent.refused('#a', 0), undefined);
  assert.equal(recent.refused('#b', 1_003), undefined, 'it is too long ago');
  assert.deepEqual(recent.refused('#b', 1_002), { to, key: '3', letter: undefined });
});

test('a message of several lines may be refused as often as it has lines out', () => {
  const recent = new RecentMessages();
  const letter = letterOf('long', 2);
  for (const at of [1_000, 1_001]) {
    letter.writeNext();
    recent.add(letter, at, letter);
  }
  assert.deepEqual(
    [1, 2, 3].map(() => recent.refused('#a', 0)?.key),
    ['long', 'long', undefined],
  );
});

test('what is told of otherwise is not told of again when the connection goes', () => {
  const recent = new RecentMessages();
  for (const [index, key] of ['1', '2', '3', '4'].entries()) recent.add(brief(key), 1_000 + index);
  assert.equal(recent.take('3')?.key, '3');
  assert.deepEqual(
    recent.writtenSince(1_001).map(({ key }) => key),
    ['2', '4'],
  );
  assert.equal(recent.take('nobody'), undefined);
});

test('what is old, or too much, is forgotten', () => {
  const recent = new RecentMessages();
  for (let index = 0; index < 1_000; index++) recent.add(brief(String(index)), index);
  assert.equal(recent.take('0'), undefined);
  assert.equal(recent.take('999')?.key, '999');
  recent.dropBefore(998);
  assert.equal(recent.take('998'), undefined);
  assert.equal(recent.isEmpty, false);
  recent.dropBefore(999);
  assert.equal(recent.isEmpty, true);
});
