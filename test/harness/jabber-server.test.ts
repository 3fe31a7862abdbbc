import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test, type TestContext } from 'node:test';
import { makeCertificates } from './certificates.ts';
import { startJabberServer, type JabberServer, type JabberServerOptions } from './jabber-server.ts';
import { connectComponent } from './scripted-component.ts';
import { serialize } from './xml-element.ts';
import { matchXml } from './xml-matcher.ts';
import { connectClient, type XmppClient, type XmppClientOptions } from './xmpp-client.ts';

const IRC = 'irc.localhost';
const ERRORS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

async function start(
  t: TestContext,
  more: Partial<JabberServerOptions> = {},
): Promise<JabberServer> {
  const server = await startJabberServer({
    domain: 'localhost',
    components: { [IRC]: 'secret' },
    accounts: { alice: 'password', bob: 'password' },
    ...more,
  });
  t.after(() => server.stop());
  return server;
}

/** Logged in; with `presence` also available, interested in the roster and up to date. */
async function client(
  server: JabberServer,
  user: string,
  { presence, ...more }: Partial<XmppClientOptions> & { presence?: string } = {},
): Promise<XmppClient> {
  const { clientPort: port, domain } = server;
  const it = await connectClient({ port, domain, user, password: 'password', ...more });
  if (presence === undefined) return it;
  await it.iq(`<iq type='get'><query xmlns='jabber:iq:roster'/></iq>`);
  it.send(presence);
  await it.barrier();
  it.takeAll();
  return it;
}

const online = { presence: '<presence/>' };

test('logs in with SASL and with the log in of old, and refuses a wrong password', async (t) => {
  const server = await start(t);
  for (const legacy of [false, true]) {
    const alice = await client(server, 'alice', { legacy, resource: 'desk' });
    assert.equal(alice.jid, 'alice@localhost/desk');
    await alice.barrier();
    await alice.close();
    await assert.rejects(client(server, 'alice', { legacy, password: 'x' }), /not-authorized/);
    await assert.rejects(client(server, 'carol', { legacy }), /not-authorized/);
  }
});

test('encrypts by STARTTLS with the certificate it was given', async (t) => {
  const { ca, cert, key } = makeCertificates();
  const server = await start(t, { tls: { cert, key } });
  const alice = await client(server, 'alice', { tlsAuthorities: ca, ...online });
  await alice.barrier();
  await alice.close();
});

test('makes accounts, changes and removes them', async (t) => {
  const server = await start(t);
  const carol = await client(server, 'carol', { register: true, ...online });
  const register = (content: string) =>
    carol.iq(
      `<iq type='set' to='localhost'><query xmlns='jabber:iq:register'>${content}</query></iq>`,
    );
  matchXml(
    await register('<username>carol</username><password>new</password>'),
    `<iq type='result'/>`,
  );
  await (await client(server, 'carol', { password: 'new', resource: 'other' })).close();
  matchXml(await register('<remove/>'), `<iq type='result'/>`);
  await carol.closed;
  await assert.rejects(client(server, 'carol', { password: 'new' }), /not-authorized/);
});

test('refuses what a client may not send', async (t) => {
  const server = await start(t);
  const violations: readonly (readonly [xml: string, condition: string])[] = [
    [`<message from='bob@localhost' to='bob@localhost'/>`, 'invalid-from'],
    [`<message`.padEnd(300 * 1024, ' '), 'policy-violation'],
    [`<nonsense/>`, 'unsupported-stanza-type'],
    [`<!-- -->`, 'restricted-xml'],
  ];
  for (const [xml, condition] of violations) {
    const alice = await client(server, 'alice');
    alice.send(xml);
    const error = await alice.expect(({ name }) => name === 'error');
    assert.match(serialize(error), new RegExp(`<${condition} `));
    await alice.closed;
  }
});

test('a newcomer takes the resource of an old session', async (t) => {
  const server = await start(t);
  const old = await client(server, 'alice', online);
  const fresh = await client(server, 'alice', online);
  await old.closed;
  await fresh.barrier();
});

test('says what it is, lists its components and answers the usual questions', async (t) => {
  const alice = await client(await start(t), 'alice', online);
  const ask = (payload: string, to = 'localhost') =>
    alice.iq(`<iq type='get' to='${to}'>${payload}</iq>`);
  const info = `<query xmlns='http://jabber.org/protocol/disco#info'/>`;
  matchXml(
    await ask(info),
    `<iq type='result'><query xmlns='http://jabber.org/protocol/disco#info'><identity category='server' type='im'/><feature var='urn:xmpp:ping'/></query></iq>`,
  );
  matchXml(
    await ask(`<query xmlns='http://jabber.org/protocol/disco#items'/>`),
    `<iq type='result'><query xmlns='http://jabber.org/protocol/disco#items'><item jid='${IRC}'/></query></iq>`,
  );
  matchXml(
    await ask(`<query xmlns='jabber:iq:version'/>`),
    `<iq type='result'><query xmlns='jabber:iq:version'><name>{any}</name></query></iq>`,
  );
  matchXml(
    await ask(info, 'alice@localhost'),
    `<iq type='result'><query xmlns='http://jabber.org/protocol/disco#info'><identity category='account' type='registered'/></query></iq>`,
  );
  const refused = `<iq type='error'><error><service-unavailable xmlns='${ERRORS}'/></error></iq>`;
  matchXml(await ask(`<query xmlns='urn:unknown'/>`), refused);
  matchXml(await ask(`<query xmlns='urn:unknown'/>`, 'bob@localhost'), refused);
  matchXml(await ask(info, 'bob@localhost'), refused);
  matchXml(await ask(info, 'bob@localhost/gone'), refused);
  matchXml(
    await alice.iq(`<iq type='get' to='localhost'/>`),
    `<iq type='error'><error><bad-request xmlns='${ERRORS}'/></error></iq>`,
  );
});

test('keeps private data and cards', async (t) => {
  const server = await start(t);
  const [alice, bob] = [await client(server, 'alice', online), await client(server, 'bob', online)];
  const storage = `<storage xmlns='storage:bookmarks'><conference jid='#a@${IRC}'/></storage>`;
  await alice.iq(`<iq type='set'><query xmlns='jabber:iq:private'>${storage}</query></iq>`);
  matchXml(
    await alice.iq(
      `<iq type='get'><query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query></iq>`,
    ),
    `<iq type='result'><query xmlns='jabber:iq:private'>${storage}</query></iq>`,
  );
  const card = `<iq type='get' to='alice@localhost'><vCard xmlns='vcard-temp'/></iq>`;
  matchXml(
    await bob.iq(card),
    `<iq type='error'><error><item-not-found xmlns='${ERRORS}'/></error></iq>`,
  );
  await alice.iq(`<iq type='set'><vCard xmlns='vcard-temp'><FN>Alice</FN></vCard></iq>`);
  matchXml(
    await bob.iq(card),
    `<iq type='result'><vCard xmlns='vcard-temp'><FN>Alice</FN></vCard></iq>`,
  );
});

test('a message goes to the highest priority, to a full address, or waits', async (t) => {
  const server = await start(t);
  const alice = await client(server, 'alice', online);
  alice.send(`<message to='bob@localhost' id='1' type='chat'><body>early</body></message>`);
  alice.send(
    `<message to='nobody@localhost' id='2'/><message to='bob@localhost' id='3' type='groupchat'/>`,
  );
  await alice.expect(
    `<message id='2' type='error'><error><service-unavailable xmlns='${ERRORS}'/></error></message>`,
  );
  await alice.expect(`<message id='3' type='error'/>`);
  const presence = (priority: number) => `<presence><priority>${priority}</priority></presence>`;
  const low = await client(server, 'bob', { resource: 'low', presence: presence(-1) });
  const desk = await client(server, 'bob', { resource: 'desk' });
  desk.send(presence(5));
  await desk.expect(`<message id='1'><body>early</body><delay xmlns='urn:xmpp:delay'/></message>`);
  const phone = await client(server, 'bob', { resource: 'phone', presence: presence(5) });
  alice.send(`<message to='bob@localhost' id='4'/><message to='bob@localhost/low' id='5'/>`);
  await Promise.all([desk.expect(`<message id='4'/>`), phone.expect(`<message id='4'/>`)]);
  await low.expect(`<message id='5'/>`);
  await low.expectNothing(`<message id='4'/>`);
});

test('a subscription goes through both directions, with pushes and presence', async (t) => {
  const server = await start(t);
  const [alice, bob] = [await client(server, 'alice', online), await client(server, 'bob', online)];
  const item = (attributes: string) =>
    `<iq type='set'><query xmlns='jabber:iq:roster'><item ${attributes}/></query></iq>`;
  alice.send(`<presence to='bob@localhost' type='subscribe'/>`);
  await alice.expect(item(`jid='bob@localhost' subscription='none' ask='subscribe'`));
  await bob.expect(`<presence from='alice@localhost' type='subscribe'/>`);
  bob.send(`<presence to='alice@localhost' type='subscribed'/>`);
  await bob.expect(item(`jid='alice@localhost' subscription='from'`));
  await alice.expectUnordered([
    `<presence from='bob@localhost' type='subscribed'/>`,
    item(`jid='bob@localhost' subscription='to' ask='{none}'`),
    `<presence from='${bob.jid}' type='{none}'/>`,
  ]);
  bob.send(`<presence><show>away</show></presence>`);
  await alice.expect(`<presence from='${bob.jid}'><show>away</show></presence>`);
  await bob.close();
  await alice.expect(`<presence from='${bob.jid}' type='unavailable'/>`);
  const back = await client(server, 'bob', online);
  await alice.expect(`<presence from='${bob.jid}' type='{none}'/>`);
  alice.send(
    `<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='bob@localhost' subscription='remove'/></query></iq>`,
  );
  await alice.expect(item(`jid='bob@localhost' subscription='remove'`));
  await back.expectUnordered([
    `<presence from='alice@localhost' type='unsubscribe'/>`,
    item(`jid='alice@localhost' subscription='none'`),
  ]);
});

test('an approval or refusal that nobody has asked for changes nothing', async (t) => {
  const server = await start(t);
  const gateway = await connectComponent({
    port: server.componentPort,
    domain: IRC,
    secret: 'secret',
  });
  const alice = await client(server, 'alice', online);
  for (const type of ['subscribed', 'unsubscribed', 'unsubscribe']) {
    gateway.send(`<presence from='x@${IRC}' to='alice@localhost' type='${type}'/>`);
  }
  gateway.send(`<presence from='x@${IRC}' to='alice@localhost' type='probe'/>`);
  await gateway.expect(`<presence from='alice@localhost' to='x@${IRC}' type='unsubscribed'/>`);
  await alice.expectNothing(() => true);
});

test('a component is probed at log in, may probe, and hears of the end', async (t) => {
  const server = await start(t);
  const gateway = await connectComponent({
    port: server.componentPort,
    domain: IRC,
    secret: 'secret',
  });
  const alice = await client(server, 'alice', online);
  alice.send(`<presence to='${IRC}' type='subscribe'/>`);
  await gateway.expect(`<presence from='alice@localhost' to='${IRC}' type='subscribe'/>`);
  gateway.send(`<presence from='${IRC}' to='alice@localhost' type='subscribed'/>`);
  gateway.send(`<presence from='${IRC}' to='alice@localhost' type='subscribe'/>`);
  await alice.expect(`<presence from='${IRC}' type='subscribe'/>`);
  alice.send(`<presence to='${IRC}' type='subscribed'/>`);
  await gateway.expect(`<presence from='alice@localhost' type='subscribed'/>`);
  await gateway.expect(`<presence from='${alice.jid}' to='${IRC}' type='{none}'/>`);
  gateway.send(`<presence from='${IRC}' to='alice@localhost' type='probe'/>`);
  await gateway.expect(`<presence from='${alice.jid}' to='${IRC}' type='{none}'/>`);
  alice.destroy();
  await gateway.expect(`<presence from='${alice.jid}' type='unavailable'/>`);
  gateway.send(`<presence from='${IRC}' to='alice@localhost' type='probe'/>`);
  await gateway.expect(`<presence from='alice@localhost' type='unavailable'/>`);
  const again = await client(server, 'alice', online);
  await gateway.expect(`<presence from='${again.jid}' to='${IRC}' type='probe'/>`);
});

test('whom a client sent its presence hears when it goes, unless told before', async (t) => {
  const server = await start(t);
  const gateway = await connectComponent({
    port: server.componentPort,
    domain: IRC,
    secret: 'secret',
  });
  const alice = await client(server, 'alice', online);
  alice.send(`<presence to='#a@${IRC}/nick'/><presence to='#b@${IRC}/nick'/>`);
  alice.send(`<presence to='#b@${IRC}/nick' type='unavailable'/>`);
  await gateway.expect(`<presence to='#b@${IRC}/nick' type='unavailable'/>`);
  alice.destroy();
  await gateway.expect(`<presence from='${alice.jid}' to='#a@${IRC}/nick' type='unavailable'/>`);
  assert.deepEqual(
    gateway.unclaimed.map(({ attrs }) => `${attrs['to']} ${attrs['type']}`),
    [`#a@${IRC}/nick undefined`, `#b@${IRC}/nick undefined`],
  );
});

test('a request waits for an account that is offline', async (t) => {
  const server = await start(t);
  const gateway = await connectComponent({
    port: server.componentPort,
    domain: IRC,
    secret: 'secret',
  });
  gateway.send(`<presence from='x@${IRC}' to='alice@localhost' type='subscribe'/>`);
  gateway.send(
    `<iq from='${IRC}' to='localhost' type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>`,
  );
  await gateway.expect(`<iq id='p' type='result'/>`);
  const alice = await client(server, 'alice');
  alice.send('<presence/>');
  await alice.expect(`<presence from='x@${IRC}' type='subscribe'/>`);
});

test('a client that waits in vain says what it has received', async (t) => {
  const alice = await client(await start(t), 'alice', online);
  alice.send(`<message to='alice@localhost' id='mine'/>`);
  await assert.rejects(
    alice.expect(`<message id='other'/>`, 50),
    /alice@localhost\/test: nothing in 50 ms; expected\n {2}<message id='other'\/>\nunclaimed so far\n {2}<message to='alice@localhost' id='mine'/,
  );
  await alice.expectNext(`<message id='mine'/>`);
});

test('stops at once with clients and half-open connections', async () => {
  const server = await startJabberServer({ domain: 'localhost', accounts: { alice: 'password' } });
  const alice = await client(server, 'alice', online);
  const mute = connect(server.clientPort, '127.0.0.1');
  mute.on('error', () => undefined);
  await new Promise((resolve) => mute.on('connect', resolve));
  await server.stop();
  await alice.closed;
  await assert.rejects(client(server, 'alice'), /ECONNREFUSED/);
  mute.destroy();
});
