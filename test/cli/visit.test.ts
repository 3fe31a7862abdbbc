import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Visit } from '../../src/cli/doctor/visit.ts';
import { startJabberServer } from '../harness/jabber-server.ts';
import { connectClient } from '../harness/xmpp-client.ts';

const DOMAIN = 'irc.localhost';

test('what users send to a domain that doctor has attached comes back as an error, and nothing else', async (t) => {
  const jabber = await startJabberServer({
    domain: 'localhost',
    components: { [DOMAIN]: 'one' },
    accounts: { alice: 'a' },
  });
  t.after(() => jabber.stop());
  const { componentPort: port, clientPort } = jabber;
  const options = { host: '127.0.0.1', port, tls: false, secret: 'one', timeoutMs: 5_000 };
  const visit = await Visit.begin({ ...options, domain: DOMAIN });
  assert.ok(visit instanceof Visit);
  const alice = await connectClient({
    port: clientPort,
    domain: 'localhost',
    user: 'alice',
    password: 'a',
  });
  t.after(() => alice.destroy());
  alice.send(`<presence to='${DOMAIN}'/>`);
  alice.send(`<message to='romeo%s@${DOMAIN}' id='m1' type='chat'><body>Hark!</body></message>`);
  await alice.expect(
    `<message from='romeo%s@${DOMAIN}' id='m1' type='error'><error type='wait'><recipient-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
  );
  alice.send(`<iq to='${DOMAIN}' id='q1' type='get'><query xmlns='jabber:iq:register'/></iq>`);
  await alice.expect(`<iq from='${DOMAIN}' id='q1' type='error'/>`);
  await visit.end();
  await jabber.detached(DOMAIN);
  const said = jabber.log.filter(({ direction, peer }) => direction === 'in' && peer === DOMAIN);
  assert.deepEqual(
    said.map(({ stanza }) => stanza.name),
    ['message', 'iq'],
  );
});
