import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { contactId, messageId, NetworkError } from '../../../src/plugin/index.ts';
import { takeApart } from '../../../gateways/email/mime/mail.ts';
import type { File, Outgoing } from '../../../src/plugin/index.ts';
import { RecordingHost } from '../../contract/recording-host.ts';
import { ALICE, BOB, contact, heard, mail, MailWorld } from './mail-world.ts';

const file = (name: string, content: string, url?: string): File => ({
  name,
  type: 'text/plain',
  ...(url === undefined ? {} : { url }),
  open: () => Promise.resolve(new Blob([content]).stream()),
});

describe('a mailbox', { timeout: 60_000 }, () => {
  let world: MailWorld;
  beforeEach(async () => (world = await MailWorld.start()));
  afterEach(() => world.stop());

  const taken = (): string => world.server.taken.at(-1)?.raw.toString() ?? '';

  test('brings a mail as a message of its sender, with the thread it begins', async () => {
    const { host } = await world.open();
    world.server.deliver(ALICE, mail({ Subject: 'Lunch', 'Message-ID': '<1@mail.test>' }, 'Now?'));
    const event = await heard(host, 'Now?');
    assert.equal(event.from, BOB);
    assert.equal(event.nick, 'Bob');
    assert.equal(event.subject, 'Lunch');
    assert.equal(event.id, '1@mail.test');
    assert.ok(event.thread !== undefined);
  });

  test('tells nothing of what lay there before, and of everything once after', async () => {
    world.server.deliver(ALICE, mail({ 'Message-ID': '<old@mail.test>' }, 'Old'));
    const account = await world.register();
    // What comes between the registration and the first connection is new.
    world.server.deliver(ALICE, mail({ 'Message-ID': '<between@mail.test>' }, 'Between'));
    const first = await world.open(account);
    await heard(first.host, 'Between');
    await first.end();
    world.server.deliver(ALICE, mail({ 'Message-ID': '<away@mail.test>' }, 'Away'));
    const again = new RecordingHost();
    Object.assign(again, { memory: first.host.memory });
    const second = await world.open(account, again);
    await heard(second.host, 'Away');
    const told = [...first.host.events, ...second.host.events].map((event) =>
      event.kind === 'message' ? event.text : event.kind,
    );
    assert.deepEqual(told, ['Between', 'Away']);
  });

  test('tells no mail twice when the server numbers all mails anew', async () => {
    const { host } = await world.open();
    world.server.deliver(ALICE, mail({ 'Message-ID': '<1@mail.test>' }, 'First'));
    await heard(host, 'First');
    await world.server.closeImap();
    world.server.folder(ALICE).renumber();
    world.server.deliver(ALICE, mail({ 'Message-ID': '<2@mail.test>' }, 'Second'));
    await world.server.openImap();
    await heard(host, 'Second');
    const texts = host.events.map((event) => (event.kind === 'message' ? event.text : ''));
    assert.deepEqual(texts, ['First', 'Second']);
  });

  test('tells two mails of one Message-ID, and one that lies there twice once', async () => {
    const { host } = await world.open();
    const one = { 'Message-ID': '<1@mail.test>', Date: 'Mon, 23 Nov 2026 10:00:00 +0000' };
    const two = { ...one, Date: 'Mon, 23 Nov 2026 11:00:00 +0000' };
    world.server.deliver(ALICE, mail(one, 'First'));
    world.server.deliver(ALICE, mail(two, 'Second'));
    await heard(host, 'Second');
    world.server.deliver(ALICE, mail(one, 'First'));
    world.server.deliver(ALICE, mail(two, 'Second'));
    world.server.deliver(ALICE, mail({ 'Message-ID': '<2@mail.test>' }, 'Last'));
    await heard(host, 'Last');
    const told = host.events.flatMap((event) => (event.kind === 'message' ? [event] : []));
    assert.deepEqual(
      told.map(({ text }) => text),
      ['First', 'Second', 'Last'],
    );
    assert.equal(new Set(told.map(({ id }) => id)).size, 3);
  });

  test('fetches no more at a time than may be in memory together', async () => {
    const large = 'A large one.\r\n'.repeat(200_000);
    for (const name of ['1', '2', '3']) {
      world.server.deliver(ALICE, mail({ 'Message-ID': `<${name}@mail.test>` }, large));
    }
    const { host, session } = await world.open();
    world.server.deliver(ALICE, mail({ 'Message-ID': '<4@mail.test>' }, 'A small one'));
    await heard(host, 'A small one');
    const before = world.server.imapLines.length;
    assert.equal(await session.mailbox.recent(4), 4);
    const asked = world.server.imapLines.slice(before);
    const fetches = asked.filter((line) => line.includes('BODY.PEEK[]'));
    assert.deepEqual(
      fetches.map((line) => line.split(' ')[2]),
      ['1', '2', '3,4'],
    );
  });

  test('does not move on before the core has stored what came', async () => {
    const account = await world.register();
    const { end, host } = await world.open(account);
    host.stallAt(({ kind }) => kind === 'message');
    world.server.deliver(ALICE, mail({ 'Message-ID': '<1@mail.test>' }, 'Held'));
    await heard(host, 'Held');
    await end();
    const again = new RecordingHost();
    Object.assign(again, { memory: host.memory });
    await world.open(account, again);
    await heard(again, 'Held');
  });

  test('tells what is read with another program, as far as all before it is read', async () => {
    world.server.deliver(ALICE, mail({ 'Message-ID': '<0@mail.test>' }, 'Before her time'));
    const { host, session } = await world.open();
    for (const [id, from] of [
      ['1', BOB],
      ['2', BOB],
      ['3', 'carol@mail.test'],
      ['4', BOB],
    ] as const) {
      world.server.deliver(
        ALICE,
        mail({ 'Message-ID': `<${id}@mail.test>`, From: from }, `T${id}`),
      );
    }
    await heard(host, 'T4');
    const seen = (): string[] =>
      host.events.flatMap((event) => (event.kind === 'seen' ? [String(event.id)] : []));
    const folder = world.server.folder(ALICE);
    // The second of Bob's, whose first is still unread.
    folder.mark(3, '\\Seen');
    folder.mark(4, '\\Seen');
    await host.until(() => seen().length > 0, 'the first mail seen');
    assert.deepEqual(seen(), ['3@mail.test']);
    folder.mark(2, '\\Seen');
    await host.until(() => seen().length > 1, 'the second mail seen');
    assert.deepEqual(seen(), ['3@mail.test', '2@mail.test']);
    // What she has seen here is not news to her.
    await session.mark(contact(BOB), messageId('4@mail.test'));
    await session.preferences.change({ showsSeen: false });
    world.server.deliver(ALICE, mail({ 'Message-ID': '<5@mail.test>', From: BOB }, 'T5'));
    await heard(host, 'T5');
    folder.mark(6, '\\Seen');
    world.server.deliver(ALICE, mail({ 'Message-ID': '<6@mail.test>', From: BOB }, 'T6'));
    await heard(host, 'T6');
    assert.equal(seen().length, 2);
  });

  test('without IDLE is looked at now and then', async () => {
    world.server.imap.hasNoIdle = true;
    const { host } = await world.open();
    world.server.deliver(ALICE, mail({}, 'No hurry'));
    await heard(host, 'No hurry');
  });

  test('answers go into the thread, with the subject of it', async () => {
    const { host, session } = await world.open();
    world.server.deliver(ALICE, mail({ Subject: 'Lunch', 'Message-ID': '<1@mail.test>' }, 'Now?'));
    const { thread } = await heard(host, 'Now?');
    assert.ok(thread !== undefined);
    await session.send(contact(BOB), world.message('Yes.', { thread }));
    assert.match(taken(), /^Subject: Re: Lunch\r$/m);
    assert.match(taken(), /^In-Reply-To: <1@mail\.test>\r$/m);
    assert.match(taken(), /^References: <1@mail\.test>\r$/m);
    assert.doesNotMatch(taken(), /^(Auto-Submitted|Bcc):/im);
  });

  test('an answer to a mail without Message-ID names none', async () => {
    const { host, session } = await world.open();
    world.server.deliver(ALICE, mail({ Subject: 'Lunch' }, 'Now?'));
    const { id } = await heard(host, 'Now?');
    assert.ok(id !== undefined);
    await session.send(contact(BOB), world.message('Yes.', { reply: { id } }));
    assert.match(taken(), /^Subject: Re: Lunch\r$/m);
    assert.doesNotMatch(taken(), /invalid/);
  });

  test('an answer goes where the mail before it wants it, and nowhere else', async () => {
    const { host, session } = await world.open();
    const ask = async (number: number, fields: object = {}): Promise<void> => {
      const id = `<${number}@mail.test>`;
      world.server.deliver(ALICE, mail({ 'Message-ID': id, ...fields }, `This is ${number}`));
      await heard(host, `This is ${number}`);
    };
    const answered = async (more: Partial<Outgoing>): Promise<string> => {
      await session.send(contact(BOB), world.message('Yes', more));
      return world.server.taken.at(-1)?.to.join() ?? '';
    };
    await ask(1, { 'Reply-To': 'desk@mail.test' });
    assert.equal(await answered({}), 'desk@mail.test');
    await ask(2, { References: '<1@mail.test>' });
    assert.equal(await answered({}), BOB);
    await ask(3, { References: '<1@mail.test>', 'Reply-To': ALICE });
    assert.equal(await answered({}), BOB);
    // Forms on web pages: all are from the same address, and each is of somebody else.
    for (let number = 10; number < 20; number += 1) {
      await ask(number, { 'Reply-To': `visitor${number}@mail.test` });
    }
    assert.equal(
      await answered({ reply: { id: messageId('18@mail.test') } }),
      'visitor18@mail.test',
    );
    assert.equal(await answered({ reply: { id: messageId('10@mail.test') } }), BOB);
    assert.match(taken(), /^In-Reply-To: <10@mail\.test>\r$/m);
  });

  test('a subject of the user begins a thread, and a first line can be one', async () => {
    const { session } = await world.open();
    await session.send(contact(BOB), world.message('Hi', { subject: 'One\r\nBcc: x@example.org' }));
    assert.match(taken(), /^Subject: One Bcc: x@example\.org\r$/m);
    await session.send(contact(BOB), world.message('Subject: Two\nHi'));
    assert.match(taken(), /^Subject: Two\r$/m);
    await session.send(contact(BOB), world.message('Betreff: Three\n\nHi'));
    assert.match(taken(), /^Subject: Three\r$/m);
    assert.doesNotMatch(taken(), /^In-Reply-To:/m);
    assert.deepEqual(
      world.server.taken.map(({ to }) => to),
      [[BOB], [BOB], [BOB]],
    );
  });

  test('every try to send a message has the same Message-ID', async () => {
    const { session } = await world.open();
    const message = world.message('Once');
    world.server.smtp.data = () => '451 4.3.0 Not now';
    await assert.rejects(session.send(contact(BOB), message), { kind: 'unreachable' });
    delete world.server.smtp.data;
    const { ids } = await session.send(contact(BOB), message);
    const again = await session.send(contact(BOB), { ...message, attempt: 2 });
    assert.deepEqual(again.ids, ids);
    assert.match(taken(), new RegExp(`^Message-ID: <${ids[0]}>`, 'm'));
  });

  test('an answer that never came is uncertain, and one before it is not', async () => {
    const { session } = await world.open();
    world.server.smtp.cutsAfterData = true;
    await assert.rejects(session.send(contact(BOB), world.message('Lost')), { kind: 'uncertain' });
  });

  test('refusals are what they are: final, for now, of one of several', async () => {
    const { session } = await world.open();
    world.server.smtp.recipient = (address) =>
      address.startsWith('full') ? '452 4.2.2 Mailbox full' : undefined;
    const send = (to: string): Promise<unknown> => session.send(contact(to), world.message('Hi'));
    await assert.rejects(send('nobody@mail.test'), { kind: 'not-found' });
    await assert.rejects(send('full@mail.test'), { kind: 'unreachable' });
    world.server.smtp.data = () => '552 5.2.2 Over quota';
    await assert.rejects(send(BOB), { kind: 'full' });
    world.server.smtp.data = () => undefined;
    const also = [{ contact: contactId('nobody@mail.test'), role: 'cc' }] as const;
    const { refused } = await session.send(contact(BOB), world.message('Hi', { also }));
    assert.equal(refused?.[0]?.contact, 'nobody@mail.test');
    assert.ok(refused[0].error instanceof NetworkError);
  });

  test('a large file goes out as it is, and lies so among what was sent', async () => {
    const { session } = await world.open();
    const content = Buffer.from(Array.from({ length: 700_000 }, (_, at) => (at * 13) % 256));
    const large: File = {
      name: 'large.bin',
      type: 'application/octet-stream',
      open: () => Promise.resolve(new Blob([content]).stream()),
    };
    await session.send(contact(BOB), world.message('See', { files: [large] }));
    const { raw = Buffer.alloc(0) } = world.server.taken.at(-1) ?? {};
    const { attachments } = await takeApart(raw);
    assert.ok(attachments[0]?.content().equals(content));
    const sent = world.server.folder(ALICE, 'Sent').mails;
    for (let tries = 0; sent.length === 0 && tries < 200; tries += 1)
      await session.wasTaken(contact(BOB), world.message('x'));
    assert.ok(world.server.folder(ALICE, 'Sent').mails[0]?.raw.equals(raw));
  });

  test('tells that it can send again when the mailbox is back', async () => {
    const { host } = await world.open();
    world.server.deliver(ALICE, mail({ 'Message-ID': '<1@mail.test>' }, 'First'));
    await heard(host, 'First');
    const isOnline = (): boolean => host.events.some(({ kind }) => kind === 'network');
    assert.equal(isOnline(), false);
    await world.server.closeImap();
    await world.server.openImap();
    await host.until(isOnline, 'the news that the mailbox is back');
  });

  test('files are attached; of one that cannot be had the link is sent', async () => {
    const { session } = await world.open();
    const broken: File = {
      ...file('b.txt', '', 'https://files.example.org/b.txt'),
      open: () => Promise.reject(new NetworkError('unreachable', 'no')),
    };
    const files = [file('../a.txt', 'content of a'), broken];
    await session.send(contact(BOB), world.message('See', { files }));
    assert.match(taken(), /filename=a\.txt/);
    assert.match(taken(), new RegExp(Buffer.from('content of a').toString('base64')));
    assert.match(taken(), /https:\/\/files\.example\.org\/b\.txt/);
  });

  test('what is sent is put among the sent mails, and is known to have been taken', async () => {
    const { session } = await world.open();
    const message = world.message('Keep me');
    await session.send(contact(BOB), message);
    const known = await session.wasTaken(contact(BOB), message);
    assert.equal(known?.ids.length, 1);
    const { mails, watchers } = world.server.folder(ALICE, 'Sent');
    if (mails.length === 0) await new Promise<void>((resolve) => watchers.add(resolve));
    assert.equal(mails.length, 1);
    assert.equal(await session.wasTaken(contact(BOB), world.message('Other')), undefined);
  });

  test('what the user has seen is marked in the mailbox, with all before it from the same sender', async () => {
    const { host, session } = await world.open();
    for (const number of [1, 2, 3]) {
      world.server.deliver(ALICE, mail({ 'Message-ID': `<${number}@mail.test>` }, `No. ${number}`));
    }
    await heard(host, 'No. 3');
    await session.mark(contact(BOB), messageId('2@mail.test'));
    const seen = world.server.folder(ALICE).mails.map(({ flags }) => flags.has('\\Seen'));
    assert.deepEqual(seen, [true, true, false]);
  });

  test('a bounce is a failure of its message, and a forged one only a mail', async () => {
    const { host, session } = await world.open();
    const message = world.message('Are you there?');
    const { ids } = await session.send(contact('gone@other.test'), message);
    const bounce = (id: string): string =>
      mail(
        {
          From: 'mailer-daemon@mail.test',
          'Content-Type': 'multipart/report; report-type=delivery-status; boundary=b',
        },
        [
          '--b',
          'Content-Type: text/plain',
          '',
          'It failed.',
          '--b',
          'Content-Type: message/delivery-status',
          '',
          'Reporting-MTA: dns; mail.test',
          '',
          'Final-Recipient: rfc822; gone@other.test',
          'Action: failed',
          'Status: 5.1.1',
          '--b',
          'Content-Type: text/rfc822-headers',
          '',
          `Message-ID: <${id}>`,
          '--b--',
        ].join('\r\n'),
      );
    world.server.deliver(ALICE, bounce('another@mail.test'));
    world.server.deliver(ALICE, bounce(ids[0] ?? ''));
    await host.until((events) => events.some(({ kind }) => kind === 'failed'), 'the failure');
    const [forged, failed] = host.events;
    assert.equal(forged?.kind, 'message');
    assert.ok(failed?.kind === 'failed');
    assert.equal(failed.key, message.key);
    assert.equal(failed.error.kind, 'not-found');
  });

  test('a folder is read from when it is chosen, though nothing comes into the inbox', async () => {
    const { host, session } = await world.open();
    const signal = AbortSignal.timeout(10_000);
    const said = async (command: string): Promise<void> => {
      while (!world.server.imapLines.some((line) => line.startsWith(command))) {
        signal.throwIfAborted();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    await said('IDLE');
    const { memory } = host;
    const request = { session, memory, language: 'en', signal };
    const dialogue = world.gateway.commands?.find(({ node }) => node === 'settings')?.run(request);
    await dialogue?.next();
    await dialogue?.next({ folders: '\\Sent' });
    await said('EXAMINE');
    const own = mail(
      { From: ALICE, To: BOB, 'Message-ID': '<own@mail.test>' },
      'From my telephone',
    );
    world.server.folder(ALICE, 'Sent').append(Buffer.from(own));
    assert.equal((await heard(host, 'From my telephone')).isOwn, true);
  });

  test('newsletters are told in a few lines, all together', async () => {
    const { host } = await world.open();
    const letter = { From: 'Shop <news@shop.test>', 'List-Unsubscribe': '<https://shop.test/u>' };
    world.server.deliver(ALICE, mail({ ...letter, Subject: '50% off' }, 'Buy'));
    await host.until((events) => events.some(({ kind }) => kind === 'notice'), 'the digest');
    const [notice] = host.events;
    assert.ok(notice?.kind === 'notice');
    assert.match(notice.text, /Shop <news@shop\.test>: 50% off/);
    assert.ok(notice.id !== undefined);
  });

  test('at the level "contacts" only contacts come through; what was held back can be asked for', async () => {
    const { host, session } = await world.open();
    await session.preferences.change({ level: 'contacts' });
    world.server.deliver(ALICE, mail({ From: 'x@other.test', 'Message-ID': '<1@x>' }, 'Stranger'));
    await session.changeContact(contactId(BOB), 'add');
    world.server.deliver(ALICE, mail({ 'Message-ID': '<2@x>' }, 'Friend'));
    await heard(host, 'Friend');
    assert.equal(host.events.filter(({ kind }) => kind === 'message').length, 1);
    assert.equal(await session.mailbox.recent(2), 2);
    await heard(host, 'Stranger');
  });

  test('a password that is no longer good ends the session with words', async () => {
    const account = await world.register();
    const host = new RecordingHost();
    const refused = async (): Promise<void> => {
      const session = world.gateway.open({ ...account, password: 'old' }, host);
      await assert.rejects(session.run(AbortSignal.timeout(10_000)), { kind: 'credentials' });
    };
    const told = (): string[] =>
      host.events.flatMap((event) => (event.kind === 'notice' ? [event.text] : []));
    await refused();
    await refused();
    assert.match(told().join('\n'), /^The IMAP server refuses the sign-in.*register again.*$/);
    const { end } = await world.open(account, host);
    world.server.deliver(ALICE, mail({}, 'It is open'));
    await heard(host, 'It is open');
    await end();
    await refused();
    assert.equal(told().length, 2);
  });

  test('a server that is away comes back by itself', async () => {
    const { host } = await world.open();
    await world.server.closeImap();
    world.server.deliver(ALICE, mail({}, 'Meanwhile'));
    await world.server.openImap();
    await heard(host, 'Meanwhile');
  });

  const hostile: readonly (readonly [string, string])[] = [
    ['lines without end', '* OK '.padEnd(2_000_000, 'x')],
    ['a literal of gigabytes', '* 1 FETCH (UID 1 BODY[] {99999999999}\r\n'],
    ['brackets without end', `* 1 FETCH ${'('.repeat(50_000)}\r\n`],
    ['nonsense', '\u0000\u0001\u0002 what?\r\n'],
  ];
  for (const [name, answer] of hostile) {
    test(`a server that says ${name} harms nobody else, and is tried again`, async () => {
      const account = await world.register();
      let isBad = true;
      world.server.imap.answer = (_tag, command) =>
        isBad && /^SELECT/i.test(command) ? answer : undefined;
      const { host } = await world.open(account);
      setTimeout(() => {
        isBad = false;
        void world.server.closeImap().then(() => world.server.openImap());
      }, 300);
      world.server.deliver(ALICE, mail({}, 'After all'));
      await heard(host, 'After all');
    });
  }
});
