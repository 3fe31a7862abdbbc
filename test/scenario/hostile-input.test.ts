import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { matchXml } from '../harness/xml-matcher.ts';
import { connectIrc } from '../harness/irc-client.ts';
import { enter, IRC, IRC2, World } from './world.ts';

const ROOM = `#room%s@${IRC}`;

describe('a gateway that gets what it should not', () => {
  let world: World;
  beforeEach(
    async () =>
      (world = await World.start({
        options: [
          'throttle: { burst: 100, perSecond: 100 }',
          'timings: { registrationTimeoutMs: 1000 }',
        ],
      })),
  );
  afterEach(() => world.stop());

  test('does not mind replies that nobody asked for, and answers what can be answered', async () => {
    const alice = await world.client('alice');
    world.jabber.sendToComponent(
      IRC,
      [
        `<iq type='result' id='forged' from='mallory@localhost/x' to='${IRC}'/>`,
        `<iq type='error' id='forged' from='localhost' to='${IRC}'/>`,
        `<iq type='get' from='${alice.jid}' to='${IRC}'><ping xmlns='urn:xmpp:ping'/></iq>`,
        `<iq type='get' id='1' to='${IRC}'><ping xmlns='urn:xmpp:ping'/></iq>`,
        `<iq type='get' id='2' from='${alice.jid}'><ping xmlns='urn:xmpp:ping'/></iq>`,
        `<iq type='get' id='3' from='a b@@c' to='${IRC}'><ping xmlns='urn:xmpp:ping'/></iq>`,
        `<iq type='get' id='4' from='${alice.jid}' to='a b@${IRC}'><ping xmlns='urn:xmpp:ping'/></iq>`,
        `<iq type='what' id='5' from='${alice.jid}' to='${IRC}'><ping xmlns='urn:xmpp:ping'/></iq>`,
        `<iq type='get' id='6' from='${alice.jid}' to='${IRC}'/>`,
        `<message from='${alice.jid}' to='nonsense@${IRC}'><body>x</body></message>`,
        `<presence type='nonsense' from='${alice.jid}' to='${IRC}'/>`,
      ].join(''),
    );
    await alice.expect(
      `<iq type='error' id='4' from='${IRC}'><error><jid-malformed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`,
    );
    await alice.expect("<iq type='error' id='5'/>");
    await alice.expect("<iq type='error' id='6'/>");
    await alice.expect(`<message type='error' from='nonsense@${IRC}'/>`);
    await alice.barrier(IRC);
    const answers = world.jabber.log.filter(
      ({ peer, stanza }) =>
        peer === IRC && stanza.name === 'iq' && stanza.attrs['type'] === 'error',
    );
    assert.equal(answers.length, 4, 'the one without an id is answered, too');
    assert.ok(world.jabber.isAttached(IRC));
  });

  test('C14: answers a stanza that is too large, and stays attached', async () => {
    const alice = await world.client('alice');
    const body = 'x'.repeat(2_000_000);
    world.jabber.sendToComponent(
      IRC,
      `<message id='big' from='${alice.jid}' to='nick%s@${IRC}'><body>${body}</body></message>`,
    );
    await alice.expect(
      "<message type='error' id='big'><error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
    );
    world.jabber.sendToComponent(
      IRC,
      `<iq type='get' id='deep' from='${alice.jid}' to='${IRC}'>${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}</iq>`,
    );
    await alice.expect("<iq type='error' id='deep'/>");
    await alice.barrier(IRC);
  });

  test('answers strangers and addresses that nobody has ever used at once', async () => {
    const bob = await world.client('bob');
    for (const to of [IRC, `nobody%s@${IRC}`, ROOM, `s@${IRC}`, `${ROOM}/nobody`]) {
      const info = await bob.iq(
        `<iq type='get' to='${to}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
      );
      // Who is in a room is nothing for strangers (XEP-0045 §6.6).
      const expected = to.includes('/')
        ? "<iq type='error'><error><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
        : "<iq type='result'><query xmlns='http://jabber.org/protocol/disco#info'><identity/></query></iq>";
      matchXml(info, expected);
      const unknown = await bob.iq(`<iq type='set' to='${to}'><x xmlns='urn:unknown'/></iq>`);
      matchXml(
        unknown,
        "<iq type='error'><error><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
      );
    }
  });

  test('lets nothing out to IRC that would end a line', async () => {
    const alice = await world.client('alice');
    const romeo = await connectIrc({ port: world.irc.port, nick: 'romeo' });
    await romeo.join('#room');
    romeo.send('MODE #room -t');
    await enter(alice, ROOM, 'alice');
    alice.send(
      `<message to='${ROOM}' type='groupchat' id='1'><body>one&#13;&#10;QUIT :injected&#10;&#13;three</body></message>`,
    );
    alice.send(`<message to='${ROOM}' type='groupchat'><subject>a&#10;QUIT :b</subject></message>`);
    await romeo.expect(/PRIVMSG #room :QUIT :injected$/);
    await romeo.expect(/TOPIC #room :a QUIT :b$/);
    alice.send(`<presence to='${ROOM}/a&#x20;b'/>`);
    await alice.expect(
      "<presence type='error'><error><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>",
    );
    await romeo.barrier();
    assert.ok(world.irc.nicks().includes('alice'));
    await romeo.close();
  });

  test('survives lines of 100 kB, bytes that are no UTF-8, and nonsense from IRC', async () => {
    const alice = await world.client('alice');
    await enter(alice, ROOM, 'alice');
    for (const line of [
      '',
      ':',
      ': ',
      '@',
      '@a',
      ':a',
      ':x 353',
      ':x 366',
      ':x MODE',
      ':x JOIN',
      '\u0000',
      ':x 001',
    ]) {
      world.irc.sendRaw('alice', line);
    }
    world.irc.sendRaw('alice', `:x!y@z PRIVMSG #room :${'x'.repeat(100_000)}`);
    world.irc.sendRaw('alice', Buffer.from(':x!y@z PRIVMSG #room :caf\u00e9', 'latin1'));
    await alice.expect(`<message type='groupchat' from='${ROOM}/x'><body>café</body></message>`);
    await alice.barrier(IRC);
  });

  test('says so when the IRC server hangs up after NICK', async () => {
    const alice = await world.client('alice');
    world.irc.behaviours.closeAfterNick = true;
    alice.send(
      `<presence to='${ROOM}/alice'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    );
    await alice.expect(
      `<presence type='error' from='${ROOM}/alice'><error><remote-server-timeout xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>`,
    );
  });

  test('says so when the IRC server never answers', async () => {
    const alice = await world.client('alice');
    world.irc.behaviours.silent = true;
    alice.send(
      `<presence to='${ROOM}/alice'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    );
    await alice.expect(
      `<presence type='error' from='${ROOM}/alice'><error><remote-server-timeout xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>`,
    );
    await alice.barrier(IRC);
  });

  test('keeps the order and every line of a flood from IRC', async () => {
    const alice = await world.client('alice');
    await enter(alice, ROOM, 'alice');
    alice.takeAll();
    for (let i = 0; i < 2_000; i++) world.irc.sendRaw('alice', `:x!y@z PRIVMSG #room :line ${i}`);
    for (let i = 0; i < 2_000; i++) {
      await alice.expectNext(`<message type='groupchat'><body>line ${i}</body></message>`);
    }
  });

  test('routes by the domain in "to", not by the connection', async () => {
    const alice = await world.client('alice');
    world.jabber.sendToComponent(
      IRC2,
      `<iq type='get' id='other' from='${alice.jid}' to='${IRC}'><ping xmlns='urn:xmpp:ping'/></iq>`,
    );
    await alice.expect(`<iq type='result' id='other' from='${IRC}'/>`);
  });
});

describe('a gateway whose connection is away for a moment', () => {
  let world: World;
  afterEach(() => world.stop());

  test('still answers what came by the connection of another domain', async () => {
    world = await World.start();
    const alice = await world.client('alice');
    world.jabber.dropComponent(IRC);
    await world.jabber.detached(IRC);
    // By the time that this is answered, the gateway has noticed, too.
    await alice.barrier(IRC2);
    world.jabber.sendToComponent(
      IRC2,
      `<iq type='get' id='away' from='${alice.jid}' to='${IRC}'><ping xmlns='urn:xmpp:ping'/></iq>`,
    );
    await alice.expect(`<iq type='result' id='away' from='${IRC}'/>`);
  });
});

describe('a message that IRC does not take', () => {
  let world: World;
  afterEach(() => world.stop());

  test('G42-G46: comes back as an error with its id', async () => {
    world = await World.start();
    const alice = await world.client('alice');
    const romeo = await connectIrc({ port: world.irc.port, nick: 'romeo' });
    await romeo.join('#room');
    await enter(alice, ROOM, 'alice');
    alice.send(`<message to='nobody%s@${IRC}' type='chat' id='n1'><body>x</body></message>`);
    await alice.expect(
      "<message type='error' id='n1'><error><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
    );
    romeo.send('MODE #room +m');
    await romeo.barrier();
    alice.send(`<message to='${ROOM}' type='groupchat' id='n2'><body>x</body></message>`);
    await alice.expect(
      "<message type='error' id='n2'><error><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
    );
    alice.send(`<message to='#other%s@${IRC}' type='groupchat' id='n3'><body>x</body></message>`);
    await alice.expect("<message type='error' id='n3'/>");
    await romeo.close();
  });
});
