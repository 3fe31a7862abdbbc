import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterEach, describe, test } from 'node:test';
import { NetworkError } from '../../src/plugin/index.ts';
import { child, childText, elements } from '../harness/xml-element.ts';
import type { Element } from '../harness/xml-element.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';
import type { LoopbackWorldOptions } from '../loopback/world.ts';
import { enter } from '../scenario/world.ts';

const GARDEN = `#garden@${LOOP}`;
const INFO = 'http://jabber.org/protocol/disco#info';
const ITEMS = 'http://jabber.org/protocol/disco#items';
const RSM = 'http://jabber.org/protocol/rsm';
const MUC = 'http://jabber.org/protocol/muc';

interface Info {
  readonly node: string | undefined;
  readonly identities: readonly string[];
  readonly features: readonly (string | undefined)[];
  readonly form: Readonly<Record<string, string | undefined>>;
}

interface Items {
  readonly items: readonly (readonly [string | undefined, string | undefined])[];
  readonly set: Element | undefined;
}

const ask = (client: XmppClient, to: string, ns: string, node?: string, inside = '') => {
  const at = node === undefined ? '' : ` node='${node}'`;
  return client.iq(`<iq type='get' to='${to}'><query xmlns='${ns}'${at}>${inside}</query></iq>`);
};

const info = async (client: XmppClient, to: string, node?: string): Promise<Info> => {
  const query = child(await ask(client, to, INFO, node), 'query', INFO);
  assert.ok(query !== undefined, to);
  const named = (name: string): Element[] => elements(query).filter((el) => el.name === name);
  const form = child(query, 'x', 'jabber:x:data');
  return {
    node: query.attrs['node'],
    identities: named('identity').map(
      ({ attrs }) => `${attrs['category']}/${attrs['type']} ${attrs['name'] ?? ''}`,
    ),
    features: named('feature').map(({ attrs }) => attrs['var']),
    form: Object.fromEntries(
      elements(form ?? query)
        .filter(({ name }) => name === 'field')
        .map((el) => [el.attrs['var'] ?? '', childText(el, 'value')] as const),
    ),
  };
};

const items = async (client: XmppClient, to: string, inside = ''): Promise<Items> => {
  const answer = await ask(client, to, ITEMS, undefined, inside);
  const query = child(answer, 'query', ITEMS);
  assert.ok(query !== undefined, JSON.stringify(answer));
  return {
    items: elements(query)
      .filter(({ name }) => name === 'item')
      .map(({ attrs }) => [attrs['jid'], attrs['name']] as const),
    set: child(query, 'set', RSM),
  };
};

const condition = (answer: Element): string | undefined =>
  elements(child(answer, 'error') ?? answer)[0]?.name;

describe('discovery', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  const start = async (options: LoopbackWorldOptions = {}): Promise<void> => {
    world = await LoopbackWorld.start(options);
    alice = await world.client('alice');
  };
  afterEach(() => world.stop());

  test('N01: gateway, room, occupant, contact and network say what they are and that they say it', async () => {
    await start({ options: ['networks: { moon: { name: Moon } }'] });
    world.network.join('#garden', 'Romeo');
    await enter(alice, GARDEN, 'alice');
    for (const [to, identity] of [
      [LOOP, /^gateway\/loopback Loopback gateway$/],
      [GARDEN, /^conference\/text #garden$/],
      [`${GARDEN}/Romeo`, /^account\/registered $/],
      [`romeo@${LOOP}`, /^account\/registered $/],
      [`%moon@${LOOP}`, /^conference\/loopback $/],
    ] as const) {
      const { identities, features, node } = await info(alice, to);
      assert.match(identities[0] ?? '', identity);
      assert.ok(features.includes(INFO), to);
      assert.ok(features.includes('urn:xmpp:ping'), to);
      assert.equal(new Set(features).size, features.length, to);
      assert.equal(node, undefined);
      await items(alice, to);
    }
  });

  test('N01: contacts of a network of telephones are telephones, by the hash in their presence too', async () => {
    await start({ options: ['contactIdentity: phone'] });
    world.network.join('#garden', 'Romeo');
    await enter(alice, GARDEN, 'alice');
    assert.match(
      (await info(alice, `${GARDEN}/Romeo`)).identities[0] ?? '',
      /^account\/registered $/,
    );
    const romeo = `romeo@${LOOP}`;
    alice.send(`<presence to='${romeo}' type='subscribe'/>`);
    const presence = await alice.expect(
      `<presence from='${romeo}/causeway'><c xmlns='http://jabber.org/protocol/caps' hash='sha-1'/></presence>`,
    );
    const { node, ver } = child(presence, 'c', 'http://jabber.org/protocol/caps')?.attrs ?? {};
    for (const asked of [undefined, `${node}#${ver}`]) {
      const { identities, features } = await info(alice, `${romeo}/causeway`, asked);
      assert.deepEqual(identities, ['client/sms ']);
      const names = features.map((name) => name ?? '').toSorted();
      const hashed = ['client/sms//', ...names].map((part) => `${part}<`).join('');
      assert.equal(createHash('sha1').update(hashed).digest('base64'), ver);
    }
  });

  test('N01: an unknown address, node or occupant is not found; outsiders are told nothing of occupants', async () => {
    await start();
    world.network.join('#garden', 'Romeo');
    for (const ns of [INFO, ITEMS]) {
      assert.equal(condition(await ask(alice, `not!an!address@${LOOP}`, ns)), 'item-not-found');
      assert.equal(condition(await ask(alice, GARDEN, ns, 'nonsense')), 'item-not-found');
      assert.equal(condition(await ask(alice, LOOP, ns, 'nonsense')), 'item-not-found');
      assert.equal(condition(await ask(alice, `${GARDEN}/Romeo`, ns)), 'bad-request');
    }
    await enter(alice, GARDEN, 'alice');
    for (const ns of [INFO, ITEMS]) {
      assert.equal(condition(await ask(alice, `${GARDEN}/Nobody`, ns)), 'item-not-found');
    }
  });

  test('N01: a room says what is special about it, as far as that is known', async () => {
    await start();
    world.network.join('#garden', 'Romeo');
    const before = await info(alice, GARDEN);
    for (const name of [MUC, 'muc_nonanonymous', 'urn:xmpp:occupant-id:0', 'urn:xmpp:sid:0']) {
      assert.ok(before.features.includes(name), name);
    }
    assert.ok(!before.features.includes('muc_open'));
    assert.deepEqual(before.form, { FORM_TYPE: `${MUC}#roominfo` });
    await enter(alice, GARDEN, 'alice');
    const traits = async (): Promise<unknown> => {
      const { features } = await info(alice, GARDEN);
      return features.filter((name) => name?.startsWith('muc_') && name !== 'muc_nonanonymous');
    };
    assert.deepEqual(await traits(), [
      'muc_open',
      'muc_unmoderated',
      'muc_unsecured',
      'muc_public',
      'muc_temporary',
    ]);
    world.network
      .room('#garden')
      .setTraits(['members-only', 'moderated', 'key', 'hidden', 'persistent'], 'secret');
    await alice.expect(
      `<message type='groupchat' from='${GARDEN}'><x xmlns='${MUC}#user'><status code='104'/></x></message>`,
    );
    assert.deepEqual(await traits(), [
      'muc_membersonly',
      'muc_moderated',
      'muc_passwordprotected',
      'muc_hidden',
      'muc_persistent',
    ]);
    world.network.room('#garden').setTraits(['on-invitation']);
    await alice.expect(
      `<message type='groupchat' from='${GARDEN}'><x xmlns='${MUC}#user'><status code='104'/></x></message>`,
    );
    assert.deepEqual(await traits(), [
      'muc_unmoderated',
      'muc_unsecured',
      'muc_public',
      'muc_temporary',
    ]);
    world.network.room('#garden').setSubject('Roses', 'Romeo');
    await alice.expect(`<message type='groupchat'><subject>Roses</subject></message>`);
    assert.deepEqual((await info(alice, GARDEN)).form, {
      FORM_TYPE: `${MUC}#roominfo`,
      'muc#roominfo_subject': 'Roses',
      'muc#roominfo_occupants': '2',
    });
  });

  test('a room tells the user under which nick she is in it', async () => {
    await start();
    const own = (): Promise<Info> => info(alice, GARDEN, 'x-roomuser-item');
    assert.deepEqual(await own(), {
      node: 'x-roomuser-item',
      identities: [],
      features: [],
      form: {},
    });
    await enter(alice, GARDEN, 'Al');
    assert.deepEqual((await own()).identities, ['conference/text Al']);
  });

  test('N02: who is in a room is told to those who are in it, by parts if they like', async () => {
    await start();
    for (const nick of ['Romeo', 'Juliet', 'Nurse']) world.network.join('#garden', nick);
    assert.deepEqual((await items(alice, GARDEN)).items, []);
    await enter(alice, GARDEN, 'alice');
    const all = ['Romeo', 'Juliet', 'Nurse', 'alice'].map((nick) => [`${GARDEN}/${nick}`, nick]);
    assert.deepEqual(await items(alice, GARDEN), { items: all, set: undefined });
    const page = await items(alice, GARDEN, `<set xmlns='${RSM}'><max>2</max></set>`);
    assert.deepEqual(page.items, all.slice(0, 2));
    assert.equal(childText(page.set ?? assert.fail(), 'count'), '4');
    const last = childText(page.set ?? assert.fail(), 'last') ?? '';
    const rest = `<set xmlns='${RSM}'><max>9</max><after>${last}</after></set>`;
    assert.deepEqual((await items(alice, GARDEN, rest)).items, all.slice(2));
  });

  test('N02: the rooms of a gateway with one network are listed to those who are known to it', async () => {
    await start();
    world.network.join('#tomb', 'Romeo');
    for (const nick of ['Romeo', 'Juliet']) world.network.join('#garden', nick);
    world.network.room('#garden').setSubject('Roses', 'Romeo');
    assert.deepEqual((await items(alice, LOOP)).items, []);
    await world.register(alice);
    const listed = [
      [GARDEN, '#garden (2)'],
      [`#tomb@${LOOP}`, '#tomb (1)'],
    ];
    assert.deepEqual((await items(alice, LOOP)).items, listed);
    const { form } = await info(alice, GARDEN);
    assert.deepEqual(form, {
      FORM_TYPE: `${MUC}#roominfo`,
      'muc#roominfo_subject': 'Roses',
      'muc#roominfo_occupants': '2',
    });
    // The list serves for its pages.
    const second = await items(
      alice,
      LOOP,
      `<set xmlns='${RSM}'><max>1</max><after>${GARDEN}</after></set>`,
    );
    assert.deepEqual(second.items, listed.slice(1));
    assert.equal(world.network.calls.recorded.filter(({ method }) => method === 'rooms').length, 1);
  });

  test('N02: a gateway with several networks lists them, and each lists its rooms', async () => {
    await start({ options: ['networks: { moon: { name: Moon } }'] });
    world.network.join('#garden', 'Romeo');
    world.network.join('#crater%moon', 'Romeo');
    assert.deepEqual((await items(alice, LOOP)).items, [[`%moon@${LOOP}`, 'Moon']]);
    assert.deepEqual((await items(alice, `%moon@${LOOP}`)).items, [
      [`#crater%moon@${LOOP}`, '#crater%moon (1)'],
    ]);
  });

  test('a list that the network refuses is an error in its words, and is asked for again', async () => {
    await start();
    await world.register(alice);
    world.network.join('#garden', 'Romeo');
    world.network.refuseNext('rooms', new NetworkError('too-fast', 'Ask again later.'));
    const refused = await ask(alice, LOOP, ITEMS);
    assert.equal(condition(refused), 'resource-constraint');
    assert.equal(childText(child(refused, 'error') ?? refused, 'text'), 'Ask again later.');
    assert.deepEqual((await items(alice, LOOP)).items, [[GARDEN, '#garden (1)']]);
  });

  test('who may not use the gateway sees no rooms, and nothing is asked of the network for her', async () => {
    await start({ config: ['registration: { allow: [elsewhere.example] }'] });
    world.network.join('#garden', 'Romeo');
    assert.deepEqual((await items(alice, LOOP)).items, []);
    assert.equal(world.network.calls.recorded.length, 0);
  });

  test('the settings of a room are the business of its network', async () => {
    await start();
    const owner = (type: string, inside = ''): Promise<Element> =>
      alice.iq(
        `<iq type='${type}' to='${GARDEN}'><query xmlns='${MUC}#owner'>${inside}</query></iq>`,
      );
    assert.equal(condition(await owner('get')), 'not-allowed');
    assert.equal(condition(await owner('set', '<destroy/>')), 'not-allowed');
    const cancelled = await owner('set', `<x xmlns='jabber:x:data' type='cancel'/>`);
    assert.equal(cancelled.attrs['type'], 'result');
  });
});
