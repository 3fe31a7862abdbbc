import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { texts } from '../../../gateways/email/texts.ts';
import { isInSet } from '../../harness/imap-folder.ts';
import { ALICE, heard, mail, MailWorld } from './mail-world.ts';

describe('a mailbox with mails that its server does not give out', { timeout: 60_000 }, () => {
  let world: MailWorld;
  beforeEach(async () => {
    world = await MailWorld.start();
  });
  afterEach(() => world.stop());

  for (const reply of ['NO [SERVERBUG] it is broken', 'OK Completed']) {
    test(`passes over a mail for which the server says ${reply}, and says so`, async () => {
      const account = await world.register();
      for (const name of ['one', 'bad', 'two']) {
        world.server.deliver(
          ALICE,
          mail({ 'Message-ID': `<${name}@mail.test>` }, `This is ${name}`),
        );
      }
      const [, { uid: bad } = { uid: 0 }] = world.server.folder(ALICE).mails;
      world.server.imap.answer = (tag, command) => {
        const [, set = ''] = /^UID FETCH (\S+) .*BODY/.exec(command) ?? [];
        return isInSet(set, bad, bad) ? `${tag} ${reply}\r\n` : undefined;
      };
      const { host } = await world.open(account);
      await heard(host, 'This is two');
      const told = host.events.map((event) => (event.kind === 'message' ? event.text : event.kind));
      assert.deepEqual(
        told.filter((text) => text !== 'network'),
        ['This is one', `[${texts('en').unfetchable}]`, 'This is two'],
      );
    });
  }

  for (const isListed of [true, false]) {
    test(`takes what Courier gives out in place of mails that are gone for no mail, ${isListed ? 'and says so of those that it still lists' : 'as others do'}`, async () => {
      const account = await world.register();
      const standIn =
        'From: System Administrator <root@localhost>\r\nSubject: message unavailable\r\n\r\nThis message is no longer available on the server.\r\n';
      world.server.deliver(ALICE, standIn);
      world.server.deliver(ALICE, standIn);
      world.server.deliver(ALICE, mail({ 'Message-ID': '<last@mail.test>' }, 'This is last'));
      world.server.imap.answer = (_tag, command) => {
        // Then it looks into its folder anew.
        if (command === 'NOOP' && !isListed) world.server.folder(ALICE).mails.splice(0, 2);
        return undefined;
      };
      const { host } = await world.open(account);
      await heard(host, 'This is last');
      const told = host.events.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
      const notice = `[${texts('en').unfetchable}]`;
      assert.deepEqual(told, [...(isListed ? [notice, notice] : []), 'This is last']);
    });
  }

  test('leaves out a mail that somebody deletes while it is fetched', async () => {
    const account = await world.register();
    for (const name of ['one', 'gone', 'two']) {
      world.server.deliver(ALICE, mail({ 'Message-ID': `<${name}@mail.test>` }, `This is ${name}`));
    }
    world.server.imap.answer = (_tag, command) => {
      if (/^UID FETCH .*BODY/.test(command)) {
        const { mails } = world.server.folder(ALICE);
        const at = mails.findIndex(({ raw }) => raw.includes('This is gone'));
        if (at >= 0) mails.splice(at, 1);
      }
      return undefined;
    };
    const { host } = await world.open(account);
    await heard(host, 'This is two');
    const told = host.events.flatMap((event) => (event.kind === 'message' ? [event.text] : []));
    assert.deepEqual(told, ['This is one', 'This is two']);
  });

  test('passes over no other mail than the one that the server does not give out', async () => {
    const account = await world.register();
    world.server.deliver(ALICE, mail({ 'Message-ID': '<bad@mail.test>' }, 'This is bad'));
    let count = 0;
    world.server.imap.answer = (tag, command) => {
      if (!/^UID FETCH .*BODY/.test(command)) return undefined;
      count += 1;
      // Somebody has taken the bad one away, and a good one has come, when there is no more hope.
      if (count === 4) {
        world.server.folder(ALICE).mails.splice(0);
        world.server.deliver(ALICE, mail({ 'Message-ID': '<good@mail.test>' }, 'This is good'));
      }
      return count > 4 ? undefined : `${tag} NO [SERVERBUG] it is broken\r\n`;
    };
    const { host } = await world.open(account);
    await heard(host, 'This is good');
    assert.equal(host.events.filter(({ kind }) => kind === 'message').length, 1);
  });
});
