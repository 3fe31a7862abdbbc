import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { RecordingHost } from '../../contract/recording-host.ts';
import { ALICE, heard, mail, MailWorld } from './mail-world.ts';

describe(
  'a mailbox whose server does not say what its next mail is called',
  { timeout: 60_000 },
  () => {
    let world: MailWorld;
    beforeEach(async () => {
      world = await MailWorld.start();
      world.server.imap.hasNoUidNext = true;
    });
    afterEach(() => world.stop());

    const texts = ({ events }: RecordingHost): string[] =>
      events.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
    const deliver = (text: string): void =>
      world.server.deliver(ALICE, mail({ 'Message-ID': `<${text}@mail.test>` }, text));

    /** It was read since the last time that it was asked. */
    let asked = 0;
    const idles = async (): Promise<void> => {
      const { imapLines } = world.server;
      while (!imapLines.slice(asked).includes('IDLE')) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };

    test('is read on, after a restart, too', async () => {
      const account = await world.register();
      const first = await world.open(account);
      deliver('First');
      await heard(first.host, 'First');
      await first.end();
      const again = Object.assign(new RecordingHost(), { memory: first.host.memory });
      await world.open(account, again);
      deliver('Second');
      await heard(again, 'Second');
      assert.deepEqual(texts(again), ['Second']);
    });

    for (const isEmpty of [true, false]) {
      test(`is read on when all mails are numbered anew, ${isEmpty ? 'and there are none' : 'those told not again'}`, async () => {
        const account = await world.register();
        const first = await world.open(account);
        deliver('First');
        await heard(first.host, 'First');
        await first.end();
        world.server.folder(ALICE).renumber();
        asked = world.server.imapLines.length;
        if (isEmpty) world.server.folder(ALICE).mails.splice(0);
        const again = Object.assign(new RecordingHost(), { memory: first.host.memory });
        const second = await world.open(account, again);
        await idles();
        deliver('Second');
        await heard(again, 'Second');
        await second.end();
        const third = Object.assign(new RecordingHost(), { memory: first.host.memory });
        await world.open(account, third);
        deliver('Third');
        await heard(third, 'Third');
        assert.deepEqual([...texts(again), ...texts(third)], ['Second', 'Third']);
      });
    }

    test('has another folder, of which what comes from now on is told', async () => {
      world.server.folder(ALICE, 'Sent').append(Buffer.from(mail({}, 'Old')));
      const { host, session } = await world.open();
      await session.preferences.change({ folders: ['Sent'] });
      session.mailbox.lookAgain();
      const wasRead = (): boolean =>
        world.server.imapLines.some((line) => /EXAMINE.*Sent/.test(line));
      deliver('One');
      await heard(host, 'One');
      while (!wasRead()) await new Promise((resolve) => setTimeout(resolve, 20));
      deliver('Two');
      await heard(host, 'Two');
      const own = mail({ From: ALICE, To: 'bob@mail.test', 'Message-ID': '<own@x>' }, 'New');
      world.server.folder(ALICE, 'Sent').append(Buffer.from(own));
      assert.equal((await heard(host, 'New')).isOwn, true);
      assert.ok(!texts(host).includes('Old'));
    });
  },
);
