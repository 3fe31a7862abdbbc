import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { conditions, fill, run, send } from '../../conformance/command-client.ts';
import type { Reply } from '../../conformance/command-client.ts';
import type { XmppClient } from '../../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../../loopback/world.ts';
import { enter } from '../../scenario/world.ts';

const ADMIN = 'http://jabber.org/protocol/admin';

/** XEP-0133, bob being the administrator. */
describe('commands of administrators', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  let bob: XmppClient;
  const start = async (): Promise<void> => {
    world = await LoopbackWorld.start({ config: ['admins: [bob@localhost]'] });
    alice = await world.client('alice');
    bob = await world.client('bob');
    await world.register(alice);
  };
  afterEach(() => world.stop());

  const begin = (name: string): Promise<Reply> => run(bob, `node='${ADMIN}#${name}'`);
  const go = (name: string, { id }: Reply, values: Parameters<typeof fill>[0]): Promise<Reply> =>
    run(bob, `node='${ADMIN}#${name}' sessionid='${id}'`, { form: fill(values) });

  test('tell who has registered and who is connected, by the names of the standard', async () => {
    await start();
    for (const [node, field, value] of [
      ['get-registered-users-num', 'registeredusersnum', '1'],
      ['get-registered-users-list', 'registereduserjids', 'alice@localhost'],
      ['get-online-users-num', 'onlineusersnum', '1'],
      ['get-online-users-list', 'onlineuserjids', 'alice@localhost'],
    ] as const) {
      const reply = await begin(node);
      assert.equal(reply.status, 'completed');
      assert.deepEqual(reply.form, { FORM_TYPE: ADMIN, [field]: value });
    }
  });

  test('show one user, and ask again for one whom nobody knows', async () => {
    await start();
    const first = await begin('user-stats');
    assert.deepEqual(
      [first.form['FORM_TYPE'], first.kinds['accountjid'], first.actions],
      [ADMIN, 'jid-single', ['complete']],
    );
    for (const jid of ['nobody@localhost', 'bob@localhost', '@@']) {
      const again = await go('user-stats', first, { accountjid: jid });
      assert.deepEqual(again.notes, [['error', `Not registered here: ${jid}.`]]);
    }
    const { form } = await go('user-stats', first, { accountjid: 'alice@localhost' });
    assert.deepEqual([form['rostersize'], form['onlineresources']], ['0', 'desk']);
  });

  test('disconnect users, who may come back', async () => {
    await start();
    const first = await begin('end-user-session');
    assert.equal(first.kinds['accountjids'], 'jid-multi');
    const absent = await go('end-user-session', first, { accountjids: ['bob@localhost'] });
    assert.deepEqual(absent.notes, [['error', 'Not connected: bob@localhost.']]);
    const done = await go('end-user-session', first, { accountjids: ['alice@localhost'] });
    assert.deepEqual(done.notes, [['info', 'One user was disconnected.']]);
    await alice.expect(`<presence type='unavailable' from='${LOOP}'/>`);
    assert.equal((await begin('get-online-users-num')).form['onlineusersnum'], '0');
    alice.send(`<presence to='${LOOP}'/>`);
    await world.network.expect('run');
  });

  test('take one client off, also one of who has not registered and is in rooms', async () => {
    await start();
    const room = `#garden@${LOOP}`;
    await enter(bob, room, 'bob');
    await enter(alice, room, 'alice');
    const first = await begin('end-user-session');
    const [absent, here] = ['bob@localhost/elsewhere', 'bob@localhost/desk'];
    const none = await go('end-user-session', first, { accountjids: [here, absent] });
    assert.deepEqual(none.notes, [['error', `Not connected: ${absent}.`]]);
    const done = await go('end-user-session', first, { accountjids: [here] });
    assert.deepEqual(done.notes, [['info', 'One user was disconnected.']]);
    await bob.expect(`<presence type='unavailable' from='${room}/bob'/>`);
    await alice.expect(`<presence type='unavailable' from='${room}/bob'/>`);
    await alice.expectNothing(`<presence type='unavailable' from='${LOOP}'/>`);
    assert.equal((await begin('get-online-users-num')).form['onlineusersnum'], '1');
    const second = await begin('end-user-session');
    await go('end-user-session', second, { accountjids: ['alice@localhost/desk'] });
    await alice.expect(`<presence type='unavailable' from='${room}/alice'/>`);
    await alice.expect(`<presence type='unavailable' from='${LOOP}'/>`);
    assert.equal((await begin('get-online-users-num')).form['onlineusersnum'], '0');
  });

  test('end registrations after a question, with all that is kept', async () => {
    await start();
    const first = await begin('delete-user');
    const sure = await go('delete-user', first, { accountjids: ['alice@localhost'] });
    assert.deepEqual(Object.keys(sure.kinds), ['FORM_TYPE', 'sure']);
    assert.equal(
      (await go('delete-user', first, { sure: 'false' })).notes[0]?.[1],
      'Nothing was deleted.',
    );
    const second = await begin('delete-user');
    await go('delete-user', second, { accountjids: ['alice@localhost'] });
    const done = await go('delete-user', second, { sure: 'true' });
    assert.deepEqual(done.notes, [['info', 'One registration was ended.']]);
    await alice.expect(`<presence type='unsubscribe' from='${LOOP}'/>`);
    assert.equal((await begin('get-registered-users-num')).form['registeredusersnum'], '0');
  });

  test('announce something to all who are connected', async () => {
    await start();
    const first = await begin('announce');
    assert.deepEqual(first.kinds, { FORM_TYPE: 'hidden', announcement: 'text-multi' });
    const done = await go('announce', first, { announcement: ['Down at noon.', 'Sorry!'] });
    assert.deepEqual(done.notes, [['info', 'One user was told.']]);
    await alice.expect(
      `<message from='causeway@${LOOP}'><body>Down at noon.\nSorry!</body></message>`,
    );
    await bob.expectNothing(`<message from='causeway@${LOOP}'/>`);
  });

  test('show the gateway as a whole', async () => {
    await start();
    const { form } = await run(bob, `node='causeway:gateway'`);
    assert.match(form['version'] ?? '', /^Causeway \d/);
    assert.equal(form['online'], '1');
  });

  test('are nothing for others, at any step and with any form', async () => {
    await start();
    const opened = await begin('delete-user');
    const form = fill({ accountjids: 'bob@localhost', sure: 'true', announcement: 'x' });
    for (const name of [
      'get-registered-users-num',
      'get-registered-users-list',
      'get-online-users-num',
      'get-online-users-list',
      'user-stats',
      'end-user-session',
      'delete-user',
      'announce',
    ]) {
      const node = `node='${ADMIN}#${name}'`;
      assert.deepEqual(conditions(await send(alice, node, { form })), ['forbidden']);
      assert.deepEqual(
        conditions(await send(alice, `${node} sessionid='${opened.id}'`, { form })),
        ['forbidden'],
      );
    }
    assert.deepEqual(conditions(await send(alice, `node='causeway:gateway'`)), ['forbidden']);
  });
});
