import assert from 'node:assert/strict';
import { test } from 'node:test';
import { texts } from '../../../../gateways/email/texts.ts';
import { compose } from '../../../../gateways/email/writing/compose.ts';
import type { File } from '../../../../src/plugin/index.ts';

/** A file whose server never answers. */
const silent = (url: string): File => ({
  name: 'a.txt',
  type: 'text/plain',
  url,
  open: (signal) =>
    new Promise((_, reject) => {
      const stop = (): void => reject(new Error('too late'));
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    }),
});

test('files that do not come hold a mail up once, not each', { timeout: 10_000 }, async () => {
  const urls = Array.from({ length: 20 }, (_, number) => `https://files.test/${number}`);
  const letter = {
    from: 'alice@mail.test',
    fromName: undefined,
    to: ['bob@mail.test'],
    cc: [],
    bcc: [],
    messageId: 'a@mail.test',
    subject: 'Files',
    text: 'Look',
    at: new Date(0),
    references: [],
    files: urls.map(silent),
  };
  const how = { isKept: false, maxFileBytes: 1_000, texts: texts('en'), fetchMs: 500 };
  // Time-outs alone do not keep the process up.
  const alive = setInterval(() => undefined, 1_000);
  const startedAt = performance.now();
  const written = await compose(letter, { ...how, signal: new AbortController().signal });
  assert.ok(performance.now() - startedAt < 5_000);
  assert.equal(written.content.text, ['Look', ...urls].join('\n'));
  written.end();
  clearInterval(alive);
});
