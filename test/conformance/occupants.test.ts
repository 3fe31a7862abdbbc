import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { roomId } from '../../src/plugin/index.ts';
import { child, childText, elements, serialize } from '../harness/xml-element.ts';
import type { Element } from '../harness/xml-element.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';
import { enter } from '../scenario/world.ts';
import { outcomeOf, refusalIn } from './answers.ts';

const GARDEN = `#garden@${LOOP}`;
const MUC = 'http://jabber.org/protocol/muc';
const INFO = 'http://jabber.org/protocol/disco#info';

/** XEP-0045 by the letter, where a client or the rest of a room can tell the difference. */
describe('occupants', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  beforeEach(async () => {
    world = await LoopbackWorld.start();
    alice = await world.client('alice');
    world.network.join('#garden', 'Romeo');
  });
  afterEach(() => world.stop());

  const join = (nick: string, id: string, room = GARDEN): void =>
    alice.send(`<presence to='${room}/${nick}' id='${id}'><x xmlns='${MUC}'/></presence>`);
  const codesIn = (presence: Element): (string | undefined)[] => {
    const x = child(presence, 'x', `${MUC}#user`) ?? assert.fail(JSON.stringify(presence));
    return elements(x).flatMap(({ name, attrs }) => (name === 'status' ? [attrs['code']] : []));
  };
  const heard = (body: string): Promise<Element> =>
    alice.expect(`<message type='groupchat'><body>${body}</body></message>`);
  const admin = (type: 'get' | 'set', item: string, by = alice): Promise<Element> =>
    by.iq(
      `<iq type='${type}' to='${GARDEN}'><query xmlns='${MUC}#admin'><item ${item}/></query></iq>`,
    );
  const featuresOf = async (to: string): Promise<(string | undefined)[]> => {
    const answer = await alice.iq(`<iq type='get' to='${to}'><query xmlns='${INFO}'/></iq>`);
    return elements(child(answer, 'query', INFO) ?? assert.fail(to)).map(
      ({ attrs }) => attrs['var'],
    );
  };

  test('XEP-0045 §7.2.17: a client that shows itself to a room that it is not in is kicked, with 110, 307 and 333', async () => {
    alice.send(`<presence to='${GARDEN}/alice'><show>away</show></presence>`);
    const kicked = await alice.expect(`<presence from='${GARDEN}/alice' type='unavailable'/>`);
    assert.deepEqual(codesIn(kicked), ['110', '307', '333']);
    const item = child(child(kicked, 'x', `${MUC}#user`) ?? kicked, 'item');
    assert.deepEqual([item?.attrs['affiliation'], item?.attrs['role']], ['none', 'none']);
  });

  test('XEP-0045 §7.7: who changes her presence while she waits to be let in goes on waiting', async () => {
    const release = world.network.slow('join');
    join('alice', 'j1');
    await world.network.expect('join');
    alice.send(`<presence to='${GARDEN}/alice'><show>away</show></presence>`);
    await alice.barrier(LOOP);
    await alice.expectNothing(({ attrs }) => attrs['from'] === `${GARDEN}/alice`);
    release();
    const self = await alice.expect(`<presence type='{none}' from='${GARDEN}/alice'/>`);
    assert.deepEqual(codesIn(self), ['100', '110']);
  });

  test('RFC 6120 §8.1.3: the refusal of an entry has the id of the presence that asked', async () => {
    world.network.room('#vault').setTraits(['key'], 'sesame');
    join('alice', 'j1', `#vault@${LOOP}`);
    const refused = await alice.expect(`<presence type='error' from='#vault@${LOOP}/alice'/>`);
    assert.equal(refused.attrs['id'], 'j1');
    assert.equal(refusalIn(refused)?.condition, 'not-authorized');
  });

  test('XEP-0045 §17.4: lists of roles have nick, role, affiliation and JID, those of affiliations no role', async () => {
    await enter(alice, GARDEN, 'alice');
    const query = (answer: Element): Element[] =>
      elements(child(answer, 'query', `${MUC}#admin`) ?? assert.fail(JSON.stringify(answer)));
    const [moderator] = query(await admin('get', `role='moderator'`));
    const romeo = { nick: 'Romeo', jid: `romeo@${LOOP}`, affiliation: 'owner' };
    assert.deepEqual(moderator?.attrs, { ...romeo, role: 'moderator' });
    const [owner] = query(await admin('get', `affiliation='owner'`));
    assert.deepEqual(owner?.attrs, romeo);
    for (const unknown of [`role='gardener'`, `affiliation='gardener'`, '']) {
      assert.equal(outcomeOf(await admin('get', unknown)), 'bad-request', unknown);
    }
  });

  test('XEP-0045 §17.4, 9.1, 8: role and affiliation at once, a ban of oneself, and acts from outside are refused', async () => {
    await enter(alice, GARDEN, 'alice');
    world.network.room('#garden').change('alice', { rank: 'owner' });
    const both = `nick='Romeo' role='none' affiliation='none'`;
    assert.equal(outcomeOf(await admin('set', both)), 'bad-request');
    const myself = await admin('set', `nick='alice' affiliation='outcast'`);
    assert.equal(outcomeOf(myself), 'conflict');
    assert.deepEqual(
      world.network.room('#garden').members.map(({ nick }) => nick),
      ['Romeo', 'alice'],
    );
    const elsewhere = await admin('set', `jid='romeo@elsewhere.example' affiliation='outcast'`);
    assert.equal(outcomeOf(elsewhere), 'item-not-found');
    assert.equal(world.network.room('#garden').members.length, 2);
    const bob = await world.client('bob');
    for (const type of ['get', 'set'] as const) {
      assert.equal(outcomeOf(await admin(type, `nick='Romeo' role='none'`, bob)), 'forbidden');
    }
  });

  test('XEP-0045 §7.4, XEP-0421 §4, XEP-0059 §4: where rooms are says what holds of all of them', async () => {
    const everywhere = [
      `${MUC}#stable_id`,
      'urn:xmpp:occupant-id:0',
      'http://jabber.org/protocol/rsm',
    ];
    for (const to of [LOOP, GARDEN]) {
      const features = await featuresOf(to);
      for (const feature of everywhere) assert.ok(features.includes(feature), `${to} ${feature}`);
    }
  });

  test('XEP-0045 §18.1.1: a room does not tell which traffic it lets through', async () => {
    await enter(alice, GARDEN, 'alice');
    const answer = await alice.iq(
      `<iq type='get' to='${GARDEN}'><query xmlns='${INFO}' node='${MUC}#traffic'/></iq>`,
    );
    assert.equal(outcomeOf(answer), 'feature-not-implemented');
  });

  test('XEP-0045 §8.1: a subject with a thread is said, and changes nothing; one that changes it keeps its id', async () => {
    await enter(alice, GARDEN, 'alice');
    const say = (id: string, inside: string): void =>
      alice.send(`<message type='groupchat' id='${id}' to='${GARDEN}'>${inside}</message>`);
    say('s1', '<subject>Roses</subject><thread>t</thread>');
    const said = await alice.expect(`<message type='groupchat' id='s1'/>`);
    assert.equal(childText(said, 'thread'), 't');
    assert.equal(world.network.room('#garden').subject, undefined);
    say('s2', '<subject>Thorns</subject>');
    const changed = await alice.expect(
      `<message type='groupchat'><subject>Thorns</subject></message>`,
    );
    assert.equal(changed.attrs['id'], 's2');
    world.network.room('#garden').setSubject('Thorns', 'Romeo');
    const again = await alice.expect(
      `<message type='groupchat'><subject>Thorns</subject></message>`,
    );
    assert.notEqual(again.attrs['id'], 's2');
  });

  test('RFC 6120 §8.1.5: what a user says comes back in the language that it was said in', async () => {
    await enter(alice, GARDEN, 'alice');
    alice.send(
      `<message type='groupchat' id='m1' xml:lang='it' to='${GARDEN}'><body>Giardino</body></message>`,
    );
    assert.equal((await heard('Giardino')).attrs['xml:lang'], 'it');
  });

  test('XEP-0045 §7.6: a nick that the network has made of the one asked for comes with 210', async () => {
    await enter(alice, GARDEN, 'alice');
    const renamed = (nick: string, next: string): void => {
      world.network.emit('alice', {
        kind: 'renamed',
        room: roomId('#garden'),
        nick,
        member: { nick: next, rank: 'participant' },
      });
    };
    const release = world.network.slow('rename');
    alice.send(`<presence to='${GARDEN}/alice_of_the_garden'/>`);
    await world.network.expect('rename');
    renamed('alice', 'alice_of');
    const self = await alice.expect(`<presence type='{none}' from='${GARDEN}/alice_of'/>`);
    assert.deepEqual(codesIn(self), ['110', '210']);
    renamed('alice_of', 'alice2');
    const next = await alice.expect(`<presence type='{none}' from='${GARDEN}/alice2'/>`);
    assert.deepEqual(codesIn(next), ['110']);
    release();
  });

  test('XEP-0421 §4: what is said in private by way of a room has an occupant id as well', async () => {
    join('alice', 'j1');
    const idIn = (stanza: Element): string | undefined =>
      child(stanza, 'occupant-id', 'urn:xmpp:occupant-id:0')?.attrs['id'];
    const romeo = idIn(await alice.expect(`<presence from='${GARDEN}/Romeo'/>`));
    assert.ok(romeo);
    await alice.expect(`<message type='groupchat'><subject/></message>`);
    alice.send(`<message type='chat' id='m1' to='${GARDEN}/Romeo'><body>Psst</body></message>`);
    await world.network.expect('send');
    world.network.emit('alice', {
      kind: 'typing',
      chat: { kind: 'contact', id: world.network.meet('romeo') },
      state: 'typing',
    });
    world.network.tell('alice', 'romeo', 'What?');
    for (const inside of [
      "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
      '<body>What?</body>',
    ]) {
      const stanza = await alice.expect(
        `<message type='chat' from='${GARDEN}/Romeo'>${inside}<x xmlns='${MUC}#user'/></message>`,
      );
      assert.equal(idIn(stanza), romeo, inside);
    }
  });

  test('XEP-0045 §7.5, 17.1: an occupant is found by her nick as servers prepare it', async () => {
    world.network.join('#garden', 'ﬁona', { contact: world.network.meet('fiona') });
    await enter(alice, GARDEN, 'alice');
    // Resourceprep makes two letters of the ligature.
    const fiona = `${GARDEN}/fiona`;
    alice.send(`<message type='chat' id='m1' to='${fiona}'><body>Psst</body></message>`);
    const { args } = await world.network.expect('send');
    assert.deepEqual(args[0], { kind: 'contact', id: 'fiona' });
    for (const payload of [
      `<query xmlns='${INFO}'/>`,
      `<ping xmlns='urn:xmpp:ping'/>`,
      `<vCard xmlns='vcard-temp'/>`,
    ]) {
      assert.equal(
        outcomeOf(await alice.iq(`<iq type='get' to='${fiona}'>${payload}</iq>`)),
        'result',
      );
      const nobody = await alice.iq(`<iq type='get' to='${GARDEN}/nobody'>${payload}</iq>`);
      assert.equal(outcomeOf(nobody), 'item-not-found', payload);
    }
  });

  test('RFC 6122 §2.4: a nick that is too long for a resource is shown as far as one goes', async () => {
    await enter(alice, GARDEN, 'alice');
    const member = { nick: 'x'.repeat(1_500), rank: 'participant' } as const;
    world.network.emit('alice', { kind: 'joined', room: roomId('#garden'), member });
    await alice.expect(`<presence from='${GARDEN}/${'x'.repeat(1_023)}'/>`);
  });

  test('XEP-0045 §7.8.2: a user who was asked in by another declines, and the other is told', async () => {
    const bob = await world.client('bob');
    const decline = (id: string, to: string): void =>
      bob.send(
        `<message id='${id}' to='${GARDEN}'><x xmlns='${MUC}#user'><decline to='${to}'><reason>Too late</reason></decline></x></message>`,
      );
    const isRefused = async (id: string): Promise<void> => {
      decline(id, alice.bareJid);
      const error = await bob.expect(`<message type='error' id='${id}' from='${GARDEN}'/>`);
      assert.equal(refusalIn(error)?.condition, 'item-not-found');
    };
    await isRefused('d0');
    await enter(alice, GARDEN, 'alice');
    // Who was not asked does not learn who is there.
    await isRefused('d0b');
    alice.send(
      `<message to='${GARDEN}'><x xmlns='${MUC}#user'><invite to='${bob.bareJid}'/></x></message>`,
    );
    await bob.expect(
      `<message from='${GARDEN}'><x xmlns='${MUC}#user'><invite from='${alice.bareJid}'/></x></message>`,
    );
    decline('d1', alice.bareJid);
    await alice.expect(
      `<message from='${GARDEN}'><x xmlns='${MUC}#user'><decline from='${bob.bareJid}'><reason>Too late</reason></decline></x></message>`,
    );
    await bob.barrier(LOOP);
    await bob.expectNothing(`<message type='error'/>`);
    await isRefused('d1b');
    decline('d2', `romeo@${LOOP}`);
    const lost = await bob.expect(`<message type='error' id='d2' from='${GARDEN}'/>`);
    assert.equal(refusalIn(lost)?.condition, 'feature-not-implemented');
  });

  test('XEP-0249 §4: contacts say that they can be invited, and are so by way of a room as well', async () => {
    assert.ok((await featuresOf(`romeo@${LOOP}`)).includes('jabber:x:conference'));
    await enter(alice, GARDEN, 'alice');
    alice.send(
      `<message id='i1' to='${GARDEN}/Romeo'><x xmlns='jabber:x:conference' jid='${GARDEN}' reason='Roses'/></message>`,
    );
    const { args } = await world.network.expect('invite');
    assert.deepEqual(args, ['#garden', 'romeo', 'Roses']);
  });

  test('XEP-0045 §7.2.14: as many whole stanzas of history come as have the characters that are asked for', async () => {
    await enter(alice, GARDEN, 'alice');
    for (const text of ['one', 'two', 'thr&é']) world.network.say('#garden', 'Romeo', text);
    await heard('thr&amp;é');
    alice.takeAll();
    const past = async (maxchars: string): Promise<Element[]> => {
      alice.send(
        `<presence to='${GARDEN}/alice'><x xmlns='${MUC}'><history maxchars='${maxchars}'/></x></presence>`,
      );
      const all: Element[] = [];
      for (;;) {
        const message = await alice.expect(`<message type='groupchat'/>`);
        if (child(message, 'subject') !== undefined) return all;
        all.push(message);
      }
    };
    const lengths = (await past('100000')).map(
      (one) => Array.from(serialize(one, 'jabber:client')).length,
    );
    const [, two = 0, three = 0] = lengths;
    assert.equal(lengths.length, 3);
    assert.equal((await past(String(two + three))).length, 2);
    assert.equal((await past(String(two + three - 1))).length, 1);
    assert.equal((await past(String(three - 1))).length, 0);
  });

  test('XEP-0085 §5.3: who goes on writing is not said to write again, but is after a message', async () => {
    await enter(alice, GARDEN, 'alice');
    const type = (state: 'typing' | 'paused' | 'done'): void =>
      world.network.emit('alice', {
        kind: 'typing',
        chat: { kind: 'room', id: roomId('#garden') },
        nick: 'Romeo',
        state,
      });
    for (const state of [
      'done',
      'typing',
      'typing',
      'paused',
      'paused',
      'done',
      'done',
      'typing',
    ] as const)
      type(state);
    world.network.say('#garden', 'Romeo', 'There');
    type('typing');
    world.network.say('#garden', 'Romeo', 'Here');
    const told: (string | undefined)[] = [];
    for (let done = false; !done;) {
      const message = await alice.expect(`<message type='groupchat' from='${GARDEN}/Romeo'/>`);
      const text = childText(message, 'body');
      told.push(text ?? elements(message)[0]?.name);
      done = text === 'Here';
    }
    assert.deepEqual(told, [
      'composing',
      'paused',
      'active',
      'composing',
      'There',
      'composing',
      'Here',
    ]);
  });
});
