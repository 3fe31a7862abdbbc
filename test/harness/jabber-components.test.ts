import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Flavour } from './jabber-components.ts';
import { startJabberServer, type JabberServer } from './jabber-server.ts';
import { connectComponent, type ScriptedComponent } from './scripted-component.ts';
import { connectClient, type XmppClient } from './xmpp-client.ts';

const IRC = 'irc.localhost';
const ERRORS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

async function start(t: TestContext, flavour: Flavour = 'prosody'): Promise<JabberServer> {
  const server = await startJabberServer({
    domain: 'localhost',
    components: { [IRC]: 'secret', 'sms.localhost': 'other' },
    accounts: { alice: 'password' },
    flavour,
  });
  t.after(() => server.stop());
  return server;
}

function component(server: JabberServer, more = {}): Promise<ScriptedComponent> {
  return connectComponent({ port: server.componentPort, domain: IRC, secret: 'secret', ...more });
}

async function alice(server: JabberServer): Promise<XmppClient> {
  const client = await connectClient({
    port: server.clientPort,
    domain: 'localhost',
    user: 'alice',
    password: 'password',
  });
  client.send('<presence/>');
  await client.barrier();
  client.takeAll();
  return client;
}

const HEADERS: readonly (readonly [condition: string, options: object])[] = [
  ['invalid-namespace', { header: { ns: 'jabber:client' }, secret: undefined }],
  ['host-unknown', { domain: 'mail.localhost', secret: undefined }],
  ['not-authorized', { secret: 'wrong' }],
];

for (const [condition, options] of HEADERS) {
  test(`refuses a component with ${condition}`, async (t) => {
    const server = await start(t);
    const refused = component(server, options).then((it) => it.expectStreamError(condition));
    await (condition === 'not-authorized' ? assert.rejects(refused, /not-authorized/) : refused);
    assert.equal(server.isAttached(IRC), false);
  });
}

test('refuses stanzas before the handshake', async (t) => {
  const server = await start(t);
  const early = await component(server, { secret: undefined });
  early.send(`<message from='x@${IRC}' to='alice@localhost'/>`);
  await early.expectStreamError('not-authorized');
});

const VIOLATIONS: readonly (readonly [what: string, xml: string, condition: string])[] = [
  ['a foreign sender', `<message from='x@sms.localhost' to='alice@localhost'/>`, 'invalid-from'],
  ['no sender', `<message to='alice@localhost'/>`, 'improper-addressing'],
  ['no receiver', `<message from='x@${IRC}'/>`, 'improper-addressing'],
  ['what is no stanza', `<presense from='${IRC}' to='localhost'/>`, 'unsupported-stanza-type'],
  ['a comment', `<!-- hello -->`, 'restricted-xml'],
  ['a processing instruction', `<?php ?>`, 'restricted-xml'],
  ['a document type', `<!DOCTYPE a>`, 'not-well-formed'],
  ['wrong nesting', `<message></iq>`, 'not-well-formed'],
  ['an end of the stream inside a stanza', `<message></stream:stream>`, 'not-well-formed'],
  ['an unknown entity', `<message>&nbsp;</message>`, 'not-well-formed'],
  ['an unbound prefix', `<a:message/>`, 'not-well-formed'],
  ['a control character', `<message>\u0001</message>`, 'not-well-formed'],
  ['a stanza that never ends', `<message>${'x'.repeat(513 * 1024)}`, 'policy-violation'],
  ['deep nesting', '<a>'.repeat(200), 'policy-violation'],
];

for (const [what, xml, condition] of VIOLATIONS) {
  test(`closes the stream of a component over ${what}`, async (t) => {
    const server = await start(t);
    const gateway = await component(server);
    gateway.send(xml);
    await gateway.expectStreamError(condition);
    await server.detached(IRC);
  });
}

test('takes a stanza of 512 KiB, and a character split between packets', async (t) => {
  const server = await start(t);
  const [gateway, client] = await Promise.all([component(server), alice(server)]);
  const text = 'x'.repeat(500 * 1024);
  gateway.send(`<message from='x@${IRC}' to='alice@localhost'><body>${text}</body></message>`);
  await client.expect(`<message><body>${text}</body></message>`);
  const bytes = Buffer.from(
    `<message from='x@${IRC}' to='alice@localhost'><body>ü€😀</body></message>`,
  );
  for (const byte of bytes) gateway.send(Buffer.of(byte));
  await client.expect(`<message><body>ü€😀</body></message>`);
});

test('carries stanzas both ways in the right namespaces', async (t) => {
  const server = await start(t);
  const [gateway, client] = await Promise.all([component(server), alice(server)]);
  client.send(`<message to='x@${IRC}' id='1'><body>hello</body></message>`);
  await gateway.expect(
    `<message from='${client.jid}' to='x@${IRC}' id='1'><body>hello</body></message>`,
  );
  gateway.send(
    `<iq from='${IRC}' to='${client.jid}' type='get' id='2'><ping xmlns='urn:xmpp:ping'/></iq>`,
  );
  await client.expect(`<iq from='${IRC}' type='get' id='2'><ping xmlns='urn:xmpp:ping'/></iq>`);
  client.send(`<iq to='${IRC}' type='result' id='2'/>`);
  await gateway.expect(`<iq from='${client.jid}' type='result' id='2'/>`);
});

test('answers a component for accounts that do not exist and addresses that are none', async (t) => {
  const gateway = await component(await start(t));
  const refusals: readonly (readonly [to: string, condition: string])[] = [
    ['nobody@localhost', 'service-unavailable'],
    ['@localhost', 'jid-malformed'],
    ['a@elsewhere.example', 'remote-server-not-found'],
  ];
  for (const [to, condition] of refusals) {
    gateway.send(`<message from='x@${IRC}' to='${to}' id='${condition}'><body>?</body></message>`);
    await gateway.expect(
      `<message to='x@${IRC}' from='${to}' id='${condition}' type='error'><error><${condition} xmlns='${ERRORS}'/></error></message>`,
    );
  }
  gateway.send(`<presence from='x@${IRC}' to='nobody@localhost' type='probe'/>`);
  await gateway.expect(`<presence from='nobody@localhost' type='unsubscribed'/>`);
});

test('prosody: a second connection gets conflict, the first stays', async (t) => {
  const server = await start(t);
  const first = await component(server);
  await assert.rejects(component(server), /conflict/);
  first.send(
    `<iq from='${IRC}' to='localhost' type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>`,
  );
  await first.expect(`<iq type='result' id='p' from='localhost'/>`);
});

const AWAY: readonly (readonly [Flavour, type: string, condition: string])[] = [
  ['prosody', 'wait', 'remote-server-timeout'],
  ['ejabberd', 'auth', 'forbidden'],
  ['jabberd2', 'cancel', 'item-not-found'],
];

for (const [flavour, type, condition] of AWAY) {
  test(`${flavour}: a user who writes to a component that is away gets ${condition}`, async (t) => {
    const server = await start(t, flavour);
    const client = await alice(server);
    client.send(`<message to='x@${IRC}' id='m'><body>hello</body></message>`);
    await client.expect(
      `<message from='x@${IRC}' id='m' type='error'><error type='${type}'><${condition} xmlns='${ERRORS}'/></error></message>`,
    );
    client.send(`<iq to='${IRC}' id='i' type='result'/>`);
    client.send(`<presence to='${IRC}'/>`);
    await client.expectNothing(({ attrs }) => attrs['from'] === IRC);
  });
}

test('ejabberd: every connection gets the traffic of all hosts, and two may serve one', async (t) => {
  const server = await start(t, 'ejabberd');
  const client = await alice(server);
  const first = await component(server);
  client.send(`<message to='x@sms.localhost' id='1'/>`);
  await first.expect(`<message to='x@sms.localhost' id='1'/>`);
  const second = await component(server);
  client.send(`<message to='x@${IRC}' id='2'/><message to='x@${IRC}' id='3'/>`);
  await Promise.all([first.expect(`<message/>`), second.expect(`<message/>`)]);
  first.send(`<message from='x@sms.localhost' to='alice@localhost' id='4'/>`);
  await client.expect(`<message from='x@sms.localhost' id='4'/>`);
});

test('ejabberd: an unknown host is not-authorized at the handshake', async (t) => {
  const server = await start(t, 'ejabberd');
  await assert.rejects(component(server, { domain: 'mail.localhost' }), /not-authorized/);
});

test('jabberd2: asks twice behind the handshake and writes jabber:client', async (t) => {
  const server = await start(t, 'jabberd2');
  const gateway = await component(server);
  const query = `<iq type='get' from='sm' id='{any}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`;
  const [one, two] = [await gateway.expect(query), await gateway.expect(query)];
  assert.notEqual(one.attrs['id'], two.attrs['id']);
});

test('jabberd2: a header with a version is offered SASL, and the handshake then fails', async (t) => {
  const server = await start(t, 'jabberd2');
  const header = { attributes: "version='1.0'" };
  await assert.rejects(component(server, { header }), /DIGEST-MD5[^]*not-authorized/);
});

test('jabberd2: a user stays with one of several connections', async (t) => {
  const server = await start(t, 'jabberd2');
  const [client, ...gateways] = await Promise.all([
    alice(server),
    component(server),
    component(server),
  ]);
  for (let n = 0; n < 4; n++) client.send(`<message to='x@${IRC}'><body>${n}</body></message>`);
  await client.barrier();
  const last = `<message><body>3</body></message>`;
  const taker = await Promise.race(gateways.map((it) => it.expect(last).then(() => it)));
  assert.equal(taker.unclaimed.filter(({ name }) => name === 'message').length, 3);
  for (const gateway of gateways) gateway.destroy();
});

test('a test can cut a component, close its port, and see it come back', async (t) => {
  const server = await start(t);
  const first = await component(server);
  server.dropComponent(IRC);
  await first.closed;
  const second = await component(server);
  server.dropComponent(IRC, 'system-shutdown');
  await second.expectStreamError('system-shutdown');
  await server.closeComponentPort();
  await assert.rejects(component(server), /ECONNREFUSED/);
  await server.openComponentPort();
  await component(server);
  await server.attached(IRC);
  await assert.rejects(server.detached(IRC, 5), /is not detached after 5 ms/);
});

test('the log keeps what passed, in order', async (t) => {
  const server = await start(t);
  const [gateway, client] = await Promise.all([component(server), alice(server)]);
  client.send(`<message to='x@${IRC}' id='logged'/>`);
  await gateway.expect(`<message id='logged'/>`);
  const logged = server.log.filter(({ stanza }) => stanza.attrs['id'] === 'logged');
  assert.deepEqual(
    logged.map(({ direction, peer }) => [direction, peer]),
    [
      ['in', client.jid],
      ['out', IRC],
    ],
  );
});
