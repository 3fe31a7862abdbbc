import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Field } from '../../src/plugin/index.ts';
import { checkAnswers } from '../../src/session/answers.ts';
import { Dialogue } from '../../src/session/dialogue.ts';

const field = (more: Partial<Field>): Field => ({
  name: 'it',
  label: 'That',
  kind: 'text',
  ...more,
});
const check = (asked: Field, ...values: string[]): ReturnType<typeof checkAnswers> =>
  checkAnswers({ instructions: '', fields: [asked] }, new Map([['it', values]]), 'en');

test('a boolean is 0, 1, true or false, and nothing else', () => {
  const flag = field({ kind: 'flag' });
  for (const [text, value] of [
    ['1', 'true'],
    [' true\n', 'true'],
    ['0', 'false'],
    ['false', 'false'],
  ] as const) {
    assert.deepEqual(check(flag, text), { answers: { it: value } });
  }
  for (const text of ['maybe', 'TRUE', 'yes', '2', 'true false', '\u0000']) {
    assert.deepEqual(check(flag, text), { problem: 'That ("it") must be true or false.' }, text);
  }
  assert.deepEqual(check(flag, ''), { answers: {} });
});

test('one of a list is one of those that are offered', () => {
  const choice = field({ kind: 'choice', options: [{ value: 'a', label: 'A' }] });
  assert.deepEqual(check(choice, 'a'), { answers: { it: 'a' } });
  for (const text of ['A', 'b', 'a b']) {
    assert.deepEqual(check(choice, text), { problem: 'That ("it") must be one of those offered.' });
  }
});

test('several values for what takes one are refused instead of all but the first being lost', () => {
  const problem = 'That ("it") takes one value only.';
  for (const kind of ['text', 'secret', 'flag', 'choice'] as const) {
    assert.deepEqual(check(field({ kind }), 'true', 'false'), { problem });
  }
  assert.deepEqual(check(field({}), '', 'one', ' '), { answers: { it: 'one' } });
  assert.deepEqual(check(field({ kind: 'lines' }), 'one', 'two'), { answers: { it: 'one\ntwo' } });
});

test('a boolean that cannot be taken is not shown again', async () => {
  const fields: Field[] = [
    { name: 'flag', label: 'flag', kind: 'flag', value: 'true' },
    { name: 'other', label: 'other', kind: 'flag', value: 'false' },
  ];
  const options = { node: 'test', parties: '', language: 'en' };
  const run = async function* (): ReturnType<ConstructorParameters<typeof Dialogue>[0]['run']> {
    yield { instructions: '', fields };
    return { text: '' };
  };
  const dialogue = new Dialogue({ ...options, run }, () => undefined);
  await dialogue.start();
  const turn = await dialogue.answer(
    new Map([
      ['flag', ['maybe']],
      ['other', ['1']],
    ]),
  );
  dialogue.end();
  assert.ok(turn.kind === 'asks');
  assert.deepEqual(
    turn.step.fields.map(({ value }) => value),
    ['true', 'true'],
  );
});

test('what is missing is named as each language quotes', () => {
  const fields = [
    field({ isRequired: true }),
    field({ name: 'nick', label: 'Nick', isRequired: true }),
  ];
  const problem = (language: string): unknown =>
    checkAnswers({ instructions: '', fields }, new Map(), language);
  assert.deepEqual(problem('en'), { problem: 'That ("it") is missing. "Nick" is missing.' });
  assert.deepEqual(problem('de'), { problem: 'That („it“) fehlt. „Nick“ fehlt.' });
});
