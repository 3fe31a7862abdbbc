import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { child, childText } from '../harness/xml-element.ts';
import type { Element } from '../harness/xml-element.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';
import { enter } from '../scenario/world.ts';

const GARDEN = `#garden@${LOOP}`;
const OCCUPANT_ID = 'urn:xmpp:occupant-id:0';
const STANZA_ID = 'urn:xmpp:sid:0';

/** XEP-0045 and its neighbours, by the rows of the conformance list. */
describe('rooms', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  beforeEach(async () => {
    world = await LoopbackWorld.start();
    alice = await world.client('alice');
  });
  afterEach(() => world.stop());

  const join = (client: XmppClient, nick: string, inside = ''): void =>
    client.send(
      `<presence to='${GARDEN}/${nick}'><x xmlns='http://jabber.org/protocol/muc'>${inside}</x></presence>`,
    );
  const occupantId = (stanza: Element): string =>
    child(stanza, 'occupant-id', OCCUPANT_ID)?.attrs['id'] ?? '';
  const stanzaId = (stanza: Element): string =>
    child(stanza, 'stanza-id', STANZA_ID)?.attrs['id'] ?? '';
  const heard = (client: XmppClient, body: string): Promise<Element> =>
    client.expect(`<message type='groupchat'><body>${body}</body></message>`);

  test('N29: what a joiner gets comes in order: the others, herself with 100 and 110, history, the subject', async () => {
    world.network.join('#garden', 'Romeo');
    world.network.join('#garden', 'Juliet');
    await enter(alice, GARDEN, 'alice');
    world.network.say('#garden', 'Romeo', 'But soft');
    await heard(alice, 'But soft');
    world.network.room('#garden').setSubject('Roses', 'Juliet');
    await alice.expect(`<message type='groupchat'><subject>Roses</subject></message>`);
    const phone = await world.client('alice', 'phone');
    join(phone, 'alice');
    const order: string[] = [];
    for (let done = false; !done;) {
      const stanza = await phone.expect(({ attrs }) => attrs['from']?.startsWith(GARDEN) === true);
      order.push(`${stanza.name} ${stanza.attrs['from']?.slice(GARDEN.length) ?? ''}`);
      done = child(stanza, 'subject') !== undefined;
      if (stanza.attrs['from'] !== `${GARDEN}/alice`) continue;
      const x = child(stanza, 'x', 'http://jabber.org/protocol/muc#user');
      const codes = x?.children.flatMap((node) =>
        typeof node === 'string' || node.name !== 'status' ? [] : [node.attrs['code']],
      );
      assert.deepEqual(codes, ['100', '110']);
    }
    assert.deepEqual(order, [
      'presence /Romeo',
      'presence /Juliet',
      'presence /alice',
      'message /Romeo',
      'message /Juliet',
    ]);
  });

  test('N30: history says when it was said, by UTC and by the room, under the ids of old', async () => {
    world.network.join('#garden', 'Romeo');
    await enter(alice, GARDEN, 'alice');
    world.network.say('#garden', 'Romeo', 'But soft');
    const live = await heard(alice, 'But soft');
    alice.send(`<message type='groupchat' id='m1' to='${GARDEN}'><body>Ay me</body></message>`);
    const own = await heard(alice, 'Ay me');
    assert.equal(own.attrs['id'], 'm1');
    const phone = await world.client('alice', 'phone');
    join(phone, 'alice');
    for (const original of [live, own]) {
      const old = await phone.expect(`<message type='groupchat'><body/></message>`);
      assert.equal(old.attrs['id'], original.attrs['id']);
      assert.equal(old.attrs['from'], original.attrs['from']);
      assert.equal(stanzaId(old), stanzaId(original));
      assert.equal(occupantId(old), occupantId(original));
      assert.equal(child(old, 'stanza-id', STANZA_ID)?.attrs['by'], GARDEN);
      const delay = child(old, 'delay', 'urn:xmpp:delay');
      assert.equal(delay?.attrs['from'], GARDEN);
      assert.match(delay?.attrs['stamp'] ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
    assert.notEqual(stanzaId(live), stanzaId(own));
  });

  test('as much history is sent as is asked for', async () => {
    world.network.join('#garden', 'Romeo');
    await enter(alice, GARDEN, 'alice');
    const longAgo = new Date(Date.now() - 3_600_000);
    world.network.say('#garden', 'Romeo', 'old', { at: longAgo });
    for (let index = 1; index <= 24; index++) world.network.say('#garden', 'Romeo', `new ${index}`);
    await heard(alice, 'new 24');
    const phone = await world.client('alice', 'phone');
    const recent = new Date(Date.now() - 600_000).toISOString();
    for (const [history, first, count] of [
      ['', 'new 5', 20],
      [`<history maxstanzas='3'/>`, 'new 22', 3],
      [`<history seconds='600'/>`, 'new 1', 24],
      [`<history seconds='7200'/>`, 'old', 25],
      [`<history since='${recent}'/>`, 'new 1', 24],
      [`<history maxstanzas='25'/>`, 'old', 25],
      [`<history maxchars='900'/>`, 'new 23', 2],
      [`<history maxchars='0'/>`, undefined, 0],
      [`<history maxstanzas='0'/>`, undefined, 0],
    ] as const) {
      join(phone, 'alice', history);
      const bodies: (string | undefined)[] = [];
      for (let done = false; !done;) {
        const message = await phone.expect(`<message type='groupchat'/>`);
        done = child(message, 'subject') !== undefined;
        if (!done) bodies.push(childText(message, 'body'));
      }
      assert.deepEqual([bodies[0], bodies.length], [first, count], history);
    }
  });

  test('N21: a stanza id of ours that a user forges is replaced, those of others stay', async () => {
    await enter(alice, GARDEN, 'alice');
    alice.send(
      `<message type='groupchat' id='m1' to='${GARDEN}'><body>x</body>
        <stanza-id xmlns='${STANZA_ID}' by='${GARDEN}' id='forged'/>
        <stanza-id xmlns='${STANZA_ID}' by='elsewhere.example' id='foreign'/>
        <origin-id xmlns='${STANZA_ID}' id='o1'/></message>`,
    );
    const message = await heard(alice, 'x');
    const ids = message.children.flatMap((node) =>
      typeof node !== 'string' && node.name === 'stanza-id' ? [node.attrs] : [],
    );
    assert.deepEqual(new Set(ids.map(({ by }) => by)), new Set([GARDEN, 'elsewhere.example']));
    assert.equal(ids.length, 2);
    assert.ok(ids.every(({ id }) => id !== 'forged'));
    assert.equal(child(message, 'origin-id', STANZA_ID)?.attrs['id'], 'o1');
  });

  test('N23: an occupant id is in every stanza of the room, always the same, no other for another, and cannot be forged', async () => {
    world.network.join('#garden', 'Romeo');
    world.network.join('#garden', 'Juliet');
    join(alice, 'alice');
    const [romeo, juliet] = [
      occupantId(await alice.expect(`<presence from='${GARDEN}/Romeo'/>`)),
      occupantId(await alice.expect(`<presence from='${GARDEN}/Juliet'/>`)),
    ];
    const own = occupantId(await alice.expect(`<presence from='${GARDEN}/alice'/>`));
    await alice.expect(`<message type='groupchat'><subject/></message>`);
    assert.equal(new Set([romeo, juliet, own]).size, 3);
    for (const id of [romeo, juliet, own]) assert.match(id, /^[\w-]{22}$/);
    world.network.say('#garden', 'Romeo', 'hello');
    assert.equal(occupantId(await heard(alice, 'hello')), romeo);
    alice.send(
      `<message type='groupchat' id='m1' to='${GARDEN}'><body>x</body><occupant-id xmlns='${OCCUPANT_ID}' id='${romeo}'/></message>`,
    );
    const forged = await heard(alice, 'x');
    assert.equal(occupantId(forged), own);
    world.network.room('#garden').rename('Romeo', 'Montague');
    const gone = await alice.expect(`<presence from='${GARDEN}/Romeo' type='unavailable'/>`);
    assert.equal(occupantId(gone), romeo);
    assert.equal(occupantId(await alice.expect(`<presence from='${GARDEN}/Montague'/>`)), romeo);
    world.network.room('#garden').setSubject('Names', 'Montague');
    const subject = await alice.expect(`<message><subject>Names</subject></message>`);
    assert.equal(occupantId(subject), romeo);
    // In another room the same person has another one.
    world.network.join('#tomb', 'Romeo');
    await enter(alice, `#tomb@${LOOP}`, 'alice');
    world.network.say('#tomb', 'Romeo', 'here');
    assert.notEqual(occupantId(await heard(alice, 'here')), romeo);
  });

  test('N23: somebody without an account keeps the occupant id over new nicks, and nobody else gets it meanwhile', async () => {
    world.network.join('#garden', '[Ghost]');
    join(alice, 'alice');
    const ghost = occupantId(await alice.expect(`<presence from='${GARDEN}/[Ghost]'/>`));
    await alice.expect(`<message type='groupchat'><subject/></message>`);
    world.network.room('#garden').rename('[Ghost]', '[Spirit]');
    assert.equal(occupantId(await alice.expect(`<presence from='${GARDEN}/[Spirit]'/>`)), ghost);
    world.network.join('#garden', '[Ghost]');
    const other = occupantId(
      await alice.expect(`<presence type='{none}' from='${GARDEN}/[Ghost]'/>`),
    );
    assert.notEqual(other, ghost);
    world.network.room('#garden').remove('[Spirit]', 'left');
    world.network.say('#garden', '[Ghost]', 'boo');
    assert.equal(occupantId(await heard(alice, 'boo')), other);
  });
});
