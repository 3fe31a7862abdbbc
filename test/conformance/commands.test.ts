import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { child, childText, elements } from '../harness/xml-element.ts';
import type { Element } from '../harness/xml-element.ts';
import { matchXml } from '../harness/xml-matcher.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';
import { COMMANDS, conditions, DISCO, fill, FORM, REGISTER, run, send } from './command-client.ts';

/** Commands, by the rows of the conformance list. */
describe('commands', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  const start = async (...options: string[]): Promise<void> => {
    world = await LoopbackWorld.start({ options, config: ['admins: [bob@localhost]'] });
    alice = await world.client('alice');
  };
  afterEach(() => world.stop());

  const listed = async (client: XmppClient, to = LOOP, lang = 'en'): Promise<string[]> => {
    const answer = await client.iq(
      `<iq type='get' to='${to}' xml:lang='${lang}'><query xmlns='${DISCO}#items' node='${COMMANDS}'/></iq>`,
    );
    const query = child(answer, 'query', `${DISCO}#items`) ?? assert.fail();
    for (const item of elements(query)) assert.equal(item.attrs['jid'], to);
    return elements(query).map(({ attrs }) => `${attrs['node']} ${attrs['name']}`);
  };
  const info = (client: XmppClient, node: string, to = LOOP): Promise<Element> =>
    client.iq(`<iq type='get' to='${to}'><query xmlns='${DISCO}#info' node='${node}'/></iq>`);

  test('N08: the list has what the user may do here and now, in her language', async () => {
    await start();
    const first = await listed(alice);
    assert.ok(first.includes('jabber:iq:register Register, or change the registration'));
    assert.ok(first.includes('greeting Set my greeting'));
    assert.ok(!first.some((line) => line.startsWith('causeway:unregister')));
    assert.ok(!first.some((line) => line.startsWith('announce')));
    await world.register(alice);
    assert.ok((await listed(alice)).includes('causeway:unregister End the registration'));
    const german = await listed(alice, LOOP, 'de-AT');
    assert.ok(german.includes('greeting Meinen Gruß setzen'));
    const bob = await world.client('bob');
    assert.ok((await listed(bob)).includes('announce Tell all users something'));
    assert.deepEqual(await listed(alice, `romeo@${LOOP}`), ['poke Poke']);
    assert.deepEqual(await listed(alice, `#garden@${LOOP}`), ['size Count the members']);
    assert.deepEqual(await listed(alice, `causeway@${LOOP}`), await listed(alice));
  });

  test('N04: a command node says what it is, and not to those who may not run it', async () => {
    await start();
    matchXml(
      await info(alice, 'greeting'),
      `<iq type='result'><query xmlns='${DISCO}#info' node='greeting'><identity category='automation' type='command-node' name='Set my greeting'/><feature var='${COMMANDS}'/><feature var='${FORM}'/></query></iq>`,
    );
    matchXml(
      await info(alice, COMMANDS),
      `<iq type='result'><query xmlns='${DISCO}#info'><identity category='automation' type='command-list'/></query></iq>`,
    );
    assert.deepEqual(conditions(await info(alice, 'announce')), ['forbidden']);
    assert.deepEqual(conditions(await info(alice, 'causeway:unregister')), ['forbidden']);
    assert.deepEqual(conditions(await info(alice, 'nothing')), ['item-not-found']);
    assert.deepEqual(conditions(await send(alice, `node='nothing'`)), ['item-not-found']);
    assert.deepEqual(conditions(await send(alice, `node='poke'`)), ['item-not-found']);
  });

  test('N08: who is no administrator cannot run their commands, whatever is in the first request', async () => {
    await start();
    const form = fill({ words: 'Down with you', accountjids: 'bob@localhost' });
    assert.deepEqual(conditions(await send(alice, `node='announce'`)), ['forbidden']);
    assert.deepEqual(conditions(await send(alice, `node='announce' action='complete'`, { form })), [
      'forbidden',
    ]);
    const bob = await world.client('bob');
    const { id } = await run(bob, `node='announce'`);
    const stolen = `node='announce' sessionid='${id}'`;
    assert.deepEqual(conditions(await send(alice, stolen, { form })), ['forbidden']);
    const done = await run(bob, stolen, { form: fill({ words: ['Hello', 'all'] }) });
    assert.deepEqual([done.status, done.notes], ['completed', [['info', '0 users were told.']]]);
  });

  test('a form in the first request is no answer: nobody has asked yet', async () => {
    await start();
    const first = await run(alice, `node='greeting'`, { form: fill({ words: 'Ahoy' }) });
    assert.equal(first.status, 'executing');
    assert.deepEqual(first.form, { words: '' });
  });

  test('§2.4: a command in several steps, forth and back, with the kinds of its fields', async () => {
    await start('steps: [details, link]');
    const first = await run(alice, `node='${REGISTER}'`);
    assert.deepEqual(
      [first.status, first.actions, first.form['FORM_TYPE']],
      ['executing', ['next'], REGISTER],
    );
    const at = `node='${REGISTER}' sessionid='${first.id}'`;
    const missing = await run(alice, at, { form: fill({ name: 'Alice', other: 'x' }) });
    assert.deepEqual(missing.notes, [['error', 'Name ("nick") is missing.']]);
    assert.equal(missing.form['name'], 'Alice');
    const second = await run(alice, at, { form: fill({ nick: 'alice', password: 'p' }) });
    assert.deepEqual(second.actions, ['prev', 'next']);
    assert.deepEqual(second.kinds, {
      FORM_TYPE: 'hidden',
      about: 'text-multi',
      visible: 'boolean',
      colour: 'list-single',
      interests: 'list-multi',
      pin: 'text-private',
    });
    const back = await run(alice, `${at} action='prev'`);
    assert.deepEqual([back.form['nick'], back.form['password']], ['alice', '']);
    await run(alice, at, { form: fill({ nick: 'alice' }) });
    const wrong = await run(alice, `${at} action='next'`, { form: fill({ colour: 'green' }) });
    assert.match(wrong.notes[0]?.[1] ?? '', /one of those offered/);
    const third = await run(alice, at, {
      form: fill({ about: ['One', 'two'], interests: ['chess', 'music'], visible: '1' }),
    });
    matchXml(
      third.command,
      `<command xmlns='${COMMANDS}'><x xmlns='${FORM}' type='form'><field var='code'><required/></field></x><x xmlns='jabber:x:oob'><url>https://loopback.invalid/consent</url></x></command>`,
    );
    assert.match(
      childText(child(third.command, 'x', FORM) ?? assert.fail(), 'instructions') ?? '',
      /https:/,
    );
    assert.deepEqual(third.actions, ['next']);
    assert.deepEqual(conditions(await send(alice, `${at} action='prev'`)), [
      'bad-request',
      'bad-action',
    ]);
    const last = await run(alice, `${at} action='complete'`, {
      form: fill({ code: 'open sesame' }),
    });
    assert.deepEqual([last.status, last.notes], ['completed', [['info', 'You are registered.']]]);
    await alice.expect(`<presence type='subscribe' from='${LOOP}'/>`);
    await alice.expect(`<message from='causeway@${LOOP}' type='chat'><body/></message>`);
  });

  test('N05: an id is for one run of one client and is never used again', async () => {
    await start();
    const { id } = await run(alice, `node='greeting'`);
    assert.ok(id.length >= 20);
    const at = `node='greeting' sessionid='${id}'`;
    const laptop = await world.client('alice', 'laptop');
    const bob = await world.client('bob');
    const bad = ['bad-request', 'bad-sessionid'];
    const form = fill({ words: 'Mine' });
    assert.deepEqual(conditions(await send(laptop, at, { form })), bad);
    assert.deepEqual(conditions(await send(bob, at, { form })), bad);
    assert.deepEqual(conditions(await send(alice, at, { form, to: `causeway@${LOOP}` })), bad);
    assert.deepEqual(
      conditions(await send(alice, `node='causeway:status' sessionid='${id}'`)),
      bad,
    );
    assert.deepEqual(conditions(await send(alice, `node='greeting' sessionid='x'`)), bad);
    assert.equal((await run(alice, `${at} action='cancel'`)).status, 'canceled');
    assert.deepEqual(conditions(await send(alice, at, { form })), [
      'not-allowed',
      'session-expired',
    ]);
    assert.notEqual((await run(alice, `node='greeting'`)).id, id);
  });

  test('actions that make no sense are refused', async () => {
    await start();
    assert.deepEqual(conditions(await send(alice, `node='greeting' action='dance'`)), [
      'bad-request',
      'malformed-action',
    ]);
    for (const action of ['prev', 'cancel']) {
      assert.deepEqual(conditions(await send(alice, `node='greeting' action='${action}'`)), [
        'bad-request',
        'bad-action',
      ]);
    }
    const { id } = await run(alice, `node='greeting'`);
    const form = `<x xmlns='${FORM}' type='result'/>`;
    assert.deepEqual(conditions(await send(alice, `node='greeting' sessionid='${id}'`, { form })), [
      'bad-request',
      'bad-payload',
    ]);
  });

  test('hostile answers are refused in words, and the question stands', async () => {
    await start();
    const { id } = await run(alice, `node='greeting'`);
    const at = `node='greeting' sessionid='${id}'`;
    for (const [value, problem] of [
      ['x'.repeat(100_000), /too long/],
      ['a&#10;QUIT', /one line/],
      ['a&#x85;b', /one line/],
      ['   ', /missing/],
      ['12', /has words/],
    ] as const) {
      const reply = await run(alice, at, { form: fill({ words: value }) });
      assert.equal(reply.status, 'executing');
      assert.match(reply.notes[0]?.[1] ?? '', problem);
    }
    const many = Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`f${n}`, 'x']));
    const next = await run(alice, at, { form: fill({ ...many, words: 'Ahoy' }) });
    assert.deepEqual(Object.keys(next.form), ['sure']);
  });

  test('N06: what fails is completed with a note of type error, in the words of the network', async () => {
    await start();
    const failed = await run(alice, `node='poke'`, { to: `nobody@${LOOP}` });
    assert.deepEqual(
      [failed.status, failed.notes],
      ['completed', [['error', 'Nobody is there to be poked.']]],
    );
    world.network.meet('romeo');
    const done = await run(alice, `node='poke'`, { to: `romeo@${LOOP}` });
    assert.deepEqual(done.notes, [['info', 'romeo was poked.']]);
  });

  test('N07: one run speaks one language, and each answer says which', async () => {
    await start();
    const first = await run(alice, `node='greeting'`, { lang: 'de' });
    assert.equal(first.language, 'de');
    const at = `node='greeting' sessionid='${first.id}'`;
    const next = await run(alice, at, { form: fill({ words: '12' }), lang: 'en' });
    assert.deepEqual([next.language, next.notes[0]?.[1]], ['de', 'Ein Gruß besteht aus Wörtern.']);
    const other = await run(alice, `node='greeting' xml:lang='en'`);
    assert.equal(other.language, 'en');
  });

  test('what the network refuses in a registration is asked again', async () => {
    await start();
    world.network.passwords.set('alice', 'right');
    const first = await run(alice, `node='${REGISTER}'`);
    const at = `node='${REGISTER}' sessionid='${first.id}'`;
    const again = await run(alice, at, { form: fill({ nick: 'alice', password: 'wrong' }) });
    assert.equal(again.status, 'executing');
    assert.deepEqual(again.notes, [['error', 'The loopback network does not take that password.']]);
    assert.deepEqual([again.form['nick'], again.form['password']], ['alice', '']);
    const done = await run(alice, at, { form: fill({ nick: 'alice', password: 'right' }) });
    assert.equal(done.status, 'completed');
  });

  test('the registration can be looked at and ended by command', async () => {
    await start();
    await world.register(alice);
    const shown = await run(alice, `node='causeway:status'`);
    assert.deepEqual([shown.status, shown.form['registered']], ['completed', 'yes']);
    assert.match(shown.form['connection'] ?? '', /there is one/);
    const { id } = await run(alice, `node='causeway:unregister'`);
    const at = `node='causeway:unregister' sessionid='${id}'`;
    const kept = await run(alice, at, { form: fill({ sure: '0' }) });
    assert.deepEqual(kept.notes, [['info', 'You are still registered.']]);
    const again = await run(alice, `node='causeway:unregister'`);
    assert.deepEqual(again.actions, ['complete']);
    const done = await run(alice, `node='causeway:unregister' sessionid='${again.id}'`, {
      form: fill({ sure: 'true' }),
    });
    assert.equal(done.status, 'completed');
    await alice.expect(`<presence type='unsubscribe' from='${LOOP}'/>`);
    assert.deepEqual(conditions(await send(alice, `node='causeway:unregister'`)), [
      'registration-required',
    ]);
  });

  test('only five runs of one user are open at once: the oldest makes way', async () => {
    await start();
    const ids: string[] = [];
    for (let count = 0; count < 6; count += 1) ids.push((await run(alice, `node='greeting'`)).id);
    const form = fill({ words: 'Ahoy' });
    assert.deepEqual(
      conditions(await send(alice, `node='greeting' sessionid='${ids[0]}'`, { form })),
      ['not-allowed', 'session-expired'],
    );
    assert.equal(
      (await run(alice, `node='greeting' sessionid='${ids[1]}'`, { form })).status,
      'executing',
    );
  });

  test('a gateway that requires a registration keeps its own commands for those who have one', async () => {
    await start('registration: required');
    assert.ok(!(await listed(alice)).some((line) => line.startsWith('greeting')));
    assert.deepEqual(conditions(await send(alice, `node='greeting'`)), ['registration-required']);
    await world.register(alice);
    assert.ok((await listed(alice)).some((line) => line.startsWith('greeting')));
  });

  test('who may not use the gateway has no commands', async () => {
    world = await LoopbackWorld.start({ config: ['registration: { allow: [elsewhere.example] }'] });
    alice = await world.client('alice');
    assert.deepEqual(await listed(alice), []);
    assert.deepEqual(conditions(await send(alice, `node='${REGISTER}'`)), ['forbidden']);
    assert.deepEqual(conditions(await info(alice, REGISTER)), ['forbidden']);
  });
});
