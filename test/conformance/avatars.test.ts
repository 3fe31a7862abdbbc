import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { contactId } from '../../src/plugin/index.ts';
import type { Contact } from '../../src/plugin/index.ts';
import { child, text } from '../harness/xml-element.ts';
import type { Element } from '../harness/xml-element.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';
import { outcomeOf } from './answers.ts';

const romeo = contactId('romeo');
const ROMEO = `romeo@${LOOP}`;
const PUBSUB = 'http://jabber.org/protocol/pubsub';
const UPDATE = 'vcard-temp:x:update';
const PICTURE = Buffer.from('a picture, as it were');
const HASH = createHash('sha1').update(PICTURE).digest('hex');

/** XEP-0054, XEP-0084, XEP-0153: what contacts look like. */
describe('cards and avatars', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  beforeEach(async () => {
    world = await LoopbackWorld.start();
    alice = await world.client('alice');
    await world.register(alice);
    await world.network.expect('presence');
    world.network.meet('romeo', { name: 'Romeo Montague', email: 'romeo@verona.example' });
    tell({ show: 'online' }, 'contact-list');
    alice.send(`<presence to='${ROMEO}' type='subscribe'/>`);
    await alice.expect(`<presence from='${ROMEO}/causeway' type='{none}'/>`);
  });
  afterEach(() => world.stop());

  const tell = (more: Omit<Contact, 'id'>, kind: 'contact' | 'contact-list' = 'contact'): void => {
    const contact = { id: romeo, ...more };
    if (kind === 'contact') world.network.emit('alice', { kind, contact });
    else world.network.emit('alice', { kind, contacts: [contact], isComplete: true });
  };
  const card = async (to = ROMEO): Promise<Element | undefined> =>
    child(await alice.iq(`<iq type='get' to='${to}'><vCard xmlns='vcard-temp'/></iq>`), 'vCard');
  const items = (node: string): Promise<Element> =>
    alice.iq(
      `<iq type='get' to='${ROMEO}'><pubsub xmlns='${PUBSUB}'><items node='${node}'/></pubsub></iq>`,
    );
  const shown = (photo: string): Promise<Element> =>
    alice.expect(
      ({ attrs, children }) =>
        attrs['from'] === `${ROMEO}/causeway` &&
        children.some(
          (node) =>
            typeof node !== 'string' && node.ns === UPDATE && text(child(node, 'photo')) === photo,
        ),
    );

  test('N25: a picture is named by its hash in presence, and lies in the card and at the nodes of XEP-0084', async () => {
    tell({ avatar: { type: 'image/png', data: PICTURE } });
    await shown(HASH);
    const photo = child((await card()) ?? assert.fail('no card'), 'PHOTO');
    assert.equal(text(photo && child(photo, 'TYPE')), 'image/png');
    assert.equal(text(photo && child(photo, 'BINVAL')), PICTURE.toString('base64'));
    const metadata = await items('urn:xmpp:avatar:metadata');
    const data = await items('urn:xmpp:avatar:data');
    for (const answer of [metadata, data]) {
      const list = child(child(answer, 'pubsub') ?? answer, 'items');
      assert.equal(list && child(list, 'item')?.attrs['id'], HASH);
    }
    tell({ avatar: 'none' });
    await shown('');
    assert.equal(outcomeOf(await items('urn:xmpp:avatar:metadata')), 'item-not-found');
  });

  test('C14: a picture that fits into no stanza is none', async () => {
    tell({
      avatar: { type: 'image/png', data: Buffer.alloc(64_000, 1) },
      status: 'with a picture',
    });
    const presence = await alice.expect(
      `<presence from='${ROMEO}/causeway'><status>with a picture</status></presence>`,
    );
    assert.equal(text(child(child(presence, 'x', UPDATE) ?? presence, 'photo')), '');
    assert.equal(outcomeOf(await items('urn:xmpp:avatar:data')), 'item-not-found');
  });

  test('nothing else is published by anybody', async () => {
    assert.equal(
      outcomeOf(await items('eu.siacs.conversations.axolotl.devicelist')),
      'item-not-found',
    );
  });

  test('a card says what the network tells, which is asked once; the name alone where it tells nothing', async () => {
    for (let round = 0; round < 3; round++) {
      const found = (await card()) ?? assert.fail('no card');
      assert.equal(text(child(found, 'FN')), 'Romeo Montague');
      assert.equal(text(child(child(found, 'EMAIL') ?? found, 'USERID')), 'romeo@verona.example');
    }
    const lookups = world.network.calls.recorded.filter(({ method }) => method === 'lookup');
    assert.equal(lookups.length, 1);
    const unknown = (await card(`nobody@${LOOP}`)) ?? assert.fail('no card');
    assert.equal(text(child(unknown, 'FN')), 'nobody');
  });
});
