import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { pino } from 'pino';
import { LOG_OPTIONS } from '../../src/log.ts';

test('secrets do not reach the log, however deep they stand', () => {
  let text = '';
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, callback) => {
      text += chunk.toString();
      callback();
    },
  });
  const log = pino(LOG_OPTIONS, sink);
  log.info({ secret: 'hunter2', a: { password: 'hunter2', b: { token: 'hunter2' } } }, 'told');
  assert.match(text, /told/);
  assert.doesNotMatch(text, /hunter2/);
});
