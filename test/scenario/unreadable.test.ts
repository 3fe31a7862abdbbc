import { PassThrough } from 'node:stream';
import { afterEach, describe, test } from 'node:test';
import { pino } from 'pino';
import { matchXml } from '../harness/xml-matcher.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';

const ERRORS = 'urn:ietf:params:xml:ns:xmpp-stanzas';
const LATER = `<error type='wait'><internal-server-error xmlns='${ERRORS}'/></error>`;
const REGISTER = "<query xmlns='jabber:iq:register'/>";
const ASK = `<iq type='get' to='${LOOP}'>${REGISTER}</iq>`;
const SAY = `<message type='chat' to='romeo@${LOOP}' id='m1'><body>Hello</body></message>`;
const MEMBERS = `<iq type='get' to='#garden@${LOOP}'><query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='owner'/></query></iq>`;

/** A database that cannot be read for a while must not make strangers of those who are registered. */
describe('what is kept of a user and cannot be read', () => {
  let world: LoopbackWorld;
  let failed: Promise<void>;
  afterEach(() => world.stop());

  /** Alice is registered; the gateway that comes back finds nothing that it can read. */
  const broken = async (...options: string[]): Promise<XmppClient> => {
    const log = new PassThrough();
    failed = new Promise((resolve) => {
      log.on('data', (line) => {
        if (String(line).includes('could not be read')) resolve();
      });
    });
    world = await LoopbackWorld.start({
      // It says nothing of users who are away.
      flavour: 'ejabberd',
      options: ['registration: required', ...options],
      log: pino({ level: 'error' }, log),
    });
    const alice = await world.client('alice');
    await world.register(alice);
    world.network.meet('romeo');
    if (options.length > 0) await alice.close();
    await world.stopGateway();
    world.sql('ALTER TABLE subscriptions RENAME TO lost');
    await world.startGateway();
    return alice;
  };
  const mend = (): void => world.sql('ALTER TABLE lost RENAME TO subscriptions');

  test('gives a temporary error instead of a call to register, and is read with the next stanza', async () => {
    const alice = await broken();
    alice.send(SAY);
    await alice.expect(`<message type='error' id='m1'>${LATER}</message>`);
    matchXml(await alice.iq(ASK), `<iq type='error'>${LATER}</iq>`);
    matchXml(await alice.iq(MEMBERS), `<iq type='error'>${LATER}</iq>`);
    mend();
    alice.send(SAY);
    await world.network.expect('send', ({ user }) => user === 'alice');
    matchXml(
      await alice.iq(ASK),
      "<iq type='result'><query xmlns='jabber:iq:register'><registered/></query></iq>",
    );
  });

  test('is read again without her doing where she is to stay on the network', async () => {
    await broken('alwaysOn: true');
    await failed;
    const before = new Set(world.network.calls.recorded);
    mend();
    await world.network.expect('run', (call) => call.user === 'alice' && !before.has(call));
  });

  test('leaves a stranger one: she is told to register', async () => {
    world = await LoopbackWorld.start({ options: ['registration: required'] });
    const bob = await world.client('bob');
    bob.send(SAY);
    await bob.expect(
      `<message type='error' id='m1'><error><registration-required xmlns='${ERRORS}'/></error></message>`,
    );
  });
});
