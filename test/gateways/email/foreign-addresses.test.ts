import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { contactId } from '../../../src/plugin/index.ts';
import { ALICE, BOB, contact, heard, mail, MailWorld } from './mail-world.ts';

describe('addresses with letters beyond ASCII', { timeout: 30_000 }, () => {
  const parsed = (world: MailWorld, text: string) => {
    const address = world.gateway.addresses.parse(text);
    assert.ok(address !== undefined);
    return address;
  };

  test('a domain is written in ASCII, whatever the server takes', async () => {
    const world = await MailWorld.start({}, { isAsciiOnly: true });
    try {
      const { session } = await world.open();
      await session.send(parsed(world, 'jurgen%bücher.test'), world.message('Hi'));
      assert.match(world.server.taken[0]?.raw.toString() ?? '', /^To: jurgen@xn--bcher-kva\.test/m);
    } finally {
      await world.stop();
    }
  });

  test('a name is written to a server that takes it, in the header, too', async () => {
    const world = await MailWorld.start();
    try {
      const { session } = await world.open();
      await session.send(parsed(world, 'jürgen@bücher.test'), world.message('Hi'));
      const [taken] = world.server.taken;
      assert.deepEqual(taken?.to, ['jürgen@bücher.test']);
      assert.match(taken?.raw.toString() ?? '', /^To: jürgen@bücher\.test/m);
    } finally {
      await world.stop();
    }
  });

  test('a name in quotes is heard of', async () => {
    const world = await MailWorld.start();
    try {
      const { host } = await world.open();
      const sender = '"john smith"@mail.test';
      world.server.deliver(ALICE, mail({ From: `John <${sender}>` }, 'Hello'));
      const { from, nick } = await heard(host, 'Hello');
      assert.equal(from, sender);
      assert.equal(nick, 'John');
    } finally {
      await world.stop();
    }
  });

  test('a name is refused in clear words where the server takes none, and nobody gets the mail', async () => {
    const world = await MailWorld.start({}, { isAsciiOnly: true });
    try {
      const { session } = await world.open();
      const also = [{ contact: contactId('jürgen@mail.test'), role: 'cc' }] as const;
      const sent = session.send(contact(BOB), world.message('Hi', { also }));
      await assert.rejects(sent, { kind: 'unsupported', message: /a to z.*jürgen@mail\.test/ });
      assert.equal(world.server.taken.length, 0);
    } finally {
      await world.stop();
    }
  });
});
