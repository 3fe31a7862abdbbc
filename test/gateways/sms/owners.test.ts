import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { NetworkError } from '../../../src/plugin/index.ts';
import type { Account, CommandResult, GatewayCommand, Step } from '../../../src/plugin/index.ts';
import { memoryOf } from '../../contract/recording-host.ts';
import { TwilioServer } from '../../harness/twilio-server.ts';
import { ALICE, ALICES_NUMBER, BOB, DOMAIN, PHONE, PUBLIC_URL, SmsRig } from './rig.ts';
import type { Person } from './rig.ts';

const HOOK = `${PUBLIC_URL}/hooks/${DOMAIN}/twilio`;
const SHARED = '+12025550100';
const OPERATOR = 'operator@example.org';
const OWN = '+12025550177';

let twilio: TwilioServer;
let rig: SmsRig;
let values: Map<string, string>;

async function begin(more: object = {}): Promise<void> {
  const { accountSid, authToken, url } = twilio;
  rig = await new SmsRig(
    {
      region: 'US',
      provider: { type: 'twilio', accountSid, authToken, apiUrl: url },
      numbers: {
        [ALICES_NUMBER]: ALICE,
        [SHARED]: { users: [BOB, ALICE, OPERATOR], operator: OPERATOR },
      },
      ...more,
    },
    values,
  ).start();
}

beforeEach(async () => {
  values = new Map();
  twilio = await new TwilioServer({
    smsUrl: HOOK,
    post: (url, init) => rig.web(url, init),
  }).start();
  await begin();
});
afterEach(async () => {
  await rig.stop();
  await twilio.stop();
});

async function failure(doing: Promise<unknown>): Promise<Error> {
  const error: unknown = await doing.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error, 'it fails');
  return error;
}

/** Runs a command and gives these answers, one step each. */
async function command(
  person: Person,
  node: string,
  answers: readonly Readonly<Record<string, string>>[],
  contact?: string,
): Promise<CommandResult & { readonly steps: readonly Step[] }> {
  const found: GatewayCommand | undefined = rig.gateway.commands?.find((one) => one.node === node);
  assert.ok(found !== undefined);
  const dialogue = found.run({
    session: person.session,
    memory: memoryOf(new Map()),
    ...(contact === undefined ? {} : { address: rig.address(contact) }),
    language: 'en',
    signal: AbortSignal.timeout(5_000),
  });
  const steps: Step[] = [];
  let next = await dialogue.next();
  for (const answer of answers) {
    assert.ok(next.done !== true);
    steps.push(next.value);
    next = await dialogue.next(answer);
  }
  assert.ok(next.done === true);
  return { ...next.value, steps };
}

const heard = (person: Person): string[] => person.events('message').map(({ text }) => text);

describe('a registration', () => {
  test("takes the one number that is the user's, named in any way or not at all", async () => {
    for (const answers of [{}, { phone: '+15005550006' }, { phone: '500 555 0006' }]) {
      await begin({ numbers: { [ALICES_NUMBER]: 'Alice@Example.org' } });
      assert.equal((await rig.person(ALICE, answers)).account['phone'], ALICES_NUMBER);
      await rig.stop();
    }
  });

  test('asks which number when there are several', async () => {
    assert.match((await failure(rig.person(ALICE))).message, /which of your numbers/);
    assert.equal((await rig.person(ALICE, { phone: SHARED })).account['phone'], SHARED);
  });

  test("does not take what is somebody else's, nobody's, or no number", async () => {
    const conflict = await failure(rig.person(BOB, { phone: ALICES_NUMBER }));
    assert.ok(conflict instanceof NetworkError);
    assert.equal(conflict.kind, 'conflict');
    assert.match((await failure(rig.person(BOB, { phone: OWN }))).message, /not assigned to you/);
    assert.match((await failure(rig.person(BOB, { phone: 'juliet' }))).message, /no phone number/);
    assert.match((await failure(rig.person('eve@example.org'))).message, /No number/);
    const region = { phone: ALICES_NUMBER, region: 'Atlantis' };
    assert.match((await failure(rig.person(ALICE, region))).message, /no country/);
  });
});

describe("a number of the user's own", () => {
  const claims = { claims: { from: ALICES_NUMBER } };
  const codeIn = (text = ''): string => /\d{6}/.exec(text)?.[0] ?? '';

  const dialogueOf = (user: string, known?: Account) =>
    rig.gateway.signIn(known, AbortSignal.timeout(5_000), 'en', user);

  test("is hers once she knows the code that was sent to it; then nobody else's", async () => {
    await begin(claims);
    const dialogue = dialogueOf(BOB);
    await dialogue.next();
    const asks = await dialogue.next({ phone: '202-555-0177' });
    assert.ok(asks.done !== true);
    assert.deepEqual(
      asks.value.fields.map(({ name }) => name),
      ['code'],
    );
    const [message] = twilio.messages;
    assert.deepEqual([message?.from, message?.to], [ALICES_NUMBER, OWN]);
    const code = codeIn(message?.body);
    const wrong = await dialogue.next({ code: code === '000000' ? '000001' : '000000' });
    assert.ok(wrong.done !== true);
    assert.match(wrong.value.problem ?? '', /not the code/);
    const right = await dialogue.next({ code: ` ${code} ` });
    assert.ok(right.done === true);
    assert.deepEqual(right.value, { user: BOB, phone: OWN, isClaimed: true });
    assert.deepEqual(rig.gateway.keys?.(right.value), [BOB, OWN]);
    const bob = rig.registered(BOB, right.value);
    await bob.send(PHONE, 'From my own number');
    assert.equal(twilio.messages.at(-1)?.from, OWN);
    await twilio.text(PHONE, OWN, 'To your own number');
    assert.deepEqual(heard(bob), ['To your own number']);
    const other = await failure(rig.person('eve@example.org', { phone: OWN }));
    assert.ok(other instanceof NetworkError);
    assert.equal(other.kind, 'conflict');
    // Changing the registration asks for no second code.
    const again = dialogueOf(BOB, right.value);
    await again.next();
    const kept = await again.next({ phone: OWN });
    assert.deepEqual([kept.done, kept.value], [true, right.value]);
  });

  test('is not hers after five wrong codes, and codes are not sent without end', async () => {
    await begin(claims);
    const dialogue = dialogueOf(BOB);
    await dialogue.next();
    await dialogue.next({ phone: OWN });
    const code = codeIn(twilio.messages[0]?.body) === '111111' ? '222222' : '111111';
    for (let tries = 0; tries < 4; tries += 1) await dialogue.next({ code });
    const error = await failure(dialogue.next({ code }));
    assert.ok(error instanceof NetworkError);
    assert.equal(error.kind, 'credentials');
    for (let more = 0; more < 2; more += 1) {
      const another = dialogueOf(BOB);
      await another.next();
      await another.next({ phone: OWN });
    }
    const tooMany = dialogueOf(BOB);
    await tooMany.next();
    assert.match((await failure(tooMany.next({ phone: OWN }))).message, /Too many codes/);
    assert.equal(twilio.messages.length, 3);
  });
});

describe('a number that several share', () => {
  let alice: Person;
  let bob: Person;
  let operator: Person;
  beforeEach(async () => {
    alice = await rig.person(ALICE, { phone: SHARED });
    bob = await rig.person(BOB);
    operator = await rig.person(OPERATOR);
  });

  test('brings answers to whoever wrote last, and all else to the operator', async () => {
    await twilio.text(PHONE, SHARED, 'Is anybody there?');
    await alice.send(PHONE, 'Alice here');
    await twilio.text(PHONE, SHARED, 'Hello Alice');
    await bob.send(PHONE, 'And Bob');
    await twilio.text(PHONE, SHARED, 'Hello Bob');
    await twilio.text('+12025550111', SHARED, 'Somebody else');
    assert.deepEqual(heard(operator), ['Is anybody there?', 'Somebody else']);
    assert.deepEqual(heard(alice), ['Hello Alice']);
    assert.deepEqual(heard(bob), ['Hello Bob']);
  });

  test('brings texts to whoever claimed the contact, also after a restart', async () => {
    const asked = await command(bob, 'claim', [{ mine: 'true' }], PHONE);
    assert.match(asked.text, /come to you/);
    await rig.stop();
    await begin();
    bob = rig.registered(BOB, bob.account);
    operator = rig.registered(OPERATOR, operator.account);
    await twilio.text(PHONE, SHARED, 'For Bob');
    await command(bob, 'claim', [{ mine: 'false' }], PHONE);
    await rig.stop();
    // The conversation just now would count otherwise.
    await begin({ sharedWindowHours: 0.000_000_1 });
    bob = rig.registered(BOB, bob.account, bob.host);
    operator = rig.registered(OPERATOR, operator.account, operator.host);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await twilio.text(PHONE, SHARED, 'For the operator');
    assert.deepEqual(heard(bob), ['For Bob']);
    assert.deepEqual(heard(operator), ['For the operator']);
  });
});

describe('the commands of administrators', () => {
  test('give a number to a user, and take it away', async () => {
    const admin = await rig.person(ALICE, { phone: ALICES_NUMBER });
    const given = await command(admin, 'assign', [
      { number: '(202) 555-0177', users: 'Eve@example.org' },
    ]);
    assert.match(given.text, /\+12025550177 now belongs to/);
    await rig.stop();
    await begin();
    const eve = await rig.person('eve@example.org');
    assert.equal(eve.account['phone'], OWN);
    await twilio.text(PHONE, OWN, 'Hello Eve');
    assert.deepEqual(heard(eve), ['Hello Eve']);
    assert.match((await command(admin, 'numbers', [])).text, /\+12025550177: eve@example\.org/);
    const shared = await command(admin, 'assign', [{ number: OWN, users: `${BOB} ${ALICE}` }]);
    assert.match(shared.text ?? '', /now belongs to bob@example\.org, alice@example\.org/);
    await command(admin, 'assign', [{ number: OWN }]);
    assert.match((await failure(eve.send(PHONE, 'Hi'))).message, /any more/);
  });

  test('cannot change what the configuration says, and need good answers', async () => {
    const admin = await rig.person(ALICE, { phone: ALICES_NUMBER });
    const fixed = await command(admin, 'assign', [{ number: ALICES_NUMBER, users: BOB }]);
    assert.equal(fixed.isFailed, true);
    const bad = await command(
      admin,
      'assign',
      [{ number: 'x' }, { number: OWN, users: 'nobody' }, { number: OWN, users: BOB }]
        .slice(0, 2)
        .concat([{ number: 'x' }]),
    );
    assert.match(bad.steps[2]?.problem ?? '', /"nobody"/);
  });

  test('set what a user may send, and what numbers nobody may', async () => {
    const admin = await rig.person(ALICE, { phone: ALICES_NUMBER });
    await command(admin, 'quota', [{ user: ALICE, day: '1' }]);
    await admin.send(PHONE, 'one');
    assert.match((await failure(admin.send(PHONE, 'two'))).message, /one day \(1 segments\)/);
    const again = rig.registered(ALICE, admin.account);
    assert.match((await failure(again.send(PHONE, 'three'))).message, /one day/, 'registered anew');
    assert.match((await command(admin, 'status', [])).text, /1 of 1 segments today, and 1 of 5000/);
    await command(admin, 'block', [{ prefixes: '+1202\n+1900' }]);
    assert.match((await failure(admin.send('+12025550177', 'x'))).message, /not allowed/);
    assert.match((await command(admin, 'providers', [])).text, /twilio: OK/);
  });
});

describe('options that contradict each other', () => {
  const provider = { type: 'twilio', accountSid: 'AC1', authToken: 'x' };
  const wrong: readonly (readonly [name: string, options: object, words: RegExp])[] = [
    ['no provider', {}, /needs a "provider"/],
    ['both forms', { provider, providers: { a: provider } }, /either/],
    ['two of a type without secrets', { providers: { a: provider, b: provider } }, /webhookSecret/],
    [
      'a route to nowhere',
      { provider, routes: [{ prefix: '+1', provider: 'x' }] },
      /no provider "x"/,
    ],
    [
      'a number of nowhere',
      { provider, numbers: { [OWN]: { users: [BOB], provider: 'x' } } },
      /no provider "x"/,
    ],
  ];
  for (const [name, options, words] of wrong) {
    test(`are refused: ${name}`, () => assert.throws(() => new SmsRig(options), words));
  }
});

test('with several providers a text takes the first route that fits, else that of its number', async () => {
  const other = await new TwilioServer({ accountSid: 'AC2' }).start();
  const { accountSid, authToken, url } = twilio;
  const east = { type: 'twilio', accountSid, authToken, apiUrl: url, webhookSecret: 'east-secret' };
  const west = {
    type: 'twilio',
    accountSid: 'AC2',
    authToken,
    apiUrl: other.url,
    webhookSecret: 'west-secret',
  };
  await begin({
    provider: undefined,
    providers: { east, west },
    numbers: { [ALICES_NUMBER]: ALICE, [OWN]: { users: [BOB], provider: 'west' } },
    routes: [
      { prefix: '+49', provider: 'west' },
      { user: 'eve@example.org', provider: 'west' },
    ],
  });
  const alice = await rig.person(ALICE);
  const bob = await rig.person(BOB);
  await alice.send(PHONE, 'east');
  await alice.send('+4915112345678', 'west by prefix');
  await bob.send(PHONE, 'west by number');
  assert.deepEqual(
    twilio.messages.map(({ body }) => body),
    ['east'],
  );
  assert.deepEqual(
    other.messages.map(({ body }) => body),
    ['west by prefix', 'west by number'],
  );
  await other.stop();
});

test('a message to several is refused in words, and sent to none of them', async () => {
  const alice = await rig.person(ALICE, { phone: ALICES_NUMBER });
  const also = [{ contact: '+12025550177' as never, role: 'to' as const }];
  assert.match(
    (await failure(alice.send(PHONE, 'Hi all', { also }))).message,
    /who see each other/,
  );
  assert.match(
    (await failure(alice.send(`${PHONE},+12025550177`, 'Hi'))).message,
    /see each other/,
  );
  assert.deepEqual(twilio.messages, []);
});

test('a text of more parts than are allowed, without words, or to oneself is refused', async () => {
  const alice = await rig.person(ALICE, { phone: ALICES_NUMBER });
  await alice.send(PHONE, 'x'.repeat(1_530));
  assert.match((await failure(alice.send(PHONE, 'x'.repeat(1_531)))).message, /11 segments/);
  assert.match((await failure(alice.send(PHONE, ' \n '))).message, /nothing in this text/);
  assert.match((await failure(alice.send(ALICES_NUMBER, 'x'))).message, /your own number/);
  assert.equal(twilio.messages.length, 1);
});
