import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { matchXml } from '../harness/xml-matcher.ts';
import { IRC, IRC2, World } from './world.ts';

const QUERY = "<query xmlns='jabber:iq:register'>";

function set(client: XmppClient, fields: string, to = IRC): ReturnType<XmppClient['iq']> {
  return client.iq(`<iq type='set' to='${to}'>${QUERY}${fields}</query></iq>`);
}

const error = (condition: string, code: string): string =>
  `<iq type='error'><error code='${code}'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`;

describe('registration', () => {
  let world: World;
  afterEach(() => world.stop());

  test('from the first look to the farewell', async () => {
    world = await World.start();
    const alice = await world.client('alice');
    const form = await alice.iq(`<iq type='get' to='${IRC}'>${QUERY}</query></iq>`);
    matchXml(
      form,
      `<iq type='result'>${QUERY}<instructions>{any}</instructions><nick/><x xmlns='jabber:x:data' type='form'><field var='FORM_TYPE'><value>jabber:iq:register</value></field><field var='nick'><required/></field></x></query></iq>`,
    );
    matchXml(await set(alice, '<nick>alice</nick>'), "<iq type='result'/>");
    await alice.expect(`<presence type='subscribe' from='${IRC}' to='alice@localhost'/>`);
    alice.send(`<presence type='subscribed' to='${IRC}'/><presence type='subscribe' to='${IRC}'/>`);
    await alice.expect(`<presence type='subscribed' from='${IRC}'/>`);
    await alice.expect(`<presence type='{none}' from='${IRC}'/>`);
    const again = await alice.iq(`<iq type='get' to='${IRC}'>${QUERY}</query></iq>`);
    matchXml(again, `<iq>${QUERY}<registered/><nick>alice</nick></query></iq>`);
    matchXml(await set(alice, '<nick>alicia</nick>'), "<iq type='result'/>");
    await world.stopGateway();
    await alice.expect(`<presence type='unavailable' from='${IRC}'/>`);
    await world.startGateway();
    const kept = await alice.iq(`<iq type='get' to='${IRC}'>${QUERY}</query></iq>`);
    matchXml(kept, `<iq>${QUERY}<registered/><nick>alicia</nick></query></iq>`);
    matchXml(await set(alice, '<remove/><nick/>'), error('bad-request', '400'));
    matchXml(await set(alice, '<remove/>'), "<iq type='result'/>");
    await alice.expect(`<presence type='unsubscribe' from='${IRC}'/>`);
    await alice.expect(`<presence type='unsubscribed' from='${IRC}'/>`);
    await alice.expect(`<presence type='unavailable' from='${IRC}'/>`);
    matchXml(await set(alice, '<remove/>'), error('registration-required', '407'));
  });

  const BAD: readonly (readonly [string, string])[] = [
    ['no field at all', ''],
    ['an empty nick', '<nick/>'],
    ['a nick with a line end', '<nick>a&#10;QUIT</nick>'],
    ['a nick with a carriage return', '<nick>a&#13;b</nick>'],
    ['a nick with a space', '<nick>a b</nick>'],
    ['an endless nick', `<nick>${'a'.repeat(100_000)}</nick>`],
    ['an endless name', `<nick>alice</nick><name>${'a'.repeat(2_000)}</name>`],
    [
      'a form with a wrong choice',
      "<x xmlns='jabber:x:data' type='submit'><field var='nick'><value>a</value></field><field var='server'><value>other</value></field></x>",
    ],
  ];
  test('G06, R06: refuses what cannot be right, says which field, and keeps nothing', async () => {
    world = await World.start();
    const alice = await world.client('alice');
    for (const [what, fields] of BAD) {
      const reply = await set(alice, fields);
      assert.doesNotThrow(() => matchXml(reply, error('not-acceptable', '406')), what);
    }
    const form = await alice.iq(`<iq type='get' to='${IRC}'>${QUERY}</query></iq>`);
    assert.throws(() => matchXml(form, `<iq>${QUERY}<registered/></query></iq>`));
  });

  test('G05, G06: tries a password on the server before it takes it', async () => {
    world = await World.start({ irc: { accounts: { alice: 'right' } } });
    const alice = await world.client('alice');
    const wrong = await set(alice, '<nick>alice</nick><password>wrong</password>');
    matchXml(wrong, error('not-acceptable', '406'));
    const right = await set(alice, '<nick>alice</nick><password>right</password>');
    matchXml(right, "<iq type='result'/>");
    const shown = await alice.iq(`<iq type='get' to='${IRC}'>${QUERY}</query></iq>`);
    assert.ok(!JSON.stringify(shown).includes('right'));
  });

  test('registration.allow and registration: required are enforced', async () => {
    world = await World.start({ allow: 'bob@localhost' });
    const alice = await world.client('alice');
    matchXml(await set(alice, '<nick>alice</nick>'), error('forbidden', '403'));
    alice.send(
      `<presence to='#a%s@${IRC}/alice'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    );
    await alice.expect(
      "<presence type='error'><error><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>",
    );
    const bob = await world.client('bob');
    bob.send(
      `<presence to='#a%s@${IRC2}/bob'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    );
    await bob.expect(
      "<presence type='error'><error><registration-required xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>",
    );
  });
});
