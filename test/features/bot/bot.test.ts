import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { child, childText, elements } from '../../harness/xml-element.ts';
import type { Element } from '../../harness/xml-element.ts';
import { matchXml } from '../../harness/xml-matcher.ts';
import type { XmppClient } from '../../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../../loopback/world.ts';
import type { LoopbackWorldOptions } from '../../loopback/world.ts';

const BOT = `causeway@${LOOP}`;
const DISCO = 'http://jabber.org/protocol/disco';
const NS_ERRORS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

/** What those have whose clients know neither commands nor registrations: a chat. */
describe('the bot', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  let count = 0;
  const start = async (options: LoopbackWorldOptions = {}): Promise<void> => {
    world = await LoopbackWorld.start({ config: ['admins: [bob@localhost]'], ...options });
    alice = await world.client('alice');
  };
  afterEach(() => world.stop());

  const say = (text: string, { lang = 'en', to = BOT, inside = '', client = alice } = {}): void => {
    count += 1;
    client.send(
      `<message type='chat' id='b${count}' to='${to}' xml:lang='${lang}'><body>${text}</body>${inside}</message>`,
    );
  };
  const heard = async (from = BOT, client = alice): Promise<string> => {
    const message = await client.expect(`<message type='chat' from='${from}'><body/></message>`);
    return childText(message, 'body') ?? '';
  };
  const ask = async (...args: Parameters<typeof say>): Promise<string> => {
    say(...args);
    return heard(args[1]?.to, args[1]?.client);
  };
  const refused = (): Promise<Element> =>
    alice.expect(`<message type='error' from='${BOT}'><error/></message>`);

  test('tells what can be asked for, by number and word, and what is for whom', async () => {
    await start();
    const help = await ask('help');
    assert.match(help, /1\. register – Register, or change/);
    assert.match(help, /loopback-greeting – Set my greeting/);
    assert.match(help, /poke – Poke/);
    assert.doesNotMatch(help, /unregister|announce/);
    assert.match(await ask('Hilfe!', { lang: 'de' }), /1\. anmelden – Anmelden/);
    await world.register(alice);
    assert.match(await ask('?'), /unregister/);
    const bob = await world.client('bob');
    assert.match(await ask('help', { client: bob }), /announce – Tell all users/);
  });

  test('registers somebody by chat alone, question by question, and takes leave the same way', async () => {
    await start();
    const first = await ask('register');
    assert.match(first, /Question 1 of 3\nName$/);
    assert.doesNotMatch(first, /skip/);
    assert.match(await ask('skip'), /cannot be left out/);
    assert.match(await ask('al ice'.repeat(400)), /too long/);
    const second = await ask('alice');
    assert.match(second, /Question 2 of 3\nFull name[\s\S]*"skip"[\s\S]*"done"/);
    const third = await ask('Alice Liddell');
    assert.match(third, /Question 3 of 3\nPassword[\s\S]*never show it again/);
    assert.match(await ask('back'), /Question 2 of 3\nFull name\nAt present: Alice Liddell/);
    await ask('skip');
    assert.equal(await ask('done'), 'You are registered.');
    assert.match(
      await heard(),
      /xmpp:loop\.localhost\?register\n.*xmpp:loop\.localhost\?unregister/,
    );
    await alice.expect(`<presence type='subscribe' from='${LOOP}'/>`);
    assert.match(await ask('unregister'), /deletes everything/);
    assert.equal(await ask('no'), 'You are still registered.');
    await ask('unregister');
    assert.match(await ask('perhaps'), /"yes" or "no"/);
    assert.match(await ask('yes'), /no longer registered/);
    await alice.expect(`<presence type='unsubscribe' from='${LOOP}'/>`);
    assert.match(await ask('unregister'), /not registered/);
  });

  test('goes through all kinds of questions, and through a page that is to be opened', async () => {
    await start({ options: ['steps: [details, link]'] });
    await ask('register');
    await ask('alice');
    const details = await ask('done');
    assert.match(details, /Say something about yourself[\s\S]*several lines/);
    const visible = await ask('One&#10;and two');
    assert.match(visible, /Others may find you\n.*"yes" or "no"[\s\S]*At present: yes/);
    const colour = await ask('no');
    assert.match(colour, /1\. Red\n2\. Blue/);
    assert.match(await ask('3'), /one of the numbers/);
    const interests = await ask('Blue');
    assert.match(interests, /1\. Chess\n2\. Music/);
    assert.match(await ask('2, 7'), /one of the numbers/);
    assert.match(await ask('1, 2'), /PIN/);
    const problem = await ask('abc');
    assert.match(problem, /^A PIN has digits only\.[\s\S]*At present: One \/ and two/);
    assert.doesNotMatch(problem, /abc/);
    for (let question = 0; question < 4; question += 1) await ask('skip');
    const link = await ask('1234');
    assert.match(link, /https:\/\/loopback\.invalid\/consent/);
    const wrong = await ask('wrong');
    assert.match(wrong, /^The page says something else/);
    assert.doesNotMatch(wrong, /At present|skip/);
    assert.equal(await ask('"open sesame"'), 'You are registered.');
  });

  test('asks again what the network refuses, and never shows a secret', async () => {
    await start();
    world.network.passwords.set('alice', 'right');
    await ask('register');
    await ask('alice');
    await ask('skip');
    const again = await ask('Geheim77');
    assert.match(again, /does not take that password[\s\S]*At present: alice/);
    await ask('skip');
    await ask('skip');
    assert.equal(await ask('right'), 'You are registered.');
    await heard();
    const changed = await ask('register');
    assert.doesNotMatch(changed, /right/);
    assert.equal(await ask('done'), 'Your registration was changed.');
    const all = JSON.stringify(alice.unclaimed) + again + changed;
    assert.doesNotMatch(all, /Geheim77/);
  });

  test('speaks German with those who do', async () => {
    await start();
    const lang = 'de-DE';
    assert.match(await ask('anmelden', { lang }), /Frage 1 von 3\nName/);
    assert.match(await ask('alice', { lang }), /Mit „weiter“ lassen Sie es aus/);
    assert.equal(await ask('fertig', { lang }), 'Sie sind angemeldet.');
    assert.match(await heard(), /Willkommen/);
    // Once spoken, a language is remembered where a client does not tell.
    alice.send(`<message type='chat' id='x1' to='${BOT}'><body>zustand</body></message>`);
    assert.match(await heard(), /Angemeldet: ja/);
    const help = await ask('hilfe', { lang });
    assert.match(help, /loopback-gruß – Meinen Gruß setzen/);
    assert.match(help, /anstupsen – Anstupsen/);
    world.network.meet('romeo');
    assert.equal(await ask('Anstupsen romeo', { lang }), 'romeo wurde angestupst.');
    assert.equal(await ask('poke romeo', { lang }), 'romeo wurde angestupst.');
    assert.match(await ask('loopback-gruß', { lang }), /Wie soll er lauten/);
  });

  test('runs a command at an address', async () => {
    await start();
    world.network.meet('romeo');
    assert.equal(await ask('poke romeo'), 'romeo was poked.');
    assert.equal(await ask(`poke romeo@${LOOP}`), 'romeo was poked.');
    assert.equal(await ask('poke nobody'), 'Nobody is there to be poked.');
    assert.match(await ask('poke #garden'), /no such address/);
    assert.match(await ask('poke'), /Write the address, too/);
  });

  test('breaks off, says so, and takes the next word as a new one', async () => {
    await start();
    assert.match(await ask('cancel'), /Nothing is under way/);
    await ask('loopback-greeting');
    assert.match(await ask('cancel'), /broken off/);
    assert.match(await ask('status'), /Registered: no/);
    await ask('loopback-greeting');
    await ask('Ahoy');
    assert.match(await ask('back'), /Set my greeting[\s\S]*At present: Ahoy/);
  });

  test('keeps what is for administrators from others', async () => {
    await start();
    assert.match(await ask('loopback-announce'), /Only administrators/);
    const bob = await world.client('bob');
    await ask('loopback-announce', { client: bob });
    assert.match(await ask('Hello&#10;all', { client: bob }), /users were told/);
  });

  test('who may not use the gateway is told so', async () => {
    await start({ config: ['registration: { allow: [elsewhere.example] }'] });
    say('help');
    matchXml(
      await refused(),
      `<message><error><forbidden xmlns='${NS_ERRORS}'/></error></message>`,
    );
  });

  test('answers at the bare domain, too', async () => {
    await start();
    assert.match(await ask('help', { to: LOOP }), /register/);
    assert.match(await ask('register', { to: LOOP }), /Question 1/);
  });

  test('RFC 6121 §5.2.2: answers to messages of no type, at its own address and at the bare domain', async () => {
    await start();
    for (const to of [BOT, LOOP]) {
      alice.send(`<message id='n1' to='${to}'><body>help</body></message>`);
      assert.match(await heard(to), /register/, to);
    }
  });

  test('two robots that answer each other come to rest, and nothing is lost in silence', async () => {
    await start();
    for (let turn = 0; turn < 5; turn += 1) assert.match(await ask(`blah ${turn}`), /help/);
    say('blah');
    matchXml(
      await refused(),
      `<message><error type='wait'><resource-constraint xmlns='${NS_ERRORS}'/></error></message>`,
    );
    assert.match(await ask('help'), /register/);
    for (let turn = 0; turn < 60; turn += 1) say('help');
    await refused();
  });

  test('errors, headlines, empty messages and typing are not answered', async () => {
    await start();
    alice.send(
      `<message type='error' id='e' to='${BOT}'><body>x</body><error type='cancel'/></message>`,
    );
    alice.send(`<message type='headline' id='h' to='${BOT}'><body>news</body></message>`);
    alice.send(`<message type='chat' id='c' to='${BOT}'><body> </body></message>`);
    alice.send(
      `<message type='chat' id='s' to='${BOT}'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>`,
    );
    assert.match(await ask('help'), /register/);
    await alice.expectNothing(`<message from='${BOT}'/>`);
  });

  test('a message that a server sends twice is one answer; a receipt is given to who asks', async () => {
    await start();
    await ask('loopback-greeting');
    const twice = `<message type='chat' id='same' to='${BOT}'><body>Ahoy</body><request xmlns='urn:xmpp:receipts'/></message>`;
    alice.send(twice + twice);
    await alice.expect(
      `<message from='${BOT}'><received xmlns='urn:xmpp:receipts' id='same'/></message>`,
    );
    assert.match(await heard(), /Shall it be "Ahoy"/);
    await alice.barrier(LOOP);
    await alice.expectNothing(`<message from='${BOT}'><body/></message>`);
  });

  test('an encrypted message is refused in words', async () => {
    await start();
    say('x', { inside: "<encrypted xmlns='eu.siacs.conversations.axolotl'/>" });
    matchXml(
      await refused(),
      `<message><error><not-acceptable xmlns='${NS_ERRORS}'/></error></message>`,
    );
  });

  test('can be put on the list by everybody, and is there again after a restart', async () => {
    await start({ options: ['registration: required'] });
    alice.send(`<presence type='subscribe' to='${BOT}'/>`);
    await alice.expect(`<presence type='subscribed' from='${BOT}'/>`);
    await alice.expect(`<presence type='{none}' from='${BOT}'/>`);
    await world.stopGateway();
    await alice.expect(`<presence type='unavailable' from='${BOT}'/>`);
    await world.startGateway();
    await alice.expect(`<presence type='{none}' from='${BOT}'/>`);
    alice.send(`<presence type='unsubscribe' to='${BOT}'/>`);
    await alice.expect(`<presence type='unavailable' from='${BOT}'/>`);
  });

  test('says what it is to clients that look', async () => {
    await start();
    const info = await alice.iq(`<iq type='get' to='${BOT}'><query xmlns='${DISCO}#info'/></iq>`);
    matchXml(
      info,
      `<iq type='result'><query xmlns='${DISCO}#info'><identity category='client' type='bot'/><feature var='http://jabber.org/protocol/commands'/><feature var='urn:xmpp:ping'/><feature var='vcard-temp'/></query></iq>`,
    );
    const card = await alice.iq(`<iq type='get' to='${BOT}'><vCard xmlns='vcard-temp'/></iq>`);
    matchXml(card, `<iq type='result'><vCard xmlns='vcard-temp'><FN>{any}</FN></vCard></iq>`);
    const devices = await alice.iq(
      `<iq type='get' to='${BOT}'><pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='eu.siacs.conversations.axolotl.devicelist'/></pubsub></iq>`,
    );
    const error = child(devices, 'error') ?? assert.fail();
    assert.equal(elements(error)[0]?.name, 'item-not-found');
  });

  test('takes over a registration whose form was not enough', async () => {
    await start({ options: ['steps: [link]'] });
    const refusal = async (): Promise<string> => {
      const answer = await alice.iq(
        `<iq type='set' to='${LOOP}'><query xmlns='jabber:iq:register'><nick>alice</nick></query></iq>`,
      );
      const error = child(answer, 'error') ?? assert.fail();
      assert.equal(elements(error)[0]?.name, 'not-acceptable');
      return childText(error, 'text', NS_ERRORS) ?? '';
    };
    assert.match(await refusal(), /^You are not registered yet/);
    assert.match(await heard(), /https:\/\/loopback\.invalid\/consent/);
    assert.equal(await ask('open sesame'), 'You are registered.');
    assert.match(await heard(), /^Welcome/);
    assert.match(await refusal(), /^Your registration is as it was/);
  });
});
