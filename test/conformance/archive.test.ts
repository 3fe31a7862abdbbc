import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { child, childText, elements } from '../harness/xml-element.ts';
import type { Element } from '../harness/xml-element.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';
import { enter } from '../scenario/world.ts';

const GARDEN = `#garden@${LOOP}`;
const MAM = 'urn:xmpp:mam:2';
const RSM = 'http://jabber.org/protocol/rsm';
const OCCUPANT_ID = 'urn:xmpp:occupant-id:0';
const STANZA_ID = 'urn:xmpp:sid:0';

/** A message as the archive gave it. */
interface Result {
  readonly id: string;
  readonly stamp: string | undefined;
  readonly message: Element;
  readonly body: string | undefined;
}

interface Answer {
  readonly results: readonly Result[];
  readonly bodies: readonly (string | undefined)[];
  readonly isComplete: boolean;
  readonly first: string | undefined;
  readonly last: string | undefined;
  readonly index: string | undefined;
  readonly count: string | undefined;
}

const field = (name: string, ...values: readonly string[]): string =>
  `<field var='${name}'>${values.map((value) => `<value>${value}</value>`).join('')}</field>`;
const form = (...fields: readonly string[]): string =>
  `<x xmlns='jabber:x:data' type='submit'>${field('FORM_TYPE', MAM)}${fields.join('')}</x>`;
const set = (inside: string): string => `<set xmlns='${RSM}'>${inside}</set>`;

describe('archives of rooms', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  beforeEach(async () => {
    world = await LoopbackWorld.start();
    alice = await world.client('alice');
  });
  afterEach(() => world.stop());

  /** A query whose results are those that came before its answer. */
  const query = async (client: XmppClient, inside: string, to = GARDEN): Promise<Answer> => {
    const answer = await ask(client, inside, to);
    assert.equal(answer.attrs['type'], 'result', JSON.stringify(answer));
    const fin = child(answer, 'fin', MAM);
    assert.ok(fin !== undefined);
    const rsm = child(fin, 'set', RSM);
    assert.ok(rsm !== undefined);
    const results = client.unclaimed.filter((stanza) => child(stanza, 'result', MAM)).map(resultOf);
    for (const { id } of results)
      await client.expect(`<message><result xmlns='${MAM}' id='${id}'/></message>`);
    return {
      results,
      bodies: results.map(({ body }) => body),
      isComplete: fin.attrs['complete'] === 'true',
      first: childText(rsm, 'first'),
      last: childText(rsm, 'last'),
      index: child(rsm, 'first')?.attrs['index'],
      count: childText(rsm, 'count'),
    };
  };
  const ask = (client: XmppClient, inside: string, to = GARDEN): Promise<Element> =>
    client.iq(`<iq type='set' to='${to}'><query xmlns='${MAM}' queryid='q'>${inside}</query></iq>`);
  const resultOf = (stanza: Element): Result => {
    assert.equal(stanza.attrs['from'], GARDEN);
    const result = child(stanza, 'result', MAM);
    const forwarded = result && child(result, 'forwarded', 'urn:xmpp:forward:0');
    const message = forwarded && child(forwarded, 'message', 'jabber:client');
    assert.ok(message !== undefined);
    assert.equal(result?.attrs['queryid'], 'q');
    return {
      id: result?.attrs['id'] ?? '',
      stamp: forwarded && child(forwarded, 'delay', 'urn:xmpp:delay')?.attrs['stamp'],
      message,
      body: childText(message, 'body'),
    };
  };
  /** Alice in the garden, where Romeo says so many things. */
  const talk = async (count: number): Promise<void> => {
    world.network.join('#garden', 'Romeo');
    await enter(alice, GARDEN, 'alice');
    for (let number = 1; number <= count; number++)
      world.network.say('#garden', 'Romeo', `${number}`);
    await alice.expect(`<message type='groupchat'><body>${count}</body></message>`);
  };
  const numbers = (from: number, to: number): string[] =>
    Array.from({ length: to - from + 1 }, (_, index) => `${from + index}`);

  test('N22: an archived message comes with the ids and the content that it had, before the result of the query', async () => {
    world.network.join('#garden', 'Romeo');
    await enter(alice, GARDEN, 'alice');
    world.network.say('#garden', 'Romeo', 'But soft & <low>');
    const live = await alice.expect(`<message type='groupchat' from='${GARDEN}/Romeo'/>`);
    alice.send(
      `<message type='groupchat' id='m1' to='${GARDEN}'><body>Ay me</body><origin-id xmlns='${STANZA_ID}' id='o1'/></message>`,
    );
    const own = await alice.expect(`<message type='groupchat'><body>Ay me</body></message>`);
    const { results, isComplete, first, last, count, index } = await query(alice, '');
    assert.deepEqual([isComplete, count, index], [true, '2', '0']);
    assert.deepEqual([first, last], [results[0]?.id, results[1]?.id]);
    for (const [number, original] of [live, own].entries()) {
      const { message, id, stamp } = results[number] ?? assert.fail();
      assert.equal(message.attrs['from'], original.attrs['from']);
      assert.equal(message.attrs['id'], original.attrs['id']);
      assert.equal(message.attrs['type'], 'groupchat');
      assert.equal(childText(message, 'body'), childText(original, 'body'));
      for (const [name, ns] of [
        ['stanza-id', STANZA_ID],
        ['occupant-id', OCCUPANT_ID],
        ['origin-id', STANZA_ID],
      ] as const) {
        assert.deepEqual(child(message, name, ns), child(original, name, ns), name);
      }
      assert.equal(child(message, 'stanza-id', STANZA_ID)?.attrs['id'], id);
      assert.match(stamp ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
    const who = child(results[0]?.message ?? live, 'x', 'http://jabber.org/protocol/muc#user');
    assert.equal(who && child(who, 'item')?.attrs['jid'], `romeo@${LOOP}`);
  });

  test('N22: pages go forwards, backwards and flipped, and say where they are', async () => {
    await talk(10);
    const all = await query(alice, '');
    const id = (number: number): string => all.results[number - 1]?.id ?? '';
    assert.deepEqual(all.bodies, numbers(1, 10));
    assert.equal(new Set(all.results.map((result) => result.id)).size, 10);
    for (const [inside, from, to, isComplete] of [
      [set('<max>4</max>'), 1, 4, false],
      [set(`<max>4</max><after>${id(4)}</after>`), 5, 8, false],
      [set(`<max>4</max><after>${id(8)}</after>`), 9, 10, true],
      [set('<max>4</max><before/>'), 7, 10, false],
      [set(`<max>4</max><before>${id(7)}</before>`), 3, 6, false],
      [set(`<max>4</max><before>${id(3)}</before>`), 1, 2, true],
      [set(`<max>6</max><after>${id(4)}</after>`), 5, 10, true],
      [set(`<after>${id(9)}</after>`), 10, 10, true],
    ] as const) {
      const page = await query(alice, inside);
      assert.deepEqual(page.bodies, numbers(from, to), inside);
      assert.equal(page.isComplete, isComplete, inside);
      assert.deepEqual([page.first, page.last], [id(from), id(to)], inside);
      assert.deepEqual([page.index, page.count], [`${from - 1}`, '10'], inside);
    }
    const flipped = await query(alice, `${set('<max>3</max><before/>')}<flip-page/>`);
    assert.deepEqual(flipped.bodies, ['10', '9', '8']);
    assert.deepEqual([flipped.first, flipped.last], [id(8), id(10)]);
    const counted = await query(alice, set('<max>0</max>'));
    assert.deepEqual([counted.bodies, counted.count, counted.first], [[], '10', undefined]);
    const empty = await query(alice, set(`<after>${id(10)}</after>`));
    assert.deepEqual([empty.bodies, empty.isComplete], [[], true]);
  });

  test('N22: messages are found by time, by id, between ids, and by who said them', async () => {
    world.network.join('#garden', 'Juliet');
    await talk(3);
    world.network.say('#garden', 'Juliet', '4');
    world.network.say('#garden', 'Romeo', 'long ago', { at: new Date('2020-02-02T02:02:02Z') });
    alice.send(`<message type='groupchat' to='${GARDEN}'><body>5</body></message>`);
    await alice.expect(`<message type='groupchat'><body>5</body></message>`);
    const { results } = await query(alice, '');
    const id = (body: string): string => results.find((result) => result.body === body)?.id ?? '';
    const soon = new Date(Date.now() + 60_000).toISOString();
    for (const [filter, bodies] of [
      [field('start', '2021-01-01T00:00:00Z'), ['1', '2', '3', '4', '5']],
      [field('start', soon), []],
      [field('end', soon), ['1', '2', '3', '4', 'long ago', '5']],
      [field('end', '2021-01-01T00:00:00Z'), ['long ago']],
      [
        field('start', '2020-02-02T03:02:02+01:00') + field('end', '2020-02-02T02:02:02Z'),
        ['long ago'],
      ],
      [field('start', '1900-01-01T00:00:00Z'), ['1', '2', '3', '4', 'long ago', '5']],
      [field('after-id', id('2')), ['3', '4', 'long ago', '5']],
      [field('before-id', id('3')), ['1', '2']],
      [field('after-id', id('1')) + field('before-id', id('4')), ['2', '3']],
      [field('ids', id('4'), id('2')), ['2', '4']],
      [field('with', `${GARDEN}/Juliet`), ['4']],
      [field('with', `romeo@${LOOP}`), ['1', '2', '3', 'long ago']],
      [field('with', alice.bareJid), ['5']],
      [field('with', GARDEN), ['1', '2', '3', '4', 'long ago', '5']],
      [field('with', `nobody@${LOOP}`), []],
      [field('with', 'nobody@elsewhere.example'), []],
      [field('with', `romeo@${LOOP}`) + field('ids', id('4'), id('2')), ['2']],
    ] as const) {
      const answer = await query(alice, form(filter));
      assert.deepEqual([answer.bodies, answer.isComplete], [bodies, true], filter);
    }
    const page = await query(
      alice,
      form(field('with', `${GARDEN}/Romeo`)) + set('<max>2</max><before/>'),
    );
    assert.deepEqual([page.bodies, page.isComplete], [['3', 'long ago'], false]);
  });

  test('XEP-0313 §4.1.3: messages that are asked for by their ids come in pages, too', async () => {
    await talk(5);
    const { results } = await query(alice, '');
    const id = (body: string): string => results.find((result) => result.body === body)?.id ?? '';
    const chosen = form(field('ids', ...['5', '1', '3', '3'].map(id)));
    for (const [page, bodies, index, isComplete] of [
      ['<max>2</max>', ['1', '3'], '0', false],
      [`<max>2</max><after>${id('3')}</after>`, ['5'], '2', true],
      [`<max>1</max><after>${id('1')}</after>`, ['3'], '1', false],
      ['<max>2</max><before/>', ['3', '5'], '1', false],
      [`<max>2</max><before>${id('3')}</before>`, ['1'], '0', true],
      [`<max>2</max><after>${id('5')}</after>`, [], undefined, true],
      ['<max>0</max>', [], undefined, false],
    ] as const) {
      const answer = await query(alice, chosen + set(page));
      assert.deepEqual(
        [answer.bodies, answer.index, answer.isComplete, answer.count],
        [bodies, index, isComplete, '3'],
        page,
      );
    }
    const of = await query(alice, form(field('ids', id('1'), id('3')), field('after-id', id('1'))));
    assert.deepEqual([of.bodies, of.count], [['3'], '1']);
  });

  test('N22: what cannot be asked is refused with the error that says so', async () => {
    await talk(1);
    for (const [inside, condition] of [
      [set('<after>unknown</after>'), 'item-not-found'],
      [set('<before>AAAAAAAA1</before>'), 'item-not-found'],
      [set('<max>many</max>'), 'bad-request'],
      [set('<max>1</max><index>0</index>'), 'feature-not-implemented'],
      [form(field('ids', 'unknown')), 'item-not-found'],
      [form(field('after-id', 'unknown')), 'item-not-found'],
      [form(field('before-id', 'unknown')), 'item-not-found'],
      [form(field('colour', 'red')), 'feature-not-implemented'],
      [form(field('start', 'yesterday')), 'bad-request'],
      [form(field('with', '@')), 'bad-request'],
      [`<x xmlns='jabber:x:data' type='submit'>${field('FORM_TYPE', 'other')}</x>`, 'bad-request'],
      [form(field('ids', ...numbers(1, 300))), 'resource-constraint'],
    ] as const) {
      const answer = await ask(alice, inside);
      const error = child(answer, 'error');
      assert.equal(error && elements(error)[0]?.name, condition, inside);
    }
    assert.equal(alice.unclaimed.filter((stanza) => child(stanza, 'result', MAM)).length, 0);
  });

  test('N22: the fields of a query can be asked for, none is required', async () => {
    const answer = await alice.iq(`<iq type='get' to='${GARDEN}'><query xmlns='${MAM}'/></iq>`);
    const x = child(child(answer, 'query', MAM) ?? answer, 'x', 'jabber:x:data');
    assert.equal(x?.attrs['type'], 'form');
    const fields = elements(x ?? answer);
    assert.deepEqual(
      fields.map(({ attrs }) => [attrs['var'], attrs['type']]),
      [
        ['FORM_TYPE', 'hidden'],
        ['with', 'jid-single'],
        ['start', 'text-single'],
        ['end', 'text-single'],
        ['before-id', 'text-single'],
        ['after-id', 'text-single'],
        ['ids', 'list-multi'],
      ],
    );
    for (const el of fields) assert.equal(child(el, 'required'), undefined);
    const validate = child(
      fields.at(-1) ?? answer,
      'validate',
      'http://jabber.org/protocol/xdata-validate',
    );
    assert.ok(validate !== undefined && child(validate, 'open') !== undefined);
  });

  test('N22: the archive tells its first and its last message, and nothing while it is empty', async () => {
    const metadata = async (): Promise<Element> => {
      const answer = await alice.iq(
        `<iq type='get' to='${GARDEN}'><metadata xmlns='${MAM}'/></iq>`,
      );
      return child(answer, 'metadata', MAM) ?? assert.fail();
    };
    assert.deepEqual((await metadata()).children, []);
    await talk(3);
    const { results } = await query(alice, '');
    const ends = elements(await metadata());
    assert.deepEqual(
      ends.map(({ name, attrs }) => [name, attrs['id'], attrs['timestamp']]),
      [
        ['start', results[0]?.id, results[0]?.stamp],
        ['end', results[2]?.id, results[2]?.stamp],
      ],
    );
  });

  test('N22: everybody has an archive of her own, with what was said while she was there', async () => {
    await talk(2);
    const bob = await world.client('bob');
    await enter(bob, GARDEN, 'bob');
    world.network.say('#garden', 'Romeo', '3');
    await bob.expect(`<message type='groupchat'><body>3</body></message>`);
    assert.deepEqual((await query(bob, '')).bodies, ['3']);
    const { results } = await query(alice, '');
    assert.deepEqual(
      results.map(({ body }) => body),
      ['1', '2', '3'],
    );
    const refused = await ask(bob, form(field('ids', results[0]?.id ?? '')));
    assert.equal(elements(child(refused, 'error') ?? refused)[0]?.name, 'item-not-found');
    alice.send(`<presence type='unavailable' to='${GARDEN}/alice'/>`);
    await alice.expect(`<presence type='unavailable' from='${GARDEN}/alice'/>`);
    await bob.expect(`<presence type='unavailable' from='${GARDEN}/alice'/>`);
    world.network.say('#garden', 'Romeo', '4');
    await bob.expect(`<message type='groupchat'><body>4</body></message>`);
    // Who is not there any more still has what she heard.
    assert.deepEqual((await query(alice, '')).bodies, ['1', '2', '3']);
    assert.deepEqual((await query(bob, '')).bodies, ['3', '4']);
  });

  test('what was said is there after a restart, under the same ids, and new ids are others', async () => {
    await talk(2);
    const before = await query(alice, '');
    await world.stopGateway();
    await world.startGateway();
    assert.deepEqual(
      (await query(alice, '')).results,
      before.results.map(({ message, ...result }) => ({
        ...result,
        // Who is behind a nick is not known outside of the room.
        message: {
          ...message,
          children: message.children.filter(
            (node) => typeof node === 'string' || node.name !== 'x',
          ),
        },
      })),
    );
    await enter(alice, GARDEN, 'alice');
    world.network.say('#garden', 'Romeo', '3');
    await alice.expect(`<message type='groupchat'><body>3</body></message>`);
    const after = await query(alice, '');
    assert.deepEqual(after.bodies, ['1', '2', '3']);
    assert.equal(new Set(after.results.map(({ id }) => id)).size, 3);
  });

  test('a page is of at most 250 messages, and of 100 when nothing is said', async () => {
    await talk(300);
    const plain = await query(alice, '');
    assert.deepEqual([plain.bodies, plain.isComplete], [numbers(1, 100), false]);
    const large = await query(alice, set('<max>1000</max>'));
    assert.deepEqual([large.bodies, large.isComplete], [numbers(1, 250), false]);
  });

  test('a room says that it has an archive; without one it does not, and refuses queries', async () => {
    const features = async (client: XmppClient): Promise<readonly (string | undefined)[]> => {
      const info = await client.iq(
        `<iq type='get' to='${GARDEN}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
      );
      return elements(child(info, 'query') ?? info).map(({ attrs }) => attrs['var']);
    };
    const told = await features(alice);
    for (const name of [MAM, `${MAM}#extended`]) assert.ok(told.includes(name));
    const other = await LoopbackWorld.start({ config: ['archive: { rooms: false }'] });
    try {
      const client = await other.client('alice');
      assert.ok(!(await features(client)).includes(MAM));
      const answer = await ask(client, '');
      assert.equal(elements(child(answer, 'error') ?? answer)[0]?.name, 'service-unavailable');
    } finally {
      await other.stop();
    }
  });
});
