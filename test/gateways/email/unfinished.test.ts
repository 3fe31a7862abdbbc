import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { UnfinishedMails } from '../../../gateways/email/unfinished.ts';
import { contactId } from '../../../src/plugin/index.ts';
import type { File, Outgoing, Recipient } from '../../../src/plugin/index.ts';
import { memoryOf, RecordingHost } from '../../contract/recording-host.ts';
import { ALICE, BOB, contact, MailWorld } from './mail-world.ts';

const CAROL = 'carol@mail.test';
const carol: Recipient = { contact: contactId(CAROL), role: 'cc' };

describe('a mail with which not all is done', { timeout: 60_000 }, () => {
  let world: MailWorld;
  beforeEach(async () => {
    world = await MailWorld.start({
      timings: { reconnectMinMs: 20, reconnectMaxMs: 50, laterMs: 40 },
    });
  });
  afterEach(() => world.stop());

  const answer = (reply: string | undefined): void => {
    world.server.smtp.recipient = (address) => (address === CAROL ? reply : undefined);
  };
  const toBoth = (more: Partial<Outgoing> = {}): Outgoing =>
    world.message('To both', { also: [carol], ...more });
  const recipients = (): string[] => world.server.taken.map(({ to }) => to.join(' '));
  const ids = (): Set<string> =>
    new Set(
      world.server.taken.map(({ raw }) => /^Message-ID: .*$/im.exec(raw.toString())?.[0] ?? ''),
    );
  const filed = (): readonly string[] =>
    world.server.folder(ALICE, 'Sent').mails.map(({ raw }) => raw.toString());
  /** The session of a program that is started anew. */
  const after = (host: RecordingHost): RecordingHost =>
    Object.assign(new RecordingHost(), { memory: host.memory });

  test('goes out again for one recipient who was refused for now, and for nobody else', async () => {
    const { session } = await world.open();
    answer('451 4.7.1 Greylisted');
    const sent = await session.send(contact(BOB), toBoth());
    assert.equal(sent.refused, undefined);
    answer(undefined);
    await until(() => world.server.taken.length === 2);
    assert.deepEqual(recipients(), [BOB, CAROL]);
    assert.equal(ids().size, 1);
    await pause(300);
    assert.equal(world.server.taken.length, 2);
  });

  test('goes out again after a restart', async () => {
    const account = await world.register();
    const first = await world.open(account);
    answer('451 4.7.1 Greylisted');
    await first.session.send(contact(BOB), toBoth({ text: 'x'.repeat(70_000) }));
    await first.end();
    answer(undefined);
    await world.open(account, after(first.host));
    await until(() => world.server.taken.length === 2);
    assert.deepEqual(recipients(), [BOB, CAROL]);
  });

  test('is refused for good later: the user is told of whom', async () => {
    const { host, session } = await world.open();
    answer('451 4.7.1 Greylisted');
    const message = toBoth();
    await session.send(contact(BOB), message);
    answer('550 5.1.1 No such user');
    await host.until((events) => events.some(({ kind }) => kind === 'failed'), 'the failure');
    const [failed] = host.events.filter((event) => event.kind === 'failed');
    assert.equal(failed?.key, message.key);
    assert.deepEqual(failed.to, contact(BOB));
    assert.match(failed.error.message, /carol@mail\.test.*No such user/);
    assert.equal(failed.error.kind, 'not-found');
  });

  test('is given up when messages are: with what the server said last', async () => {
    const host = Object.assign(new RecordingHost(), { messageLifeMs: 100 });
    const { session } = await world.open(undefined, host);
    answer('451 4.7.1 Greylisted');
    await session.send(contact(BOB), toBoth());
    await host.until((events) => events.some(({ kind }) => kind === 'failed'), 'the failure');
    const [failed] = host.events.filter((event) => event.kind === 'failed');
    assert.match(failed?.error.message ?? '', /carol@mail\.test.*too long.*Greylisted/);
  });

  test('was taken for some when the connection broke: what was said of the others is known', async () => {
    const { session } = await world.open();
    const dan: Recipient = { contact: contactId('nobody@mail.test'), role: 'bcc' };
    answer('451 4.7.1 Greylisted');
    world.server.smtp.cutsAfterData = true;
    const message = toBoth({ also: [carol, dan] });
    await assert.rejects(session.send(contact(BOB), message), { kind: 'uncertain' });
    world.server.smtp.cutsAfterData = false;
    // A provider that puts away what was sent shows that it was.
    world.server.folder(ALICE, 'Sent').append(world.server.taken[0]?.raw ?? Buffer.alloc(0));
    const sent = await session.wasTaken(contact(BOB), message);
    assert.deepEqual(
      sent?.refused?.map((one) => one.contact),
      ['nobody@mail.test'],
    );
    answer(undefined);
    await until(() => world.server.taken.length === 2);
    assert.deepEqual(recipients(), [BOB, CAROL]);
  });

  test('is put away when the mailbox is back, after a restart, and once', async () => {
    const account = await world.register();
    const first = await world.open(account);
    await world.server.closeImap();
    await first.session.send(contact(BOB), world.message('Keep me'));
    await first.end();
    assert.deepEqual(filed(), []);
    await world.server.openImap();
    await world.open(account, after(first.host));
    await until(() => filed().length === 1);
    assert.match(filed()[0] ?? '', /Keep me/);
    const [sent = ''] = world.server.taken.map(({ raw }) => raw.toString());
    const same = (text: string): string => text.replace(/\r\n/g, '\n').trim();
    assert.equal(same(filed()[0] ?? ''), same(sent));
    await pause(100);
    assert.equal(filed().length, 1);
  });

  test('is not put away twice when it lies there', async () => {
    const account = await world.register();
    const first = await world.open(account);
    await world.server.closeImap();
    await first.session.send(contact(BOB), world.message('Keep me'));
    await first.end();
    world.server.folder(ALICE, 'Sent').append(world.server.taken[0]?.raw ?? Buffer.alloc(0));
    await world.server.openImap();
    const second = await world.open(account, after(first.host));
    await until(() => world.server.imapLines.some((line) => /SEARCH.*message-id/i.test(line)));
    await second.session.send(contact(BOB), world.message('Another one'));
    await until(() => filed().length === 2);
    assert.match(filed()[1] ?? '', /Another one/);
  });

  test('is put away by a server that puts nothing into what is open for reading alone', async () => {
    const account = await world.register();
    const first = await world.open(account);
    await world.server.closeImap();
    await first.session.send(contact(BOB), world.message('Keep me'));
    await first.end();
    let isReadOnly = false;
    world.server.imap.answer = (tag, command) => {
      if (/^(SELECT|EXAMINE) /.test(command)) isReadOnly = command.startsWith('EXAMINE');
      const isRefused = isReadOnly && command.includes('APPEND');
      return isRefused ? `${tag} NO Current box is selected READ-ONLY.\r\n` : undefined;
    };
    await world.server.openImap();
    await world.open(account, after(first.host));
    await until(() => filed().length === 1);
  });

  test('is put away with its files, which are fetched again', async () => {
    const account = await world.register();
    const first = await world.open(account);
    const file: File = {
      name: 'a.txt',
      type: 'text/plain',
      url: 'https://files.example.org/a.txt',
      open: () => Promise.resolve(new Blob(['content of a']).stream()),
    };
    await world.server.closeImap();
    await first.session.send(contact(BOB), world.message('Keep me', { files: [file] }));
    await first.end();
    await world.server.openImap();
    const host = Object.assign(after(first.host), { file: () => file });
    await world.open(account, host);
    await until(() => filed().length === 1);
    assert.match(filed()[0] ?? '', /filename=a\.txt/);
    assert.ok(filed()[0]?.includes(Buffer.from('content of a').toString('base64')));
  });

  test('is put away in a folder that is made where there is none', async () => {
    await world.stop();
    world = await MailWorld.start({}, { hasNoSent: true });
    const { session } = await world.open();
    await session.send(contact(BOB), world.message('Keep me'));
    await session.send(contact(BOB), world.message('Me, too'));
    await until(
      () => world.server.imapLines.filter((line) => line.startsWith('APPEND')).length === 2,
    );
    await until(() => filed().length === 2);
    assert.equal(world.server.imapLines.filter((line) => line.startsWith('CREATE')).length, 1);
  });

  test('is not wanted among what was sent: the user is told, and it is not tried again', async () => {
    const { host, session } = await world.open();
    let asked = 0;
    world.server.imap.answer = (tag, command) => {
      if (!command.includes('APPEND')) return undefined;
      asked += 1;
      return `${tag} NO [OVERQUOTA] Quota exceeded\r\n`;
    };
    await session.send(contact(BOB), world.message('Keep me', { subject: 'Lunch' }));
    await host.until((events) => events.some(({ kind }) => kind === 'notice'), 'the notice');
    const [notice] = host.events.filter((event) => event.kind === 'notice');
    assert.match(notice?.text ?? '', /“Lunch” to bob@mail\.test.*Quota exceeded/);
    await pause(100);
    assert.equal(asked, 1);
  });
});

describe('the memory of mails with which not all is done', () => {
  const letter = (text: string) => ({
    from: ALICE,
    fromName: undefined,
    to: [BOB],
    cc: [],
    bcc: [],
    messageId: 'm@mail.test',
    subject: 'S',
    text,
    at: 0,
    references: [],
    files: [],
  });
  const state = (key: string) => ({
    key,
    to: BOB,
    since: 0,
    asksReceipt: false,
    isTaken: true,
    ids: ['m@mail.test'],
    later: [CAROL],
    refused: [],
    isFiled: true,
  });

  test('holds long texts with any characters', async () => {
    const memory = memoryOf(new Map());
    const text = '😀a'.repeat(60_000);
    assert.ok(await new UnfinishedMails(memory).keep(state('k'), letter(text)));
    const again = new UnfinishedMails(memory);
    await again.load();
    assert.equal((await again.letter('k'))?.text, text);
  });

  test('forgets what is done, but who was refused', async () => {
    const values = new Map<string, string>();
    const mails = new UnfinishedMails(memoryOf(values));
    for (let index = 0; index < 200; index += 1) {
      assert.ok(await mails.keep(state(`k${index}`), letter('x'.repeat(3_000))));
      await mails.change(`k${index}`, { later: [] });
    }
    const killed = new UnfinishedMails(memoryOf(values));
    await killed.load();
    assert.deepEqual(killed.all, []);
    const refused = [{ address: BOB, kind: 'refused', text: 'No' } as const];
    assert.ok(await mails.keep({ ...state('r'), refused }, letter('x')));
    await mails.change('r', { later: [] });
    await mails.flush();
    assert.deepEqual(
      mails.all.map(({ key }) => key),
      ['r'],
    );
    assert.equal(values.size, 1);
  });

  test('forgets what was never known to be taken, when nobody asks any more', async () => {
    const mails = new UnfinishedMails(memoryOf(new Map()), 1_000);
    const open = { isTaken: false, isFiled: false };
    for (const [key, ageMs] of [['old', 3_602_000] as const, ['new', 3_500_000] as const]) {
      const since = Date.now() - ageMs;
      await mails.keep({ ...state(key), ...open, since }, letter('x'));
    }
    await mails.keep(state('k'), letter('x'));
    assert.deepEqual(
      mails.all.map(({ key }) => key),
      ['new', 'k'],
    );
  });

  test('has an end, and leaves nothing of what is forgotten', async () => {
    const values = new Map<string, string>();
    const mails = new UnfinishedMails(memoryOf(values));
    assert.equal(await mails.keep(state('k'), letter('x'.repeat(1_300_000))), false);
    let count = 0;
    while (await mails.keep(state(`k${count}`), letter('x'.repeat(1_000)))) count += 1;
    assert.ok(count >= 20, `${count}`);
    for (let index = 0; index < count; index += 1) await mails.forget(`k${index}`);
    assert.equal(values.size, 0);
  });
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!isTrue()) {
    if (performance.now() > deadline) assert.fail('waited in vain');
    await pause(5);
  }
}
