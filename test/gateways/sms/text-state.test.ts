import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advance, TextStates } from '../../../gateways/sms/text-state.ts';
import type { TextState } from '../../../gateways/sms/text-state.ts';

const run = (...told: readonly TextState[]): TextState | undefined =>
  told.reduce<TextState | undefined>((known, state) => advance(known, state), undefined);

test('a text never goes back, in whatever order and however often its states are told', () => {
  assert.equal(run('queued', 'sent', 'delivered'), 'delivered');
  assert.equal(run('delivered', 'sent', 'queued'), 'delivered');
  assert.equal(run('sent', 'queued', 'sent'), 'sent');
  assert.equal(run('failed', 'delivered'), 'failed');
  assert.equal(run('delivered', 'failed'), 'delivered');
});

test('only what is new about a text is told on, and what could not be told can be told again', () => {
  const states = new TextStates();
  assert.equal(states.tell('a', 'sent'), 'sent');
  assert.equal(states.tell('a', 'sent'), undefined);
  assert.equal(states.tell('a', 'delivered'), 'delivered');
  assert.equal(states.tell('a', 'sent'), undefined);
  assert.equal(states.tell('b', 'delivered'), 'delivered');
  states.forget('a');
  assert.equal(states.tell('a', 'delivered'), 'delivered');
});
