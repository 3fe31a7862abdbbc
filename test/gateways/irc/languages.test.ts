import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gateway } from '../../../gateways/irc/index.ts';
import { ircOptions } from '../../../gateways/irc/options.ts';
import { numericTexts } from '../../../gateways/irc/numeric-texts.ts';
import { NetworkError } from '../../../src/plugin/index.ts';
import { gatewayContext } from '../../harness/gateway-context.ts';
import { child, childText, elements } from '../../harness/xml-element.ts';
import { IRC, World } from '../../scenario/world.ts';
import { startRig } from './session-rig.ts';

const LANGUAGES = ['de-DE', 'en', 'zz'] as const;
type Tag = (typeof LANGUAGES)[number];

const wordsOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => assert.fail('was not refused'),
    (error: unknown) =>
      error instanceof NetworkError ? error.message : assert.fail(String(error)),
  );

for (const [language, words] of [
  [
    'de-DE',
    ['„a b“ kann kein Nick', 'Sie sind nicht in', 'Der Kanal ist voll. Der Server sagt: „x“'],
  ],
  ['en', ['"a b" cannot be a nick', 'You are not in', 'The channel is full. The server says: "x"']],
  ['zz', ['"a b" cannot be a nick', 'You are not in', 'The channel is full. The server says: "x"']],
] as const) {
  test(`says to who speaks ${language} what is wrong, and what the server refuses`, async (context) => {
    const { session, server, room } = await startRig(context, { language });
    const [badNick, notThere, full] = words;
    assert.ok((await wordsOf(session.join(room, { nick: 'a b' }))).includes(badNick));
    assert.ok((await wordsOf(session.setSubject(room, 'x'))).includes(notThere));
    const joining = wordsOf(session.join(room, { nick: 'alice' }));
    const irc = await server.accept();
    await irc.welcome('alice');
    await irc.expect(/^JOIN/);
    irc.send(':s 471 alice #room :x');
    assert.equal(await joining, full);
  });
}

test('asks for a registration and for an address in the language of who is asked', async () => {
  const options = ircOptions.parse({ servers: { libera: { host: 'irc.libera.chat' } } });
  const irc = gateway.create(options, gatewayContext());
  const asked = async (language: Tag): Promise<readonly (string | undefined)[]> => {
    const dialogue = irc.signIn(undefined, AbortSignal.timeout(5_000), language, 'alice@localhost');
    const first = await dialogue.next();
    const again = await dialogue.next({ nick: '#no' });
    if (first.done === true || again.done === true) assert.fail('nothing was asked');
    const labels = first.value.fields.map(({ label }) => label);
    const { problem } = again.value;
    const { addresses } = irc;
    return [problem, addresses.prompt(language), addresses.description?.(language), ...labels];
  };
  const [german, english, unknown] = await Promise.all(LANGUAGES.map(asked));
  assert.deepEqual(unknown, english);
  assert.match(english?.join('\n') ?? '', /^This cannot be a nick.*Known servers: libera/s);
  assert.match(german?.join('\n') ?? '', /^Das kann kein Nick sein.*Bekannte Server: libera/s);
  const common = german?.filter((text) => english?.includes(text));
  assert.deepEqual(common, ['Nick']);
});

test('has words of its own for each refusal in each language', () => {
  const english = new Map(Object.entries(numericTexts('en')));
  for (const [numeric, text] of Object.entries(numericTexts('de'))) {
    assert.notEqual(text, english.get(numeric), numeric);
  }
});

test('an error of IRC is German for who speaks German, and says so', async (context) => {
  const world = await World.start();
  context.after(() => world.stop());
  const alice = await world.client('alice');
  for (const [language, text] of [
    ['de', '„a b“ kann kein Nick im IRC sein.'],
    ['en', '"a b" cannot be a nick on IRC.'],
  ] as const) {
    const seat = `#room%s@${IRC}/a b`;
    alice.send(
      `<presence to='${seat}' xml:lang='${language}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    );
    const answer = await alice.expect(`<presence type='error' from='${seat}'><error/></presence>`);
    const error = child(answer, 'error') ?? assert.fail('no error');
    const shown = elements(error).find(({ name }) => name === 'text');
    assert.deepEqual([childText(error, 'text'), shown?.attrs['xml:lang']], [text, language]);
  }
});
