import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { elements } from '../harness/xml-element.ts';
import { matchXml } from '../harness/xml-matcher.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { enter, IRC, World } from './world.ts';

const OWNER = 'http://jabber.org/protocol/muc#owner';
const ERRORS = 'urn:ietf:params:xml:ns:xmpp-stanzas';
const ROOM = `#garden%s@${IRC}`;
const TYPE =
  "<field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>";

const field = (name: string, value: string): string =>
  `<field var='muc#roomconfig_${name}'><value>${value}</value></field>`;

/** XEP-0045 §10.2 over the modes of a channel (RFC 2811 §4.2). */
describe('setting a channel up', () => {
  let world: World;
  let alice: XmppClient;
  beforeEach(async () => {
    world = await World.start();
    alice = await world.client('alice');
    // Who comes first is its operator.
    await enter(alice, ROOM, 'alice');
  });
  afterEach(() => world.stop());

  const get = (client: XmppClient, attributes = ''): ReturnType<XmppClient['iq']> =>
    client.iq(`<iq type='get' to='${ROOM}' ${attributes}><query xmlns='${OWNER}'/></iq>`);
  const set = (client: XmppClient, fields: string, type = 'submit'): ReturnType<XmppClient['iq']> =>
    client.iq(
      `<iq type='set' to='${ROOM}'><query xmlns='${OWNER}'><x xmlns='jabber:x:data' type='${type}'>${fields}</x></query></iq>`,
    );
  const shows = async (fields: string): Promise<void> =>
    matchXml(
      await get(alice),
      `<iq type='result'><query xmlns='${OWNER}'><x xmlns='jabber:x:data' type='form'>${TYPE}${fields}</x></query></iq>`,
    );

  test('its modes are a form, which sets those that differ and leaves the others', async () => {
    await set(alice, TYPE + field('moderatedroom', '1') + field('changesubject', '0'));
    await shows(
      field('changesubject', 'false') +
        field('moderatedroom', 'true') +
        field('membersonly', 'false') +
        field('passwordprotectedroom', 'false'),
    );
    const changes = TYPE + field('membersonly', '1') + field('maxusers', '12');
    matchXml(await set(alice, changes), "<iq type='result'/>");
    await shows(
      field('moderatedroom', 'true') + field('membersonly', 'true') + field('maxusers', '12'),
    );
    await set(alice, TYPE + field('membersonly', '0') + field('maxusers', ''));
    await shows(field('membersonly', 'false'));
    assert.ok(!JSON.stringify(await get(alice)).includes('"12"'));
  });

  test('a password is set, replaced and taken away, and never shown', async () => {
    const locked = field('passwordprotectedroom', '1');
    matchXml(
      await set(alice, TYPE + locked),
      `<iq type='error'><error type='modify'><not-acceptable xmlns='${ERRORS}'/></error></iq>`,
    );
    for (const secret of ['sesame', 'lavender']) {
      await set(alice, TYPE + locked + field('roomsecret', secret));
      await shows(field('passwordprotectedroom', 'true'));
      assert.ok(!JSON.stringify(await get(alice)).includes(secret));
      const bob = await world.client('bob', secret);
      bob.send(
        `<presence to='${ROOM}/bob'><x xmlns='http://jabber.org/protocol/muc'><password>${secret}</password></x></presence>`,
      );
      await bob.expect(
        `<presence from='${ROOM}/bob'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>`,
      );
      bob.send(`<presence type='unavailable' to='${ROOM}/bob'/>`);
      await alice.expect(`<presence type='unavailable' from='${ROOM}/bob'/>`);
    }
    await set(alice, TYPE + field('passwordprotectedroom', '0'));
    await shows(field('passwordprotectedroom', 'false'));
  });

  test('who is no operator, or not in it, is refused; an empty or cancelled form changes nothing', async () => {
    const bob = await world.client('bob');
    matchXml(
      await get(bob),
      `<iq type='error'><error type='auth'><forbidden xmlns='${ERRORS}'/></error></iq>`,
    );
    await enter(bob, ROOM, 'bob');
    matchXml(
      await get(bob),
      `<iq type='error'><error type='auth'><forbidden xmlns='${ERRORS}'/></error></iq>`,
    );
    matchXml(
      await set(bob, TYPE + field('moderatedroom', '1')),
      `<iq type='error'><error type='auth'><forbidden xmlns='${ERRORS}'/></error></iq>`,
    );
    matchXml(await set(alice, ''), "<iq type='result'/>");
    matchXml(await set(bob, '', 'cancel'), "<iq type='result'/>");
    matchXml(
      await alice.iq(`<iq type='set' to='${ROOM}'><query xmlns='${OWNER}'><destroy/></query></iq>`),
      `<iq type='error'><error type='cancel'><not-allowed xmlns='${ERRORS}'/></error></iq>`,
    );
    await shows(field('moderatedroom', 'false'));
  });

  test('what a field cannot have is refused with its name, and nothing is set', async () => {
    const bad = [
      ...['maybe', 'TRUE', '2'].map((value) => ['moderatedroom', value] as const),
      ...['-1', '0', '1e3', '1.5', '0x10', '100001'].map((value) => ['maxusers', value] as const),
    ];
    for (const [name, value] of bad) {
      const answer = await set(alice, TYPE + field('publicroom', '0') + field(name, value));
      matchXml(
        answer,
        `<iq type='error'><error type='modify'><not-acceptable xmlns='${ERRORS}'/></error></iq>`,
      );
      assert.ok(JSON.stringify(answer).includes(`${name}`), `${name} ${value}`);
    }
    matchXml(
      await set(alice, TYPE + field('publicroom', '0'), 'result'),
      `<iq type='error'><error><bad-request xmlns='${ERRORS}'/></error></iq>`,
    );
    await shows(field('publicroom', 'true') + field('moderatedroom', 'false'));
  });

  test('a command that says nothing of a mode leaves it as it is', async () => {
    await set(alice, TYPE + field('changesubject', '1') + field('moderatedroom', '1'));
    const commands = 'http://jabber.org/protocol/commands';
    const begun = await alice.iq(
      `<iq type='set' to='${ROOM}'><command xmlns='${commands}' node='configure'/></iq>`,
    );
    const { sessionid = '' } = elements(begun)[0]?.attrs ?? {};
    await alice.iq(
      `<iq type='set' to='${ROOM}'><command xmlns='${commands}' node='configure' sessionid='${sessionid}'><x xmlns='jabber:x:data' type='submit'><field var='maxusers'><value>7</value></field></x></command></iq>`,
    );
    await shows(
      field('changesubject', 'true') +
        field('moderatedroom', 'true') +
        field('publicroom', 'true') +
        field('maxusers', '7'),
    );
  });

  test('the bot sets up a channel, or a server, by the same word with its address', async () => {
    for (const [text, words] of [
      ['configure #garden%s', 'What this channel is like'],
      ['configure s', 'Question 1 of 9'],
      ['configure nobody', 'is no such address here'],
    ] as const) {
      alice.send(`<message to='causeway@${IRC}' type='chat'><body>${text}</body></message>`);
      const answer = await alice.expect(
        `<message from='causeway@${IRC}' type='chat'><body/></message>`,
      );
      assert.ok(JSON.stringify(answer).includes(words), JSON.stringify(answer));
      alice.send(`<message to='causeway@${IRC}' type='chat'><body>cancel</body></message>`);
      await alice.expect(`<message from='causeway@${IRC}' type='chat'><body/></message>`);
    }
  });

  test('a number that is none is refused in the language of who asks', async () => {
    const answer = await alice.iq(
      `<iq type='set' to='${ROOM}' xml:lang='de'><query xmlns='${OWNER}'><x xmlns='jabber:x:data' type='submit'>${field('maxusers', 'viele')}</x></query></iq>`,
    );
    matchXml(
      answer,
      `<iq type='error'><error><not-acceptable xmlns='${ERRORS}'/><text xmlns='${ERRORS}' xml:lang='de'>Wie viele darin sein dürfen („maxusers“), muss eine ganze Zahl von 1 bis 100000 sein.</text></error></iq>`,
    );
  });
});
