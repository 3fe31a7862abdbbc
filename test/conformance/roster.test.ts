import assert from 'node:assert/strict';
import { afterEach, describe, mock, test } from 'node:test';
import { contactId } from '../../src/plugin/index.ts';
import type { Contact } from '../../src/plugin/index.ts';
import type { ComponentPrivileges } from '../harness/jabber-privileges.ts';
import { child, elements, text } from '../harness/xml-element.ts';
import type { Element } from '../harness/xml-element.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';

const ROMEO = `romeo@${LOOP}`;
const JULIET = `juliet@${LOOP}`;
const ROSTER = 'jabber:iq:roster';
const ROSTERX = 'http://jabber.org/protocol/rosterx';
const INFO = 'http://jabber.org/protocol/disco#info';
const PRIVILEGES: ComponentPrivileges = { namespace: 'urn:xmpp:privilege:2', roster: 'both' };

const romeo: Contact = { id: contactId('romeo'), name: 'Romeo', groups: ['Verona'] };
const juliet: Contact = { id: contactId('juliet'), name: 'Juliet' };

/** XEP-0100 §7, XEP-0356, XEP-0144: the network's list on the user's roster. */
describe('the roster', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  afterEach(async () => {
    mock.timers.reset();
    await world.stop();
  });

  const begin = async (privileges?: ComponentPrivileges): Promise<void> => {
    world = await LoopbackWorld.start(privileges === undefined ? {} : { privileges });
    alice = await world.client('alice');
    await world.register(alice);
    await world.network.expect('presence');
  };
  const list = (contacts: readonly Contact[], isComplete = true): void =>
    world.network.emit('alice', { kind: 'contact-list', contacts, isComplete });
  const item = (jid: string) => world.jabber.accounts.get('alice')?.roster.get(jid);
  const pushed = (jid: string, attributes = ''): Promise<Element> =>
    alice.expect(
      `<iq type='set'><query xmlns='${ROSTER}'><item jid='${jid}' ${attributes}/></query></iq>`,
    );
  const settled = async (): Promise<void> => {
    await alice.iq(`<iq type='get' to='${LOOP}'><query xmlns='jabber:iq:register'/></iq>`);
  };
  /** What the gateway has asked accounts about their rosters: `get`, `set`. */
  const asked = (type: string): Element[] =>
    world.jabber.log
      .filter(({ direction, peer }) => direction === 'in' && peer === LOOP)
      .map(({ stanza }) => stanza)
      .filter((el) => el.attrs['type'] === type && child(el, 'query', ROSTER) !== undefined);
  const until = async (isSo: () => boolean): Promise<void> => {
    for (let count = 0; count < 100 && !isSo(); count += 1) await settled();
    assert.ok(isSo());
  };
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const again = async (): Promise<void> => {
    await alice.close();
    alice = await world.client('alice', 'again');
    await world.network.expect('presence');
  };

  for (const namespace of ['urn:xmpp:privilege:1', 'urn:xmpp:privilege:2'] as const) {
    test(`with the server's leave it is written, with names, groups and both subscriptions (${namespace})`, async () => {
      await begin({ namespace, roster: 'both' });
      list([{ ...romeo, show: 'online' }, juliet]);
      await pushed(ROMEO, `name='Romeo' subscription='both'`);
      await pushed(JULIET, `name='Juliet' subscription='both'`);
      assert.deepEqual(item(ROMEO)?.groups, ['Verona']);
      await alice.expect(`<presence from='${ROMEO}/causeway' type='{none}'/>`);
      await alice.expectNothing(`<presence type='subscribe'/>`);
    });
  }

  test('what is there already is not written again, at no log-in and after no restart', async () => {
    await begin(PRIVILEGES);
    list([romeo, juliet]);
    await pushed(JULIET);
    await settled();
    for (let round = 0; round < 20; round++) list([romeo, juliet]);
    await alice.close();
    alice = await world.client('alice', 'again');
    await world.network.expect('presence');
    list([romeo, juliet]);
    await settled();
    await world.stopGateway();
    await world.startGateway();
    await world.network.expect('presence', ({ args }) => args[0] === 'online');
    list([romeo, { ...juliet, name: 'Juliet C.' }]);
    await pushed(JULIET, `name='Juliet C.'`);
    assert.equal(asked('set').length, 3);
  });

  test('what the user has renamed or sorted stays so, whatever the network says', async () => {
    await begin(PRIVILEGES);
    list([romeo, juliet]);
    await pushed(JULIET);
    await alice.iq(
      `<iq type='set'><query xmlns='${ROSTER}'><item jid='${ROMEO}' name='My own'><group>Heart</group></item></query></iq>`,
    );
    await again();
    list([
      { ...romeo, name: 'Romeo M.', groups: ['Mantua'] },
      { ...juliet, name: 'Juliet C.' },
    ]);
    await pushed(JULIET, `name='Juliet C.'`);
    assert.equal(item(ROMEO)?.name, 'My own');
    assert.deepEqual(item(ROMEO)?.groups, ['Heart']);
  });

  test('who was on it before the gateway came keeps the name that the user gave', async () => {
    await begin(PRIVILEGES);
    const entry = { jid: ROMEO, name: 'Mine', groups: [], isAsking: false };
    world.jabber.accounts.get('alice')?.roster.set(ROMEO, { ...entry, subscription: 'none' });
    list([romeo]);
    await pushed(ROMEO, `name='Mine' subscription='both'`);
    assert.deepEqual(item(ROMEO)?.groups, ['Verona']);
  });

  test('what the user takes off stays off, whether or not we were there to hear of it', async () => {
    await begin(PRIVILEGES);
    list([romeo, juliet]);
    await pushed(JULIET, `subscription='both'`);
    await settled();
    await alice.iq(
      `<iq type='set'><query xmlns='${ROSTER}'><item jid='${ROMEO}' subscription='remove'/></query></iq>`,
    );
    await world.network.expect('changeContact', ({ args }) => args[1] === 'remove');
    await alice.close();
    world.jabber.accounts.get('alice')?.roster.delete(JULIET);
    alice = await world.client('alice', 'again');
    await world.network.expect('presence');
    world.network.meet('nurse');
    list([romeo, juliet, { id: contactId('nurse') }]);
    await pushed(`nurse@${LOOP}`);
    await settled();
    assert.equal(item(ROMEO), undefined);
  });

  test('a list that is partial or empty takes nobody off; a complete one does', async () => {
    await begin(PRIVILEGES);
    list([romeo, juliet]);
    await pushed(JULIET);
    list([romeo], false);
    list([]);
    list([romeo, juliet, { id: contactId('nurse') }]);
    await pushed(`nurse@${LOOP}`);
    assert.ok(item(JULIET) !== undefined);
    list([romeo, { id: contactId('nurse') }]);
    await pushed(JULIET, `subscription='remove'`);
    assert.ok(item(ROMEO) !== undefined);
  });

  test('its own pushes are answered and set nothing going; those of others are refused', async () => {
    await begin({ ...PRIVILEGES, pushes: true });
    list([romeo]);
    await pushed(ROMEO);
    await settled();
    const push = (from: string, id: string): void =>
      world.jabber.sendToComponent(
        LOOP,
        `<iq type='set' id='${id}' from='${from}' to='${LOOP}'><query xmlns='${ROSTER}'><item jid='${ROMEO}' name='Romeo' subscription='both'><group>Verona</group></item></query></iq>`,
      );
    const before = asked('set').length;
    push('alice@localhost', 'good');
    push('alice@localhost/evil', 'bad');
    await settled();
    const answers = world.jabber.log.filter(
      ({ stanza, peer, direction }) =>
        peer === LOOP && direction === 'in' && ['good', 'bad'].includes(stanza.attrs['id'] ?? ''),
    );
    assert.deepEqual(
      new Map(answers.map(({ stanza: { attrs } }) => [attrs['id'], attrs['type']])),
      new Map([
        ['good', 'result'],
        ['bad', 'error'],
      ]),
    );
    list([romeo]);
    await settled();
    assert.equal(asked('set').length, before);
  });

  test('N12: only a server gives leave, and only over its own users', async () => {
    await begin();
    const forged = (from: string): string =>
      `<message from='${from}' to='${LOOP}'><privilege xmlns='urn:xmpp:privilege:2'><perm access='roster' type='both'/></privilege></message>`;
    for (const from of ['bob@localhost/desk', 'bob@localhost', 'evil.example', 'localhost/x']) {
      world.jabber.sendToComponent(LOOP, forged(from));
    }
    alice.send(forged(alice.jid).replace(`from='${alice.jid}'`, ''));
    await settled();
    list([romeo]);
    await alice.expect(`<presence from='${ROMEO}' type='subscribe'/>`);
    assert.deepEqual([...asked('get'), ...asked('set')], []);
  });

  test('N12: leave is forgotten with the attachment it was given on', async () => {
    await begin();
    world.jabber.sendToComponent(
      LOOP,
      `<message from='localhost' to='${LOOP}'><privilege xmlns='urn:xmpp:privilege:1'><perm access='roster' type='both'/></privilege></message>`,
    );
    world.jabber.dropComponent(LOOP, 'system-shutdown');
    await world.jabber.detached(LOOP);
    await world.jabber.attached(LOOP, 10_000);
    await settled();
    list([romeo]);
    await alice.expect(`<presence from='${ROMEO}' type='subscribe'/>`);
    assert.deepEqual(asked('get'), []);
  });

  test('a server that refuses what it has announced is asked no more, and the contact asks by itself', async () => {
    await begin({ ...PRIVILEGES, roster: 'get' });
    world.jabber.sendToComponent(
      LOOP,
      `<message from='localhost' to='${LOOP}'><privilege xmlns='urn:xmpp:privilege:2'><perm access='roster' type='both'/></privilege></message>`,
    );
    await settled();
    list([romeo, juliet]);
    const request = await alice.expect(`<presence from='${ROMEO}' type='subscribe'/>`);
    assert.equal(text(child(request, 'nick')), 'Romeo');
    await alice.expect(`<presence from='${JULIET}' type='subscribe'/>`);
    assert.equal(asked('set').length, 1);
  });

  test('N13: a server that does not say what is on a roster is given up, and the contact asks by itself', async () => {
    await begin({ ...PRIVILEGES, ignoresRosterGets: true });
    mock.timers.enable({ apis: ['setTimeout'] });
    list([romeo]);
    await until(() => asked('get').length === 1);
    mock.timers.tick(30_000);
    await alice.expect(`<presence from='${ROMEO}' type='subscribe'/>`);
    assert.deepEqual([asked('get').length, asked('set').length], [1, 0]);
  });

  test('a server that hangs up on roster sets is not driven to it a third time', async () => {
    await begin({ ...PRIVILEGES, hangsUpOnRosterSets: true });
    list([romeo, juliet]);
    // The second time is by itself, when the user is heard of again.
    await alice.expect(`<presence from='${ROMEO}' type='subscribe'/>`, 15_000);
    await alice.expect(`<presence from='${JULIET}' type='subscribe'/>`);
    assert.equal(asked('set').length, 2);
  });

  for (const [what, presence, isAsked] of [
    ['tells of presence by itself nobody is probed', true, false],
    ['does not tell of presence users are probed', false, true],
  ] as const) {
    test(`N12: where the server ${what} after an attachment`, async () => {
      await begin({ namespace: 'urn:xmpp:privilege:2', presence });
      const probes = (): number =>
        world.jabber.log.filter(
          ({ direction, peer, stanza }) =>
            direction === 'in' && peer === LOOP && stanza.attrs['type'] === 'probe',
        ).length;
      const before = probes();
      mock.timers.enable({ apis: ['setTimeout'] });
      world.jabber.dropComponent(LOOP, 'system-shutdown');
      for (let count = 0; count < 1_000 && world.jabber.isAttached(LOOP); count += 1) await turn();
      for (let count = 0; count < 1_000 && !world.jabber.isAttached(LOOP); count += 1) {
        mock.timers.tick(100);
        await turn();
      }
      for (let count = 0; count < 20; count += 1) {
        mock.timers.tick(250);
        await settled();
      }
      assert.equal(probes() > before, isAsked);
    });
  }

  test('N12: leave to write messages in the names of users is noted and not used', async () => {
    await begin({ namespace: 'urn:xmpp:privilege:2', message: true });
    world.network.meet('romeo');
    world.network.sayElsewhere('alice', 'romeo', 'Yes.');
    await alice.expect(`<message from='${ROMEO}'><body/></message>`);
    const sent = world.jabber.log.filter(
      ({ direction, peer, stanza }) =>
        direction === 'in' &&
        peer === LOOP &&
        child(stanza, 'privilege', 'urn:xmpp:privilege:2') !== undefined,
    );
    assert.deepEqual(sent, []);
  });

  test('without leave each contact asks once, under its name', async () => {
    await begin();
    list([romeo, juliet]);
    const request = await alice.expect(`<presence from='${ROMEO}' type='subscribe'/>`);
    assert.equal(text(child(request, 'nick', 'http://jabber.org/protocol/nick')), 'Romeo');
    await alice.expect(`<presence from='${JULIET}' type='subscribe'/>`);
    await settled();
    const sent = (): number =>
      world.jabber.log.filter(
        ({ direction, peer, stanza }) =>
          direction === 'in' && peer === LOOP && stanza.attrs['type'] === 'subscribe',
      ).length;
    const before = sent();
    await world.stopGateway();
    await world.startGateway();
    await world.network.expect('presence', ({ args }) => args[0] === 'online');
    list([romeo, juliet]);
    world.network.meet('nurse');
    list([romeo, juliet, { id: contactId('nurse') }]);
    await alice.expect(`<presence from='nurse@${LOOP}' type='subscribe'/>`);
    assert.equal(sent(), before + 1);
  });

  describe('by a client that takes items', () => {
    /** XEP-0115: a client that says so. */
    const takesItems = async (): Promise<void> => {
      alice.send(
        `<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:test' ver='x'/></presence>`,
      );
      await settled();
    };
    const answerDisco = async (): Promise<void> => {
      const { attrs } = await alice.expect(
        `<iq type='get'><query xmlns='${INFO}' node='urn:test#x'/></iq>`,
      );
      alice.send(
        `<iq type='result' id='${attrs['id']}' to='${LOOP}'><query xmlns='${INFO}'><identity category='client' type='pc'/><feature var='${ROSTERX}'/></query></iq>`,
      );
    };
    const suggested = async (
      action: string,
    ): Promise<(readonly [string | undefined, string | undefined])[]> => {
      const iq = await alice.expect(
        `<iq type='set' from='${LOOP}'><x xmlns='${ROSTERX}'><item action='${action}'/></x></iq>`,
      );
      alice.send(`<iq type='result' id='${iq.attrs['id']}' to='${LOOP}'/>`);
      const x = child(iq, 'x', ROSTERX);
      const items = x === undefined ? [] : elements(x);
      assert.deepEqual(new Set(items.map(({ attrs }) => attrs['action'])), new Set([action]));
      return items.map(({ attrs }) => [attrs['jid'], attrs['name']]);
    };

    test('N11, G41: is told by IQ to its full JID, one action a stanza; who is added is not asked anew', async () => {
      await begin();
      await takesItems();
      list([romeo, juliet]);
      await answerDisco();
      assert.deepEqual(await suggested('add'), [
        [ROMEO, 'Romeo'],
        [JULIET, 'Juliet'],
      ]);
      alice.send(`<presence to='${ROMEO}' type='subscribe'/>`);
      await alice.expect(`<presence from='${ROMEO}' type='subscribed'/>`);
      await settled();
      alice.takeAll();
      list([{ ...romeo, name: 'Romeo M.' }, juliet]);
      await answerDisco();
      assert.deepEqual(await suggested('modify'), [[ROMEO, 'Romeo M.']]);
      list([juliet]);
      await answerDisco();
      assert.deepEqual(await suggested('delete'), [[ROMEO, 'Romeo M.']]);
      await settled();
      await alice.expectNothing(`<iq type='set'><x xmlns='${ROSTERX}'/></iq>`);
    });

    test('N11: with no such client there, what is to go is said by message to the bare JID', async () => {
      await begin();
      await takesItems();
      list([romeo, juliet]);
      await answerDisco();
      await suggested('add');
      await settled();
      alice.send('<presence/>');
      await settled();
      list([juliet]);
      await alice.expect(
        `<message from='${LOOP}' to='alice@localhost'><x xmlns='${ROSTERX}'><item action='delete' jid='${ROMEO}'/></x></message>`,
      );
    });

    test('N13: a server that does not answer a write is given up after 30 s, and a client is asked to take the rest', async () => {
      await begin({ ...PRIVILEGES, ignoresRosterSets: true });
      mock.timers.enable({ apis: ['setTimeout'] });
      await takesItems();
      list([romeo, juliet]);
      await until(() => asked('set').length === 1);
      await alice.expectNothing(`<iq type='set'><x xmlns='${ROSTERX}'/></iq>`);
      mock.timers.tick(30_000);
      await answerDisco();
      const { children } = await alice.expect(`<iq type='set'><x xmlns='${ROSTERX}'/></iq>`);
      assert.match(JSON.stringify(children), /romeo.*juliet/);
      assert.equal(asked('set').length, 1);
    });

    test('a user who says no is not asked in another way; a client that cannot is', async () => {
      await begin();
      await takesItems();
      for (const [condition, contacts] of [
        ['not-acceptable', [romeo]],
        ['feature-not-implemented', [romeo, juliet]],
      ] as const) {
        list(contacts);
        await answerDisco();
        const { attrs } = await alice.expect(`<iq type='set'><x xmlns='${ROSTERX}'/></iq>`);
        alice.send(
          `<iq type='error' id='${attrs['id']}' to='${LOOP}'><error type='cancel'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>`,
        );
      }
      await alice.expect(`<presence from='${JULIET}' type='subscribe'/>`);
      await alice.expectNothing(`<presence from='${ROMEO}' type='subscribe'/>`);
    });
  });

  test('G17: who unregisters finds what was written gone', async () => {
    await begin(PRIVILEGES);
    list([romeo, juliet]);
    await pushed(ROMEO);
    await pushed(JULIET, `subscription='both'`);
    await settled();
    await alice.iq(
      `<iq type='set' to='${LOOP}'><query xmlns='jabber:iq:register'><remove/></query></iq>`,
    );
    await pushed(ROMEO, `subscription='remove'`);
    await pushed(JULIET, `subscription='remove'`);
  });
});
