import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { loadConfig } from '../../src/config/load-config.ts';
import type { Config } from '../../src/config/config.ts';
import { temporaryFolder } from './command.ts';
import { atScreen, Screen, unattended } from './screen.ts';

const ENTER = '\r';
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

describe('causeway init at a terminal', () => {
  test('asks again for what cannot be, takes defaults, and does not show what is secret', async (t) => {
    const folder = temporaryFolder(t);
    const file = join(folder, 'causeway.yaml');
    const screen = new Screen();
    const done = atScreen(file, screen);
    await screen.answer('Your Jabber server', `prosodi${ENTER}`);
    await screen.answer('has to be one of prosody', `ejabberd${ENTER}`);
    await screen.answer('The domain of your users', `Example Org${ENTER}`);
    await screen.answer('is not a domain', `example.org${ENTER}`);
    await screen.answer('listens for components [127.0.0.1]', ENTER);
    await screen.answer('Its port for components [5347]', `0${ENTER}`);
    await screen.answer('has to be a number', `5350${ENTER}`);
    await screen.answer('Networks to switch on', `irc, sms${ENTER}`);
    await screen.answer('gateway for irc [irc.example.org]', `chat.example.org${ENTER}`);
    await screen.answer('gateway for sms [sms.example.org]', `chat.example.org${ENTER}`);
    await screen.answer('another gateway has this domain', ENTER);
    await screen.answer('Administrators', ENTER);
    await screen.answer('IRC servers', `oftc=irc.oftc.net, plain=irc.example.net:6667${ENTER}`);
    await screen.answer('Who carries the texts', ENTER);
    await screen.answer('Account there', `AC77${ENTER}`);
    await screen.answer('auth token', `typed-and-not-shown${ENTER}`);
    await screen.answer('Country', `de${ENTER}`);
    await screen.answer('two capital letters', `DE${ENTER}`);
    await screen.answer('Your numbers', `+49 151 00000001=alice@example.org${ENTER}`);
    await screen.answer('Public address', ENTER);
    const told = await done;

    assert.ok(!screen.text.includes('typed-and'));
    const secret = readFileSync(join(folder, 'secrets', 'irc'), 'utf8').trim();
    assert.ok(told.includes(secret), 'what goes into the Jabber server is shown');
    const config = await loadConfig(file, {});
    assert.deepEqual(config.admins, ['admin@example.org']);
    assert.equal(config.jabber.port, 5_350);
    assert.deepEqual(
      config.gateways.map(({ use, domain }) => [use, domain]),
      [
        ['irc', 'chat.example.org'],
        ['sms', 'sms.example.org'],
      ],
    );
    assert.deepEqual(config.gateways[0]?.options, {
      servers: {
        oftc: { host: 'irc.oftc.net', port: 6_697, tls: true },
        plain: { host: 'irc.example.net', port: 6_667, tls: false },
      },
    });
    const { provider, ...sms } = providerIn(config);
    assert.deepEqual(sms, { region: 'DE', numbers: { '+4915100000001': 'alice@example.org' } });
    assert.equal(provider['authToken'], 'typed-and-not-shown');
  });

  for (const [name, key] of [
    ['Ctrl-C', CTRL_C],
    ['Ctrl-D', CTRL_D],
  ] as const) {
    test(`writes nothing after ${name}, whatever was answered before`, async (t) => {
      const folder = temporaryFolder(t);
      const screen = new Screen();
      const done = atScreen(join(folder, 'causeway.yaml'), screen);
      done.catch(() => undefined);
      await screen.answer('Your Jabber server', ENTER);
      await screen.answer('The domain of your users', `example.org${ENTER}`);
      await screen.answer('listens for components', key);
      await assert.rejects(done, /Nothing was written/);
      assert.deepEqual(readdirSync(folder), []);
    });
  }
});

describe('what causeway init makes of its options', () => {
  const base = ['--domain', 'example.org', '--admin', 'alice@example.org'];
  const make = async (folder: string, options: readonly string[]): Promise<Config> => {
    const file = join(folder, 'causeway.yaml');
    await unattended(file, [...base, ...options]);
    return loadConfig(file, {});
  };

  test('allows the domain of the users where a gateway does not lie under it', async (t) => {
    const config = await make(temporaryFolder(t), ['--irc-domain', 'irc.other.example']);
    assert.deepEqual(config.registration.allow, ['example.org']);
    const usual = await make(temporaryFolder(t), []);
    assert.equal(usual.registration.allow, undefined);
  });

  test('knows by the port how a mail server is secured', async (t) => {
    const options = ['--networks', 'email', '--email-imap', 'imap.example.org:143'];
    const config = await make(temporaryFolder(t), options);
    assert.deepEqual(config.gateways[0]?.options, {
      providers: [
        {
          domain: 'example.org',
          imap: { host: 'imap.example.org', port: 143, security: 'starttls' },
          smtp: { host: 'smtp.example.org', port: 465, security: 'tls' },
        },
      ],
    });
  });

  test('leaves users to name their mail servers where none is given', async (t) => {
    const config = await make(temporaryFolder(t), ['--networks', 'email']);
    assert.equal(config.gateways[0]?.options, undefined);
    assert.equal(config.http, undefined);
  });

  test('sets up every provider of texts', async (t) => {
    const number = ['--sms-number', '+15005550006'];
    const password = join(temporaryFolder(t), 'password');
    writeFileSync(password, 'pass\n', { mode: 0o600 });
    const account = ['--sms-account', 'gate', '--sms-password-file', password];
    const provider = async (type: string, options: readonly string[]) => {
      const all = ['--networks', 'sms', '--sms-provider', type, ...number, ...options];
      const config = await make(temporaryFolder(t), all);
      return { config, ...providerIn(config) };
    };

    const url = 'https://gw.example.org/';
    const twilio = await provider('twilio', [...account, '--public-url', url]);
    assert.equal(twilio.provider['authToken'], 'pass');
    assert.equal(twilio.config.http?.publicUrl, 'https://gw.example.org');
    assert.deepEqual(twilio.numbers, { '+15005550006': 'alice@example.org' });

    const smpp = await provider('smpp', [...account, '--sms-server', '[::1]:2776']);
    const { host, port, systemId } = smpp.provider;
    assert.deepEqual([host, port, systemId], ['::1', 2_776, 'gate']);

    const kannel = await provider('kannel', account);
    assert.equal(kannel.provider['callbackUrl'], `http://${kannel.config.http?.listen}`);

    const gammu = await provider('gammu', []);
    assert.equal(gammu.provider['number'], '+15005550006');
  });
});

/** The options of the gateway for texts. */
function providerIn({ gateways }: Config): {
  readonly provider: Readonly<Record<string, unknown>>;
  readonly numbers: unknown;
} {
  const options: unknown = gateways.find(({ use }) => use === 'sms')?.options;
  assert.ok(typeof options === 'object' && options !== null);
  assert.ok('provider' in options && 'numbers' in options);
  const { provider } = options;
  assert.ok(typeof provider === 'object' && provider !== null);
  return { ...options, numbers: options.numbers, provider: { ...provider } };
}
