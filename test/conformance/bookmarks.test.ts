import assert from 'node:assert/strict';
import { afterEach, describe, mock, test } from 'node:test';
import { roomId } from '../../src/plugin/index.ts';
import { child, childText, elements, parseXml, serialize } from '../harness/xml-element.ts';
import type { ComponentPrivileges } from '../harness/jabber-privileges.ts';
import type { Element } from '../harness/xml-element.ts';
import { matchXml } from '../harness/xml-matcher.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';
import { enter } from '../scenario/world.ts';
import { fill, run } from './command-client.ts';

const GARDEN = `#garden@${LOOP}`;
const NODE = 'urn:xmpp:bookmarks:1';
const PUBSUB = 'http://jabber.org/protocol/pubsub';
const MUC_USER = 'http://jabber.org/protocol/muc#user';
const PRIVILEGE = 'urn:xmpp:privilege:2';
const LEAVE: ComponentPrivileges = { namespace: PRIVILEGE, pubsub: true };
const INVITATION = `<message from='${GARDEN}'><x xmlns='${MUC_USER}'><invite/></x></message>`;

/** XEP-0402, by the privilege of XEP-0356 §6. */
describe('bookmarks', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  afterEach(async () => {
    mock.timers.reset();
    await world.stop();
  });

  const begin = async (privileges?: ComponentPrivileges, bookmarks = 'on'): Promise<void> => {
    world = await LoopbackWorld.start(privileges === undefined ? {} : { privileges });
    alice = await world.client('alice');
    await world.register(alice);
    if (privileges !== undefined) await choose({ bookmarks });
  };
  const choose = async (values: Parameters<typeof fill>[0]): Promise<void> => {
    const { id } = await run(alice, `node='causeway:settings'`);
    const at = `node='causeway:settings' sessionid='${id}'`;
    const { notes } = await run(alice, at, { form: fill(values) });
    assert.equal(notes[0]?.[1], 'The settings are kept.');
  };
  /** All that the gateway and the server have to say to each other is said: reading, and then writing. */
  const settled = async (): Promise<void> => {
    for (let round = 0; round < 4; round++) {
      await alice.iq(`<iq type='get' to='${LOOP}'><query xmlns='jabber:iq:register'/></iq>`);
    }
  };
  const putIn = (): void =>
    world.network.emit('alice', {
      kind: 'room',
      room: roomId('#garden'),
      state: { nick: 'alice', members: [{ nick: 'alice', rank: 'participant' }] },
    });
  const node = (): Map<string, Element> => {
    const nodes = world.jabber.accounts.get('alice')?.nodes ?? assert.fail('no account');
    const found = nodes.get(NODE) ?? new Map<string, Element>();
    nodes.set(NODE, found);
    return found;
  };
  const bookmarked = (conference: string, id = GARDEN): unknown =>
    node().set(id, parseXml(`<item xmlns='${PUBSUB}' id='${id}'>${conference}</item>`));
  const bookmark = (): Element =>
    child(node().get(GARDEN) ?? assert.fail('no bookmark'), 'conference', NODE) ??
    assert.fail('no conference');
  /** What the gateway has asked in her name. */
  const asked = (type?: 'get' | 'set'): Element[] =>
    world.jabber.log
      .filter(({ direction, peer }) => direction === 'in' && peer === LOOP)
      .map(({ stanza }) => stanza)
      .filter((iq) => child(iq, 'privileged_iq', PRIVILEGE) !== undefined)
      .filter(({ attrs }) => type === undefined || attrs['type'] === type);

  test('N13: what is asked in the name of a user is asked of her server, in a stanza of hers of the same type', async () => {
    await begin(LEAVE);
    await enter(alice, GARDEN, 'alice');
    await settled();
    assert.deepEqual(
      asked().map(({ attrs }) => attrs['type']),
      ['get', 'set'],
    );
    for (const iq of asked()) {
      const { type } = iq.attrs;
      matchXml(
        iq,
        `<iq from='${LOOP}' to='alice@localhost' id='{any}'><privileged_iq xmlns='${PRIVILEGE}'><iq xmlns='jabber:client' type='${type}' from='alice@localhost' to='alice@localhost' id='{any}'><pubsub xmlns='${PUBSUB}'/></iq></privileged_iq></iq>`,
      );
    }
  });

  test('a room that she enters is bookmarked, at a node that is hers alone', async () => {
    await begin(LEAVE);
    await enter(alice, GARDEN, 'alice');
    await settled();
    matchXml(
      bookmark(),
      `<conference xmlns='${NODE}' autojoin='true'><nick>alice</nick></conference>`,
    );
    assert.equal(bookmark().attrs['name'], undefined);
    const field = (name: string, value: string): string =>
      `<field var='${name}'><value>${value}</value></field>`;
    matchXml(
      asked('set')[0] ?? assert.fail('nothing was published'),
      `<iq><privileged_iq xmlns='${PRIVILEGE}'><iq xmlns='jabber:client'><pubsub xmlns='${PUBSUB}'><publish node='${NODE}'><item id='${GARDEN}'/></publish><publish-options><x xmlns='jabber:x:data' type='submit'>${[
        field('FORM_TYPE', `${PUBSUB}#publish-options`),
        field('pubsub#persist_items', 'true'),
        field('pubsub#max_items', 'max'),
        field('pubsub#send_last_published_item', 'never'),
        field('pubsub#access_model', 'whitelist'),
      ].join('')}</x></publish-options></pubsub></iq></privileged_iq></iq>`,
    );
    alice.send(`<presence to='${GARDEN}/alice' type='unavailable'/>`);
    await alice.expect(`<presence type='unavailable' from='${GARDEN}/alice'/>`);
    await enter(alice, GARDEN, 'alice');
    await settled();
    assert.equal(asked('set').length, 1, 'what is there is not written again');
  });

  test('N24: what a bookmark has besides is kept, known or not, and so is what the user chose', async () => {
    await begin(LEAVE);
    const hers = `<password>rose</password><extensions><state xmlns='urn:other' xml:lang='de' minimized='true'><deep xmlns='urn:third'>x &amp; y</deep></state></extensions><more xmlns='urn:more'/>`;
    bookmarked(
      `<conference xmlns='${NODE}' name='My garden' autojoin='false'>${hers}</conference>`,
    );
    const before = bookmark();
    await enter(alice, GARDEN, 'alice');
    await settled();
    assert.equal(asked('set').length, 1);
    assert.deepEqual(bookmark().attrs, before.attrs);
    assert.equal(childText(bookmark(), 'nick'), 'alice');
    const rest = { ...bookmark(), children: elements(bookmark()).slice(1) };
    assert.equal(serialize(rest), serialize(before));
  });

  test('N24: a bookmark that lacks nothing is left as it is', async () => {
    await begin(LEAVE);
    bookmarked(`<conference xmlns='${NODE}'><nick>Alice C.</nick></conference>`);
    await enter(alice, GARDEN, 'alice');
    await settled();
    assert.equal(asked('get').length, 1);
    assert.deepEqual(asked('set'), []);
  });

  test('the nick of a bookmark that only the gateway has made follows hers', async () => {
    await begin(LEAVE);
    await enter(alice, GARDEN, 'alice');
    await settled();
    alice.send(`<presence to='${GARDEN}/alice' type='unavailable'/>`);
    await alice.expect(`<presence type='unavailable' from='${GARDEN}/alice'/>`);
    await enter(alice, GARDEN, 'alicia');
    await settled();
    assert.equal(childText(bookmark(), 'nick'), 'alicia');
    assert.equal(asked('set').length, 2);
  });

  test('by default only who stays connected has her rooms bookmarked; who wants none has none', async () => {
    await begin(LEAVE, 'auto');
    await enter(alice, GARDEN, 'alice');
    await settled();
    await choose({ 'stay-connected': '1', bookmarks: 'off' });
    await enter(alice, `#hall@${LOOP}`, 'alice');
    await settled();
    assert.deepEqual(asked(), []);
    await choose({ bookmarks: 'auto' });
    await enter(alice, `#balcony@${LOOP}`, 'alice');
    await settled();
    assert.deepEqual([...node().keys()], [`#balcony@${LOOP}`]);
  });

  test('a room that the network put her in is bookmarked instead of asking her in', async () => {
    await begin(LEAVE);
    putIn();
    await settled();
    matchXml(
      bookmark(),
      `<conference xmlns='${NODE}' autojoin='true'><nick>alice</nick></conference>`,
    );
    await alice.expectNothing(INVITATION);
  });

  test('a bookmark that brings no client in is no substitute for the invitation', async () => {
    await begin(LEAVE);
    bookmarked(`<conference xmlns='${NODE}'><nick>alice</nick></conference>`);
    putIn();
    await alice.expect(INVITATION);
    assert.deepEqual(asked('set'), []);
  });

  test('N13: a server that does not answer is given up after a while, and she is asked in', async () => {
    await begin({ ...LEAVE, pubsub: 'ignored' });
    mock.timers.enable({ apis: ['setTimeout'] });
    putIn();
    await settled();
    await alice.expectNothing(INVITATION);
    mock.timers.tick(30_000);
    await alice.expect(INVITATION);
    assert.equal(asked().length, 1);
  });

  test('N13: a server that refuses breaks nothing, and is not asked again on this attachment', async () => {
    await begin({ ...LEAVE, pubsub: 'refused' });
    putIn();
    await alice.expect(INVITATION);
    await enter(alice, GARDEN, 'alice');
    await enter(alice, `#hall@${LOOP}`, 'alice');
    await settled();
    assert.equal(asked('set').length, 1);
    assert.equal(node().size, 0);
  });

  test('N13: leave that a stranger gives counts for nothing', async () => {
    await begin();
    const grant = `<privilege xmlns='${PRIVILEGE}'><perm access='iq'><namespace ns='${PUBSUB}' type='both'/></perm></privilege>`;
    for (const from of ['evil.example', 'bob@localhost', 'bob@localhost/desk', 'localhost/x']) {
      world.jabber.sendToComponent(LOOP, `<message from='${from}' to='${LOOP}'>${grant}</message>`);
    }
    alice.send(`<message to='${LOOP}'>${grant}</message>`);
    await choose({ 'stay-connected': '1' });
    putIn();
    await alice.expect(INVITATION);
    await settled();
    assert.deepEqual(asked(), []);
  });

  test('who unregisters keeps the bookmarks that she made or changed', async () => {
    await begin(LEAVE);
    for (const room of ['#garden', '#hall', '#balcony']) {
      await enter(alice, `${room}@${LOOP}`, 'alice');
    }
    await settled();
    const hall = `#hall@${LOOP}`;
    const made = serialize(node().get(hall) ?? assert.fail('no bookmark'));
    node().set(hall, parseXml(made.replace(`autojoin='true'`, `autojoin='true' name='Hall'`)));
    bookmarked(`<conference xmlns='${NODE}' autojoin='true'/>`, 'room@elsewhere.example');
    bookmarked(`<conference xmlns='${NODE}' autojoin='true'/>`, `#own@${LOOP}`);
    await alice.iq(
      `<iq type='set' to='${LOOP}'><query xmlns='jabber:iq:register'><remove/></query></iq>`,
    );
    await settled();
    assert.deepEqual([...node().keys()].sort(), [
      `#hall@${LOOP}`,
      `#own@${LOOP}`,
      'room@elsewhere.example',
    ]);
  });
});
