import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { JabberPeer } from './jabber-standin-peer.ts';
import { connectComponent, openComponent } from './jabber-standin-scripted-component.ts';
import { startJabberServer, type JabberServer } from './jabber-standin-server.ts';
import { connectClient, type ClientOptions, type XmppClient } from './jabber-standin-client.ts';
import type { JabberFlavour } from './jabber-standin-hub.ts';
import { STREAMS } from './xml-tree.ts';

const IRC = 'irc.localhost';

function start(flavour: JabberFlavour = 'prosody'): Promise<JabberServer> {
  return startJabberServer({
    domain: 'localhost',
    components: { [IRC]: 'secret', 'sms.localhost': 'other' },
    accounts: { alice: 'password', bob: 'password' },
    flavour,
  });
}

function component(server: JabberServer, domain = IRC, secret = 'secret'): Promise<JabberPeer> {
  return connectComponent({ port: server.componentPort, domain, secret });
}

function client(server: JabberServer, more: Partial<ClientOptions> = {}): Promise<XmppClient> {
  return connectClient({
    port: server.clientPort,
    domain: 'localhost',
    user: 'alice',
    password: 'password',
    resource: 'desk',
    ...more,
  });
}

describe('clients', () => {
  let server: JabberServer;
  before(async () => {
    server = await start();
  });
  after(() => server.stop());

  for (const login of ['PLAIN', 'SCRAM-SHA-1', 'legacy'] as const) {
    test(`logs in with ${login} and refuses a wrong password`, async () => {
      const alice = await client(server, { login });
      assert.equal(alice.jid, 'alice@localhost/desk');
      await alice.barrier();
      await alice.close();
      await assert.rejects(client(server, { login, password: 'wrong' }), /not-authorized/);
    });
  }

  test('registers an account once', async () => {
    const carol = await client(server, { user: 'carol', registers: true });
    await assert.rejects(client(server, { user: 'carol', registers: true }), /conflict/);
    await carol.close();
  });

  test('removes an account and ends its sessions', async () => {
    const dave = await client(server, { user: 'dave', registers: true });
    const reply = await dave.iq(
      "<iq type='set'><query xmlns='jabber:iq:register'><remove/></query></iq>",
    );
    assert.equal(reply.attributes['type'], 'result');
    await dave.closed;
    await assert.rejects(client(server, { user: 'dave' }), /not-authorized/);
  });

  test('refuses a client that forges its address', async () => {
    const alice = await client(server);
    alice.send("<message from='bob@localhost' to='alice@localhost'/>");
    await alice.expect(streamError('invalid-from'));
    await alice.closed;
  });

  test('a newcomer with the same resource replaces the old session', async () => {
    const old = await client(server);
    const fresh = await client(server);
    await old.expect('<stream:error><any/></stream:error>');
    await old.closed;
    await fresh.barrier();
    await fresh.close();
  });

  test('lists its components and answers what clients ask at login', async () => {
    const alice = await client(server);
    const items = "<query xmlns='http://jabber.org/protocol/disco#items'/>";
    const reply = await alice.iq(`<iq type='get' to='localhost'>${items}</iq>`);
    assert.match(JSON.stringify(reply), /irc\.localhost/);
    const stored = "<query xmlns='jabber:iq:private'><s xmlns='urn:s'><k/></s></query>";
    await alice.iq(`<iq type='set'>${stored}</iq>`);
    const kept = await alice.iq(
      "<iq type='get'><query xmlns='jabber:iq:private'><s xmlns='urn:s'/></query></iq>",
    );
    assert.match(JSON.stringify(kept), /"k"/);
    const unknown = await alice.iq("<iq type='get'><q xmlns='urn:unknown'/></iq>");
    assert.match(JSON.stringify(unknown), /service-unavailable/);
    await alice.close();
  });

  test('keeps messages for an account without resources and refuses unknown accounts', async () => {
    const alice = await client(server);
    alice.send("<message to='bob@localhost' type='chat'><body>later</body></message>");
    alice.send("<message to='nobody@localhost' id='n1'><body>hm</body></message>");
    await alice.expect(
      "<message type='error' id='n1' from='nobody@localhost'><error type='cancel'>" +
        "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
    );
    const bob = await client(server, { user: 'bob' });
    bob.send('<presence/>');
    await bob.expect("<message><body>later</body><delay xmlns='urn:xmpp:delay'/></message>");
    const reply = await alice.iq("<iq type='get' to='bob@localhost/gone'><q xmlns='urn:q'/></iq>");
    assert.equal(reply.attributes['type'], 'error');
    await Promise.all([alice.close(), bob.close()]);
  });

  test('a message to the bare address goes to the highest priority', async () => {
    const desk = await client(server);
    const phone = await client(server, { resource: 'phone' });
    const bob = await client(server, { user: 'bob' });
    desk.send('<presence><priority>5</priority></presence>');
    phone.send('<presence/>');
    await Promise.all([desk.barrier(), phone.barrier()]);
    bob.send("<message to='alice@localhost'><body>hi</body></message>");
    await desk.expect('<message><body>hi</body></message>');
    await phone.barrier();
    assert.ok(!phone.received.some(({ name }) => name === 'message'));
    await Promise.all([desk.close(), phone.close(), bob.close()]);
  });
});

describe('subscriptions with a component', () => {
  let server: JabberServer;
  let irc: JabberPeer;
  let alice: XmppClient;
  before(async () => {
    server = await start();
    irc = await component(server);
    alice = await client(server);
    await alice.iq("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>");
    alice.send('<presence/>');
  });
  after(() => server.stop());

  test('refuses a probe before anybody has subscribed', async () => {
    irc.send(`<presence type='probe' from='${IRC}' to='alice@localhost'/>`);
    await irc.expect("<presence type='unsubscribed' from='alice@localhost'/>");
  });

  test('pushes the roster through both directions of a subscription', async () => {
    alice.send(`<presence type='subscribe' to='${IRC}'/>`);
    await alice.expect(push("subscription='none' ask='subscribe'"));
    await irc.expect(`<presence type='subscribe' from='alice@localhost' to='${IRC}'/>`);
    irc.send(`<presence type='subscribed' from='${IRC}' to='alice@localhost'/>`);
    await alice.expect(push("subscription='to' ask='{none}'"));
    await alice.expect("<presence type='subscribed'/>");
    irc.send(`<presence type='subscribe' from='${IRC}' to='alice@localhost'/>`);
    await alice.expect("<presence type='subscribe'/>");
    alice.send(`<presence type='subscribed' to='${IRC}'/>`);
    await alice.expect(push("subscription='both'"));
    await irc.expect("<presence type='subscribed'/>");
    await irc.expect("<presence type='{none}' from='alice@localhost/desk'/>");
  });

  test('drops an approval nobody has asked for', async () => {
    irc.send(`<presence type='subscribed' from='x@${IRC}' to='alice@localhost'/>`);
    irc.send(`<message from='x@${IRC}' to='alice@localhost'><body>after</body></message>`);
    await alice.expect('<message><body>after</body></message>');
    assert.ok(!alice.received.some(({ attributes }) => attributes['type'] === 'subscribed'));
  });

  test('probes contacts at login and tells them when the connection is lost', async () => {
    const phone = await client(server, { resource: 'phone' });
    phone.send('<presence/>');
    await irc.expect("<presence type='{none}' from='alice@localhost/phone'/>");
    await irc.expect("<presence type='probe' from='alice@localhost/phone'/>");
    phone.send(`<presence to='#room@${IRC}/nick'/>`);
    await irc.expect(`<presence to='#room@${IRC}/nick'/>`);
    phone.abort();
    await irc.expect(`<presence type='unavailable' to='#room@${IRC}/nick'/>`);
    await irc.expect(`<presence type='unavailable' to='${IRC}'/>`);
  });

  test('removing the contact ends both subscriptions', async () => {
    const item = `<item jid='${IRC}' subscription='remove'/>`;
    await alice.iq(`<iq type='set'><query xmlns='jabber:iq:roster'>${item}</query></iq>`);
    await alice.expect(push("subscription='remove'"));
    await irc.expect("<presence type='unsubscribe'/>");
    await irc.expect("<presence type='unsubscribed'/>");
    await irc.expect("<presence type='unavailable' from='alice@localhost/desk'/>");
  });

  function push(attributes: string): string {
    const item = `<item jid='${IRC}' ${attributes}/>`;
    return `<iq type='set'><query xmlns='jabber:iq:roster'>${item}</query></iq>`;
  }
});

describe('refusals on the component port', () => {
  let server: JabberServer;
  before(async () => {
    server = await start();
  });
  after(() => server.stop());

  const to = "to='alice@localhost'";
  const from = `from='${IRC}'`;
  const CASES: readonly (readonly [string, string, string])[] = [
    ['no from', `<message ${to}/>`, 'improper-addressing'],
    ['no to', `<message ${from}/>`, 'improper-addressing'],
    ['a foreign from', `<message ${to} from='x@sms.localhost'/>`, 'invalid-from'],
    ['the server as from', `<message ${to} from='alice@localhost'/>`, 'invalid-from'],
    ['an unknown stanza', `<hello ${from} ${to}/>`, 'unsupported-stanza-type'],
    ['a comment', '<!-- hi -->', 'restricted-xml'],
    ['a processing instruction', '<?php hi?>', 'restricted-xml'],
    ['a document type', "<!DOCTYPE x [<!ENTITY a 'b'>]>", 'not-well-formed'],
    [
      'an unknown entity',
      `<message ${from} ${to}><body>&nbsp;</body></message>`,
      'not-well-formed',
    ],
    ['a control character', `<message ${from} ${to}>\u0007</message>`, 'not-well-formed'],
    ['a wrong end tag', '<message></presence>', 'not-well-formed'],
    ['an unbound prefix', `<message ${from} ${to}><x:y/></message>`, 'not-well-formed'],
    ['a huge stanza', `<message ${from} ${to}>${'ä'.repeat(300_000)}`, 'policy-violation'],
  ];

  for (const [name, xml, condition] of CASES) {
    test(`closes the stream with ${condition} for ${name}`, async () => {
      const irc = await component(server);
      irc.send(xml);
      await irc.expect(streamError(condition));
      await irc.closed;
    });
  }

  test('refuses a wrong namespace, an unknown host and a wrong secret', async () => {
    const { componentPort: port } = server;
    const namespace = 'jabber:client';
    const attempts = [
      [{ port, domain: IRC, secret: 'secret', namespace }, 'invalid-namespace'],
      [{ port, domain: 'x.localhost', secret: 'secret' }, 'host-unknown'],
      [{ port, domain: IRC, secret: 'wrong' }, 'not-authorized'],
    ] as const;
    for (const [options, condition] of attempts) {
      const irc = await openComponent(options);
      await irc.expect(streamError(condition));
      await irc.closed;
    }
  });

  test('refuses a second connection and keeps the first', async () => {
    const irc = await component(server);
    const second = await openComponent({
      port: server.componentPort,
      domain: IRC,
      secret: 'secret',
    });
    await second.expect(streamError('conflict'));
    irc.send(
      `<iq type='get' id='p' from='${IRC}' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>`,
    );
    await irc.expect("<iq type='result' id='p'/>");
    await irc.close();
  });

  test('answers a malformed address and an unsound request without closing', async () => {
    const irc = await component(server);
    irc.send(
      `<message from='a:b@${IRC}' ${to} id='1'/><iq ${from} to='localhost' type='get' id='2'/>`,
    );
    await irc.expect("<message type='error' id='1'><error type='modify'/></message>");
    await irc.expect("<iq type='error' id='2'><error type='modify'/></iq>");
    await irc.close();
  });

  test('takes a character split between two packets', async () => {
    const irc = await component(server);
    const bytes = Buffer.from(`<iq ${from} to='localhost' type='get' id='ä'><q xmlns='u'/></iq>`);
    const middle = bytes.indexOf(0xc3) + 1;
    irc.send(bytes.subarray(0, middle));
    irc.send(bytes.subarray(middle));
    await irc.expect("<iq type='error' id='ä'/>");
    await irc.close();
  });

  test('answers for a component that is away', async () => {
    const irc = await component(server);
    const alice = await client(server);
    server.dropComponent(IRC);
    await irc.closed;
    alice.send(`<message to='bob%x@${IRC}' id='m1'><body>hi</body></message>`);
    await alice.expect(
      "<message type='error' id='m1'><error type='wait'><remote-server-timeout " +
        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
    );
    const again = await component(server);
    await Promise.all([alice.close(), again.close()]);
  });

  test('refuses a client stream for a foreign domain', async () => {
    const peer = await JabberPeer.open(server.clientPort, 'jabber:client');
    peer.send(`<stream:stream xmlns='jabber:client' xmlns:stream='${STREAMS}' to='elsewhere'>`);
    await peer.expect(streamError('host-unknown'));
    await peer.closed;
  });
});

describe('habits of other servers', () => {
  test('jabberd2 offers SASL to a versioned header and asks at once in jabber:client', async () => {
    const server = await start('jabberd2');
    const options = { port: server.componentPort, domain: IRC, secret: 'secret' };
    const irc = await connectComponent({ ...options, header: " version='1.0'" });
    await irc.expect('<stream:features/>');
    const query = "<query xmlns='http://jabber.org/protocol/disco#info'/>";
    for (const id of ['disco-1', 'disco-2']) {
      await irc.expect(`<iq xmlns='jabber:client' type='get' id='${id}'>${query}</iq>`);
    }
    await server.stop();
  });

  test('ejabberd announces privileges and sends the traffic of all hosts', async () => {
    const server = await start('ejabberd');
    const irc = await component(server);
    for (const host of [IRC, 'sms.localhost']) {
      await irc.expect(`<message to='${host}'><privilege xmlns='urn:xmpp:privilege:1'/></message>`);
    }
    const alice = await client(server);
    alice.send("<message to='1@sms.localhost'><body>hi</body></message>");
    await irc.expect("<message to='1@sms.localhost' from='alice@localhost/desk'/>");
    irc.send("<message to='alice@localhost/desk' from='1@sms.localhost'><body>ho</body></message>");
    await alice.expect("<message from='1@sms.localhost'><body>ho</body></message>");
    await server.stop();
  });
});

function streamError(condition: string): string {
  const error = `<${condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>`;
  return `<stream:error>${error}</stream:error>`;
}
