import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { LaterRecipients } from '../../../gateways/email/later-recipients.ts';
import { emailOptions } from '../../../gateways/email/options.ts';
import { OutgoingMail } from '../../../gateways/email/outgoing.ts';
import { SentMails } from '../../../gateways/email/sent-mails.ts';
import { Preferences } from '../../../gateways/email/settings.ts';
import { Mailer } from '../../../gateways/email/smtp/mailer.ts';
import { Talks } from '../../../gateways/email/talks.ts';
import { texts } from '../../../gateways/email/texts.ts';
import { UnfinishedMails } from '../../../gateways/email/unfinished.ts';
import { contactId } from '../../../src/plugin/index.ts';
import { RecordingHost } from '../../contract/recording-host.ts';
import { outgoing } from '../../harness/gateway-context.ts';
import { replyError, startMailServer } from '../../harness/mail-server.ts';
import type { MailServer } from '../../harness/mail-server.ts';

const ALICE = 'alice@mail.test';
const BOB = contactId('bob@mail.test');
const CAROL = contactId('carol@mail.test');

describe('a mail that the server takes its time with', { timeout: 30_000 }, () => {
  let server: MailServer;
  let mailer: Mailer;
  let outgoingMail: OutgoingMail;
  let answer: { resolve(): void; reject(error: Error): void };
  let unfinished: UnfinishedMails;
  let written: string[];
  const never = new AbortController();

  beforeEach(async () => {
    server = await startMailServer({ accounts: { [ALICE]: 'a', [BOB]: 'b' } });
    const options = emailOptions.parse({});
    const host = new RecordingHost();
    const { memory } = host;
    const set = memory.set.bind(memory);
    written = [];
    memory.set = (key, value) => {
      written.push(key);
      return set(key, value);
    };
    const say = () => texts('en');
    const returnPath = () => ALICE;
    unfinished = new UnfinishedMails(memory);
    const parts = { unfinished, host, options, texts: say };
    const { smtpPort: port } = server;
    mailer = new Mailer({
      server: { host: '127.0.0.1', port, security: 'none', verify: true, isTrusted: true },
      credentials: { kind: 'password', user: ALICE, password: 'a' },
      timings: options.timings,
      connections: 2,
    });
    outgoingMail = new OutgoingMail({
      own: ALICE,
      name: 'Alice',
      mailer,
      preferences: new Preferences(memory),
      talks: new Talks(memory),
      sent: new SentMails(memory),
      texts: say,
      options,
      returnPath,
      unfinished,
      later: new LaterRecipients({ own: ALICE, ...parts, mailer, returnPath }),
      copies: undefined,
      patienceMs: 500,
    });
    server.smtp.thinks = new Promise<void>((resolve, reject) => (answer = { resolve, reject }));
  });
  afterEach(async () => {
    mailer.close();
    await server.stop();
  });

  const message = outgoing({ key: 'k1', text: 'Hello' });
  const send = (given = message) => outgoingMail.send(BOB, given, never.signal);
  const toBoth = { ...message, also: [{ contact: CAROL, role: 'cc' } as const] };

  test('is given to it once, and the answer is found when it has come', async () => {
    await assert.rejects(send(), { kind: 'uncertain' });
    await assert.rejects(outgoingMail.outcome(message), { kind: 'unreachable' });
    await assert.rejects(send(), { kind: 'uncertain' });
    answer.resolve();
    const sent = await outgoingMail.outcome(message);
    assert.ok(typeof sent === 'object' && sent.ids.length === 1);
    assert.equal(server.taken.length, 1);
    assert.equal(await outgoingMail.outcome(message), 'unknown');
  });

  test('is refused in the end: that is what the next try says, without another mail', async () => {
    await assert.rejects(send(), { kind: 'uncertain' });
    answer.reject(replyError('554 5.7.1 Spam'));
    assert.equal(await outgoingMail.outcome(message), 'failed');
    await assert.rejects(send(), { kind: 'refused' });
    assert.equal(server.taken.length, 1);
  });

  test('is broken off, and nothing is in doubt, when it does not even begin', async () => {
    server.smtp.silent = true;
    await assert.rejects(send(), { kind: 'unreachable' });
    assert.equal(await outgoingMail.outcome(message), 'unknown');
    server.smtp.silent = false;
    delete server.smtp.thinks;
    assert.equal((await send()).ids.length, 1);
  });

  test('is not kept when it is taken for all of several recipients', async () => {
    answer.resolve();
    const sent = await send(toBoth);
    assert.equal(sent.refused, undefined);
    assert.deepEqual(server.taken[0]?.to, [BOB, CAROL]);
    assert.deepEqual(
      written.filter((key) => key.startsWith('unfinished')),
      [],
    );
  });

  test('is owed to whom one of two tries was refused for, until one is known to have been taken', async () => {
    answer.resolve();
    server.smtp.cutsAfterData = true;
    server.smtp.recipient = (address) => (address === CAROL ? '451 4.7.1 Greylisted' : undefined);
    await assert.rejects(send(toBoth), { kind: 'uncertain' });
    assert.deepEqual((await unfinished.find('k1'))?.later, [CAROL]);
    delete server.smtp.recipient;
    await assert.rejects(send(toBoth), { kind: 'uncertain' });
    assert.deepEqual(server.taken.at(-1)?.to, [BOB, CAROL]);
    assert.deepEqual((await unfinished.find('k1'))?.later, [CAROL]);
    server.smtp.cutsAfterData = false;
    const sent = await send(toBoth);
    assert.equal(sent.refused, undefined);
    assert.deepEqual(unfinished.all, []);
  });

  for (const [what, kind] of [
    ['did not reach the server', 'unreachable'],
    ['was refused', 'refused'],
  ] as const) {
    test(`is owed to whom it was refused for, though a try after the one in doubt ${what}`, async () => {
      answer.resolve();
      server.smtp.cutsAfterData = true;
      server.smtp.recipient = (address) => (address === CAROL ? '451 4.7.1 Greylisted' : undefined);
      await assert.rejects(send(toBoth), { kind: 'uncertain' });
      server.smtp.cutsAfterData = false;
      delete server.smtp.recipient;
      if (kind === 'refused') server.smtp.data = () => '554 5.7.1 Not now';
      else server.smtp.silent = true;
      await assert.rejects(send(toBoth), { kind });
      const sent = await outgoingMail.wasSent(BOB, toBoth);
      assert.equal(sent.refused, undefined);
      assert.deepEqual((await unfinished.find('k1'))?.later, [CAROL]);
    });
  }

  test('is said not to reach whom it was refused for, where there is no room to keep it', async () => {
    answer.resolve();
    server.smtp.cutsAfterData = true;
    server.smtp.recipient = (address) => (address === CAROL ? '451 4.7.1 Greylisted' : undefined);
    unfinished.keep = () => Promise.resolve(false);
    await assert.rejects(send(toBoth), { kind: 'uncertain' });
    delete server.smtp.recipient;
    await assert.rejects(send(toBoth), { kind: 'uncertain' });
    const sent = await outgoingMail.wasSent(BOB, toBoth);
    assert.deepEqual(
      sent.refused?.map(({ contact, error }) => [contact, error.kind, error.message]),
      [[CAROL, 'unreachable', texts('en').notTriedAgain]],
    );
    assert.equal((await outgoingMail.wasSent(BOB, toBoth)).refused, undefined);
  });

  test('is refused for good for whom both of two tries were, and tried again for others', async () => {
    answer.resolve();
    server.smtp.cutsAfterData = true;
    const dan = contactId('dan@mail.test');
    const toThree = { ...toBoth, also: [...toBoth.also, { contact: dan, role: 'cc' } as const] };
    server.smtp.recipient = (address) => (address === BOB ? undefined : '550 5.1.1 No such user');
    await assert.rejects(send(toThree), { kind: 'uncertain' });
    server.smtp.recipient = (address) => (address === dan ? '550 5.1.1 No such user' : undefined);
    await assert.rejects(send(toThree), { kind: 'uncertain' });
    const state = await unfinished.find('k1');
    assert.deepEqual(state?.later, [CAROL]);
    assert.deepEqual(
      state.refused.map(({ address }) => address),
      [dan],
    );
  });
});
