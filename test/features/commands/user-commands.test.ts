import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { contactId } from '../../../src/plugin/index.ts';
import { conditions, fill, run, send } from '../../conformance/command-client.ts';
import type { XmppClient } from '../../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../../loopback/world.ts';
import { enter } from '../../scenario/world.ts';

const GARDEN = `#garden@${LOOP}`;

describe('commands that every gateway has', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  const start = async (): Promise<void> => {
    world = await LoopbackWorld.start();
    alice = await world.client('alice');
  };
  afterEach(() => world.stop());

  const settings = async (values: Parameters<typeof fill>[0]): Promise<string | undefined> => {
    const { id } = await run(alice, `node='causeway:settings'`);
    const at = `node='causeway:settings' sessionid='${id}'`;
    return (await run(alice, at, { form: fill(values) })).notes[0]?.[1];
  };

  test('settings are kept over a restart, and are for those who have registered', async () => {
    await start();
    assert.deepEqual(conditions(await send(alice, `node='causeway:settings'`)), [
      'registration-required',
    ]);
    await world.register(alice);
    const first = await run(alice, `node='causeway:settings'`);
    assert.deepEqual(first.form, {
      language: 'auto',
      'stay-connected': 'false',
      'keep-history': 'true',
      'subjects-in-text': 'true',
    });
    assert.equal(await settings({ 'stay-connected': '1' }), 'The settings are kept.');
    await world.stopGateway();
    await world.startGateway();
    const again = await run(alice, `node='causeway:settings'`);
    assert.equal(again.form['stay-connected'], 'true');
    assert.equal(again.form['keep-history'], 'true');
  });

  test('a language that was chosen goes before that of the client', async () => {
    await start();
    await world.register(alice);
    await settings({ language: 'de' });
    const reply = await run(alice, `node='causeway:status'`, { lang: 'en' });
    assert.equal(reply.form['registered'], 'ja');
    await settings({ language: 'auto' });
    const after = await run(alice, `node='causeway:status'`, { lang: 'en' });
    assert.equal(after.form['registered'], 'yes');
  });

  test('who wants no history has none, and what was kept is deleted', async () => {
    await start();
    await world.register(alice);
    await enter(alice, GARDEN, 'alice');
    world.network.join('#garden', 'Romeo');
    const kept = async (): Promise<number> => {
      const answer = await alice.iq(
        `<iq type='set' to='${GARDEN}'><query xmlns='urn:xmpp:mam:2'/></iq>`,
      );
      return (JSON.stringify(answer).match(/"first"/g) ?? []).length;
    };
    world.network.say('#garden', 'Romeo', 'But soft');
    await alice.expect(`<message type='groupchat'><body>But soft</body></message>`);
    assert.equal(await kept(), 1);
    await settings({ 'keep-history': 'false' });
    world.network.say('#garden', 'Romeo', 'What light');
    await alice.expect(`<message type='groupchat'><body>What light</body></message>`);
    assert.equal(await kept(), 0);
  });

  test('contacts and rooms are listed', async () => {
    await start();
    await world.register(alice);
    assert.deepEqual((await run(alice, `node='causeway:contacts'`)).notes, [
      ['info', 'You have no contacts here.'],
    ]);
    world.network.emit('alice', {
      kind: 'contact-list',
      contacts: [{ id: contactId('romeo'), name: 'Romeo' }],
      isComplete: true,
    });
    await alice.barrier(LOOP);
    const contacts = await run(alice, `node='causeway:contacts'`);
    assert.match(contacts.form['contacts'] ?? '', /^Romeo \(romeo@loop\.localhost\)$/);
    await enter(alice, GARDEN, 'alice');
    const rooms = await run(alice, `node='causeway:rooms'`);
    assert.equal(rooms.form['rooms'], `${GARDEN} (alice)`);
  });

  test('a connection can be made anew', async () => {
    await start();
    assert.deepEqual((await run(alice, `node='causeway:reconnect'`)).notes[0]?.[0], 'error');
    await world.register(alice);
    const done = await run(alice, `node='causeway:reconnect'`);
    assert.deepEqual(done.notes, [['info', 'Connecting anew.']]);
    await world.network.expect('run');
  });
});
