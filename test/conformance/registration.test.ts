import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { NetworkError } from '../../src/plugin/index.ts';
import { child, childText, elements, serialize } from '../harness/xml-element.ts';
import type { Element } from '../harness/xml-element.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';
import type { LoopbackWorldOptions } from '../loopback/world.ts';
import { outcomeOf, refusalIn } from './answers.ts';

const REGISTER = 'jabber:iq:register';
const FORMS = 'jabber:x:data';
const OOB = 'jabber:x:oob';
const DISCO = 'http://jabber.org/protocol/disco#info';
/** XEP-0077 §14.1. */
const LEGACY =
  'username nick password name first last email address city state zip phone url date misc text key registered instructions remove'.split(
    ' ',
  );

const set = (client: XmppClient, inside: string, to = LOOP): Promise<Element> =>
  client.iq(`<iq type='set' to='${to}'><query xmlns='${REGISTER}'>${inside}</query></iq>`);
const get = async (client: XmppClient, to = LOOP): Promise<Element> => {
  const answer = await client.iq(`<iq type='get' to='${to}'><query xmlns='${REGISTER}'/></iq>`);
  return child(answer, 'query', REGISTER) ?? answer;
};
const submit = (fields: Readonly<Record<string, string>>): string =>
  `<x xmlns='${FORMS}' type='submit'><field var='FORM_TYPE'><value>${REGISTER}</value></field>${Object.entries(
    fields,
  )
    .map(([name, value]) => `<field var='${name}'><value>${value}</value></field>`)
    .join('')}</x>`;
const formOf = (query: Element): Element => child(query, 'x', FORMS) ?? assert.fail('no form');
const fieldsOf = (form: Element): Element[] =>
  elements(form).filter(({ name }) => name === 'field');
const field = (form: Element, name: string): Element =>
  fieldsOf(form).find(({ attrs }) => attrs['var'] === name) ?? assert.fail(`no field ${name}`);
const plainNames = (query: Element): string[] =>
  elements(query)
    .filter(({ ns }) => ns === REGISTER)
    .map(({ name }) => name);

/** XEP-0100 §4.1-4.2 and XEP-0077, by the rows of the conformance list. */
describe('registration', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  const start = async (options: LoopbackWorldOptions = {}): Promise<void> => {
    world = await LoopbackWorld.start(options);
    alice = await world.client('alice');
  };
  afterEach(() => world.stop());

  test('a registration that a removal broke off keeps nothing', async () => {
    await start();
    await world.register(alice);
    const removing = set(alice, '<remove/>');
    const changing = set(alice, '<nick>alicia</nick>');
    assert.equal((await removing).attrs['type'], 'result');
    const isRefused = (await changing).attrs['type'] === 'error';
    assert.equal(child(await get(alice), 'registered') === undefined, isRefused);
  });

  test('G03, R02: who has not registered is told what is required', async () => {
    await start();
    const query = await get(alice);
    assert.equal(child(query, 'registered'), undefined);
    assert.ok((childText(query, 'instructions') ?? '') !== '');
    assert.deepEqual(plainNames(query), ['instructions', 'nick', 'name', 'password']);
    assert.ok(child(field(formOf(query), 'nick'), 'required') !== undefined);
  });

  test('G04, R08, R09, R10: fields have standard names, and the form repeats them all under these', async () => {
    await start();
    const query = await get(alice);
    const form = formOf(query);
    assert.deepEqual(
      plainNames(query).filter((name) => !LEGACY.includes(name)),
      [],
    );
    assert.equal(form.attrs['type'], 'form');
    assert.equal(childText(field(form, 'FORM_TYPE'), 'value'), REGISTER);
    for (const name of ['nick', 'name', 'password']) assert.ok(field(form, name).attrs['label']);
    assert.equal(field(form, 'password').attrs['type'], 'text-private');
  });

  test('G05: the account is checked with the network before the result', async () => {
    await start();
    const release = world.network.slow('signIn');
    alice.send(
      `<iq type='set' id='r1' to='${LOOP}'><query xmlns='${REGISTER}'><nick>alice</nick></query></iq>`,
    );
    await world.network.expect('signIn', ({ user }) => user === 'alice');
    await alice.barrier(LOOP);
    await alice.expectNothing(`<iq id='r1'/>`);
    release();
    await alice.expect(`<iq type='result' id='r1' from='${LOOP}'/>`);
    await alice.expect(`<presence type='subscribe' from='${LOOP}' to='alice@localhost'/>`);
  });

  test('G06: credentials that the network refuses are not acceptable, nothing is kept, no subscription sent', async () => {
    await start();
    world.network.passwords.set('alice', 'sesame');
    const answer = await set(alice, '<nick>alice</nick><password>wrong</password>');
    const { condition, type, code, text } = refusalIn(answer) ?? assert.fail('not refused');
    assert.deepEqual([condition, type, code], ['not-acceptable', 'modify', '406']);
    assert.equal(text, 'The loopback network does not take that password.');
    assert.equal(child(await get(alice), 'registered'), undefined);
    await alice.expectNothing(`<presence type='subscribe'/>`);
  });

  test('G07: what the network had for her between the check and the log-in is delivered after the log-in', async () => {
    await start();
    const release = world.network.slow('run');
    await world.register(alice);
    world.network.keep('alice', 'romeo', 'But soft');
    release();
    await alice.expect(`<message from='romeo@${LOOP}'><body>But soft</body></message>`);
  });

  test('G08, G09, G10: the gateway asks once for her presence, and lets her see its own, whichever comes first', async () => {
    await start();
    alice.send(`<presence type='subscribe' to='${LOOP}'/>`);
    await alice.expect(`<presence type='subscribed' from='${LOOP}' to='alice@localhost'/>`);
    assert.equal(outcomeOf(await set(alice, '<nick>alice</nick>')), 'result');
    await alice.expect(`<presence type='subscribe' from='${LOOP}' to='alice@localhost'/>`);
    alice.send(`<presence type='subscribed' to='${LOOP}'/>`);
    await world.network.expect('run', ({ user }) => user === 'alice');
    assert.equal(outcomeOf(await set(alice, '<nick>alice</nick><name>Alice A.</name>')), 'result');
    await alice.barrier(LOOP);
    await alice.expectNothing(`<presence type='subscribe' from='${LOOP}'/>`);
  });

  test('G10: who never lets the gateway see her presence has registered all the same', async () => {
    await start();
    await set(alice, '<nick>alice</nick>');
    await alice.expect(`<presence type='subscribe' from='${LOOP}'/>`);
    alice.send(`<presence type='unsubscribed' to='${LOOP}'/>`);
    world.network.meet('romeo');
    alice.send(`<message type='chat' to='romeo@${LOOP}'><body>Hello</body></message>`);
    await world.network.expect('send', ({ user }) => user === 'alice');
    assert.ok(child(await get(alice), 'registered') !== undefined);
  });

  test('G15, G16, G18: a removal logs out, forgets, answers, ends the subscriptions, and says good-bye last', async () => {
    await start();
    await world.register(alice);
    alice.send(`<presence type='subscribe' to='${LOOP}'/>`);
    await alice.expect(`<presence type='subscribed' from='${LOOP}'/>`);
    await alice.barrier(LOOP);
    alice.takeAll();
    alice.send(
      `<iq type='set' id='r1' to='${LOOP}'><query xmlns='${REGISTER}'><remove/></query></iq>`,
    );
    const order: (string | undefined)[] = [];
    while (order.at(-1) !== 'unavailable') {
      const { name, attrs } = await alice.expect(({ attrs: { from } }) => from === LOOP);
      order.push(name === 'iq' ? attrs['id'] : attrs['type']);
    }
    assert.deepEqual(
      order.filter((step) => step !== undefined),
      ['r1', 'unsubscribe', 'unsubscribed', 'unavailable'],
    );
    assert.ok(!world.network.isOnline('alice'));
    assert.equal(child(await get(alice), 'registered'), undefined);
    await world.stopGateway();
    await world.startGateway();
    assert.equal(child(await get(alice), 'registered'), undefined);
  });

  test('G11: once she has approved the gateway and is available, she is logged in', async () => {
    await start();
    assert.equal(outcomeOf(await set(alice, '<nick>alice</nick>')), 'result');
    await alice.expect(`<presence type='subscribe' from='${LOOP}'/>`);
    alice.send(`<presence type='subscribed' to='${LOOP}'/>`);
    await world.network.expect('run', ({ user }) => user === 'alice');
  });

  test('G12, R04, R05: who has registered gets her data back, but never the password', async () => {
    await start();
    await set(alice, '<nick>alice</nick><name>Alice A.</name><password>sesame</password>');
    const query = await get(alice);
    const registered = child(query, 'registered') ?? assert.fail('not registered');
    assert.deepEqual(registered.children, []);
    assert.ok((childText(query, 'instructions') ?? '') !== '');
    assert.equal(childText(query, 'nick'), 'alice');
    assert.equal(childText(query, 'name'), 'Alice A.');
    assert.equal(childText(query, 'password'), '');
    assert.equal(childText(field(formOf(query), 'name'), 'value'), 'Alice A.');
    assert.doesNotMatch(serialize(query), /sesame/);
  });

  test('G13: a set of somebody registered is the full data, not a change of some of it, and is checked', async () => {
    await start();
    await set(alice, '<nick>alice</nick><name>Alice A.</name>');
    world.network.passwords.set('alicia', 'sesame');
    const answer = await set(alice, '<nick>alicia</nick><password>sesame</password>');
    assert.equal(outcomeOf(answer), 'result');
    const query = await get(alice);
    assert.equal(childText(query, 'nick'), 'alicia');
    assert.equal(childText(query, 'name'), '');
  });

  test('G14: a change with bad data is not acceptable, and the registration of before holds on', async () => {
    await start();
    await world.register(alice);
    world.network.passwords.set('alicia', 'sesame');
    const answer = await set(alice, '<nick>alicia</nick><password>wrong</password>');
    assert.equal(outcomeOf(answer), 'not-acceptable');
    assert.equal(childText(await get(alice), 'nick'), 'alice');
    assert.ok(world.network.isOnline('alice'));
  });

  test('G14: a network that cannot be asked is said to be out of reach, and nothing changes', async () => {
    await start();
    await set(alice, '<nick>alice</nick>');
    world.network.refuseNext('signIn', new NetworkError('unreachable', 'Nobody answers there.'));
    const answer = await set(alice, '<nick>alicia</nick>');
    assert.deepEqual(refusalIn(answer), {
      condition: 'remote-server-timeout',
      type: 'wait',
      code: '504',
      text: 'Nobody answers there.',
    });
    assert.equal(childText(await get(alice), 'nick'), 'alice');
  });

  test('R03: where there is nothing to register with, registration is unavailable', async () => {
    await start();
    for (const to of [`romeo@${LOOP}`, `#garden@${LOOP}`, `causeway@${LOOP}`]) {
      assert.equal(outcomeOf(await get(alice, to)), 'service-unavailable', to);
      assert.equal(outcomeOf(await set(alice, '<nick>a</nick>', to)), 'service-unavailable', to);
    }
  });

  test('R06: data that is missing or empty is not acceptable, and all missing fields are named', async () => {
    await start({ options: ['needs: [name, phone]'] });
    for (const inside of ['', '<nick/><name/>', submit({ nick: ' ' }), submit({})]) {
      const { condition, type, text } = refusalIn(await set(alice, inside)) ?? assert.fail(inside);
      assert.deepEqual([condition, type], ['not-acceptable', 'modify']);
      for (const name of ['nick', 'name', 'phone']) assert.match(text ?? '', RegExp(`"${name}"`));
    }
    const one = refusalIn(await set(alice, '<nick>alice</nick><name>A</name>'));
    assert.equal(one?.text, '"phone" is missing.');
  });

  test('R07: an identity that somebody else has is a conflict', async () => {
    await start();
    const bob = await world.client('bob');
    await world.register(bob);
    const answer = await set(alice, '<nick>bob</nick>');
    const { condition, type, code } = refusalIn(answer) ?? assert.fail('not refused');
    assert.deepEqual([condition, type, code], ['conflict', 'cancel', '409']);
    assert.equal(child(await get(alice), 'registered'), undefined);
  });

  test('R11: where a set has both, the form wins over the plain fields', async () => {
    await start();
    await set(alice, `<nick>plain</nick>${submit({ nick: 'formal' })}`);
    assert.equal(childText(await get(alice), 'nick'), 'formal');
  });

  test('R12: with a required field that has no name of old there are instructions instead of plain fields', async () => {
    await start({ options: ['needs: [shoe-size]'] });
    const query = await get(alice);
    assert.deepEqual(plainNames(query), ['instructions']);
    assert.ok(child(field(formOf(query), 'shoe-size'), 'required') !== undefined);
    const answer = await set(alice, submit({ nick: 'alice', 'shoe-size': '38' }));
    assert.equal(outcomeOf(answer), 'result');
  });

  test('R13: a step that is a page on the web is told in words and by its address, without plain fields', async () => {
    await start({ options: ['page: true'] });
    const query = await get(alice);
    assert.deepEqual(plainNames(query), ['instructions']);
    const url = childText(child(query, 'x', OOB) ?? query, 'url') ?? assert.fail('no address');
    assert.match(url, /^https:/);
    assert.ok(childText(query, 'instructions')?.includes(`\n${url}`));
    assert.ok(child(field(formOf(query), 'nick'), 'required') !== undefined);
  });

  test('R14: plain fields are enough where the form asks for nothing else', async () => {
    await start();
    assert.equal(outcomeOf(await set(alice, '<nick>alice</nick>')), 'result');
    assert.equal(childText(await get(alice), 'nick'), 'alice');
  });

  test('R15: any resource of hers may remove the registration, as the bare JID decides', async () => {
    await start();
    await set(alice, '<nick>alice</nick>');
    const phone = await world.client('alice', 'phone');
    assert.equal(outcomeOf(await set(phone, '<remove/>')), 'result');
    assert.equal(child(await get(alice), 'registered'), undefined);
  });

  test('R16, R17: a removal stands alone, and is for those who have registered', async () => {
    await start();
    const never = refusalIn(await set(alice, '<remove/>'));
    assert.deepEqual([never?.condition, never?.code], ['registration-required', '407']);
    await set(alice, '<nick>alice</nick>');
    for (const inside of ['<remove/><nick/>', `<remove/>${submit({ nick: 'alice' })}`]) {
      const { condition, code } = refusalIn(await set(alice, inside)) ?? assert.fail(inside);
      assert.deepEqual([condition, code], ['bad-request', '400']);
    }
    assert.ok(child(await get(alice), 'registered') !== undefined);
  });

  test('R18: who may not use the gateway is forbidden to register and to remove', async () => {
    await start({ config: ['registration: { allow: [elsewhere.example] }'] });
    for (const inside of ['<nick>alice</nick>', '<remove/>']) {
      const { condition, code } = refusalIn(await set(alice, inside)) ?? assert.fail(inside);
      assert.deepEqual([condition, code], ['forbidden', '403']);
    }
  });

  test('R20: user name and password alone change the password, which is tried on the network', async () => {
    await start();
    await set(alice, '<nick>alice</nick><name>Alice A.</name><password>old</password>');
    world.network.passwords.set('alice', 'new');
    const change = (password: string): Promise<Element> =>
      set(alice, `<username>alice</username><password>${password}</password>`);
    assert.equal(outcomeOf(await change('wrong')), 'not-acceptable');
    assert.equal(outcomeOf(await change('new')), 'result');
    const query = await get(alice);
    assert.equal(childText(query, 'nick'), 'alice');
    assert.equal(childText(query, 'name'), 'Alice A.');
  });

  test('R21: an empty password keeps the old one', async () => {
    await start();
    world.network.passwords.set('alice', 'sesame');
    await set(alice, '<nick>alice</nick><password>sesame</password>');
    for (const inside of [
      '<username>alice</username><password/>',
      '<nick>alice</nick><password/>',
      submit({ nick: 'alice', password: '' }),
    ]) {
      // The network refuses any other password, and none.
      assert.equal(outcomeOf(await set(alice, inside)), 'result', inside);
    }
  });

  test('R22: a new password without the user name is a bad request', async () => {
    await start();
    await set(alice, '<nick>alice</nick><password>old</password>');
    const answer = await set(alice, '<password>new</password>');
    const { condition, code } = refusalIn(answer) ?? assert.fail('not refused');
    assert.deepEqual([condition, code], ['bad-request', '400']);
  });

  test('R23: a new password is nothing to expect from somebody who has not registered', async () => {
    await start();
    const answer = await set(alice, '<username>alice</username><password>new</password>');
    assert.equal(outcomeOf(answer), 'unexpected-request');
    assert.equal(child(await get(alice), 'registered'), undefined);
  });

  test('R24, R26: errors have the condition and the number of old, and nothing of what was sent', async () => {
    await start();
    world.network.passwords.set('alice', 'sesame');
    for (const [inside, condition, code] of [
      ['<nick>alice</nick><password>geheim</password>', 'not-acceptable', '406'],
      ['<password>geheim</password>', 'not-acceptable', '406'],
      ['<username>a</username><password>geheim</password>', 'unexpected-request', '400'],
      ['<remove/>', 'registration-required', '407'],
      [`<x xmlns='${FORMS}' type='form'/>`, 'bad-request', '400'],
    ] as const) {
      const answer = await set(alice, inside);
      const refusal = refusalIn(answer);
      assert.deepEqual([refusal?.condition, refusal?.code], [condition, code], inside);
      assert.deepEqual(
        elements(answer).map(({ name }) => name),
        ['error'],
      );
      assert.doesNotMatch(serialize(answer), /geheim/);
    }
  });

  test('R27: the key of old clients is ignored', async () => {
    await start();
    const answer = await set(alice, '<key>0123abcd</key><nick>alice</nick>');
    assert.equal(outcomeOf(answer), 'result');
  });

  test('R28: a new user is told by which links she finds the registration, and the way out, again', async () => {
    await start();
    await set(alice, '<nick>alice</nick>');
    const welcome = await alice.expect(
      `<message type='chat' from='causeway@${LOOP}'><body>{any}</body></message>`,
    );
    for (const what of ['register', 'unregister']) {
      assert.match(childText(welcome, 'body') ?? '', RegExp(`xmpp:loop\\.localhost\\?${what}\\b`));
    }
  });

  test('R29: who is asked for a secret is told who can read it, and anybody what is kept and for how long', async () => {
    await start({ config: ['archive: { keepDays: 3 }'] });
    assert.match(childText(await get(alice), 'instructions') ?? '', /Your Jabber server can read/);
    const policy = async (to: string): Promise<unknown> => {
      const answer = await alice.iq(`<iq type='get' to='${to}'><query xmlns='${DISCO}'/></iq>`);
      const query = child(answer, 'query', DISCO) ?? assert.fail('no answer');
      const forms = elements(query).filter(({ ns }) => ns === FORMS);
      return forms.map((form) =>
        fieldsOf(form).map((each) => [each.attrs['var'], childText(each, 'value')]),
      );
    };
    assert.deepEqual(await policy(LOOP), [
      [
        ['FORM_TYPE', 'urn:xmpp:data-policy:0'],
        ['auth_data', 'plain'],
        ['data_transmission', 'encrypted'],
        ['encryption_algorithm', 'TLS'],
        ['data_retention', '72'],
        ['full_erasure', 'true'],
      ],
    ]);
    assert.deepEqual(await policy(`romeo@${LOOP}`), []);
  });

  test('R30: a registration that comes twice under one id is done once and answered once', async () => {
    await start();
    const release = world.network.slow('signIn');
    const twice = `<iq type='set' id='r1' to='${LOOP}'><query xmlns='${REGISTER}'><nick>alice</nick></query></iq>`;
    alice.send(twice);
    alice.send(twice);
    await alice.barrier(LOOP);
    release();
    await alice.expect(`<iq type='result' id='r1' from='${LOOP}'/>`);
    await alice.expect(`<presence type='subscribe' from='${LOOP}'/>`);
    await alice.expectNothing(`<iq id='r1'/>`);
    // Sent again later, it is the same registration.
    alice.send(twice);
    await alice.expect(`<iq type='result' id='r1' from='${LOOP}'/>`);
    assert.equal(childText(await get(alice), 'nick'), 'alice');
  });

  test('a second registration has to wait for the first', async () => {
    await start();
    const release = world.network.slow('signIn');
    alice.send(
      `<iq type='set' id='r1' to='${LOOP}'><query xmlns='${REGISTER}'><nick>alice</nick></query></iq>`,
    );
    const second = set(alice, '<nick>alicia</nick>');
    assert.equal(outcomeOf(await second), 'resource-constraint');
    release();
    await alice.expect(`<iq type='result' id='r1' from='${LOOP}'/>`);
    assert.equal(childText(await get(alice), 'nick'), 'alice');
  });

  test('a form that is cancelled changes nothing', async () => {
    await start();
    const answer = await set(alice, `<x xmlns='${FORMS}' type='cancel'/>`);
    assert.equal(outcomeOf(answer), 'result');
    assert.equal(child(await get(alice), 'registered'), undefined);
  });

  test('R01: the gateway says that one can register', async () => {
    await start();
    const answer = await alice.iq(`<iq type='get' to='${LOOP}'><query xmlns='${DISCO}'/></iq>`);
    const query = child(answer, 'query', DISCO) ?? assert.fail('no answer');
    assert.ok(elements(query).some(({ attrs }) => attrs['var'] === REGISTER));
  });
});
