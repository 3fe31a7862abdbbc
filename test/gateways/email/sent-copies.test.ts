import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gateway } from '../../../gateways/email/index.ts';
import type { SentCopy } from '../../../gateways/email/mailbox.ts';
import { SentCopies } from '../../../gateways/email/sent-copies.ts';
import { texts } from '../../../gateways/email/texts.ts';
import { UnfinishedMails } from '../../../gateways/email/unfinished.ts';
import { NetworkError } from '../../../src/plugin/index.ts';
import { RecordingHost } from '../../contract/recording-host.ts';
import { ALICE, BOB } from './mail-world.ts';

const options = gateway.options.parse({});

async function keep(unfinished: UnfinishedMails, key: string): Promise<void> {
  const state = {
    key,
    to: BOB,
    since: Date.now(),
    asksReceipt: false,
    isTaken: true,
    isFiled: false,
    ids: [key],
    later: [],
    refused: [],
  };
  const letter = {
    from: ALICE,
    fromName: undefined,
    to: [BOB],
    cc: [],
    bcc: [],
    messageId: key,
    subject: `About ${key}`,
    text: 'Text',
    at: Date.now(),
    references: [],
    files: [],
  };
  assert.ok(await unfinished.keep(state, letter));
}

test('a copy that breaks the connection keeps no other from its place, and is given up', async (t) => {
  const host = new RecordingHost();
  const unfinished = new UnfinishedMails(host.memory);
  await keep(unfinished, 'bad');
  await keep(unfinished, 'good');
  const asked: string[] = [];
  let opened = (): void => undefined;
  const mailbox = {
    whenOpen: (listener: () => void) => void (opened = listener),
    fileSent: async (copy: SentCopy) => {
      copy.begins();
      asked.push(copy.id);
      if (copy.id !== 'bad') return;
      opened();
      throw new NetworkError('unreachable', 'Gone.');
    },
  };
  const parts = { own: ALICE, mailbox, unfinished, host, options, againMs: 5 };
  const copies = new SentCopies({ ...parts, texts: () => texts('en') });
  const end = new AbortController();
  t.after(() => end.abort());
  await copies.start(end.signal);
  await host.until((events) => events.length > 0, 'the notice');
  assert.deepEqual(asked, ['bad', 'good', 'bad', 'bad', 'bad', 'bad', 'bad']);
  const [notice] = host.events;
  assert.match(notice?.kind === 'notice' ? notice.text : '', /“About bad” to bob@mail\.test.*Gone/);
  assert.equal(host.events.length, 1);
});

test('a letter that cannot be read keeps no other from its place', async (t) => {
  const host = new RecordingHost();
  const unfinished = new UnfinishedMails(host.memory);
  await keep(unfinished, 'bad');
  await keep(unfinished, 'good');
  const letter = unfinished.letter.bind(unfinished);
  t.mock.method(unfinished, 'letter', (key: string) =>
    key === 'bad' ? Promise.reject(new SyntaxError('no JSON')) : letter(key),
  );
  const end = new AbortController();
  t.after(() => end.abort());
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('it was never put away')), 5_000);
    const fileSent = ({ id }: SentCopy): Promise<void> => {
      assert.equal(id, 'good');
      clearTimeout(timer);
      resolve();
      return Promise.resolve();
    };
    const mailbox = { whenOpen: () => undefined, fileSent };
    const parts = { own: ALICE, mailbox, unfinished, host, options };
    const copies = new SentCopies({ ...parts, texts: () => texts('en') });
    void copies.start(end.signal);
  });
});

test('while the mailbox is away nothing counts as a try', async (t) => {
  const host = new RecordingHost();
  const unfinished = new UnfinishedMails(host.memory);
  await keep(unfinished, 'k');
  let asked = 0;
  const away = (): Promise<void> => {
    asked += 1;
    return Promise.reject(new NetworkError('unreachable', 'Away.'));
  };
  const mailbox = { whenOpen: () => undefined, fileSent: away };
  const parts = { own: ALICE, mailbox, unfinished, host, options, againMs: 1 };
  const end = new AbortController();
  t.after(() => end.abort());
  await new SentCopies({ ...parts, texts: () => texts('en') }).start(end.signal);
  const deadline = performance.now() + 5_000;
  while (asked < 20 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  assert.ok(asked >= 20);
  assert.deepEqual(host.events, []);
});
