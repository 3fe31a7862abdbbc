import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { startApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { startJabberServer } from '../harness/jabber-server.ts';
import { parse } from 'yaml';
import { causeway, temporaryFolder } from './command.ts';
import { unattended } from './screen.ts';

const CONFIG_ERROR = 78;
const USAGE_ERROR = 2;
const modeOf = (path: string): number => statSync(path).mode & 0o777;
const contentOf = (path: string): string => readFileSync(path, 'utf8').trim();

describe('causeway init without a terminal', () => {
  test('makes a configuration that passes check, and with which a gateway attaches', async (t) => {
    const folder = temporaryFolder(t);
    const file = join(folder, 'gateway', 'causeway.yaml');
    const made = await causeway(
      'init',
      '--config',
      file,
      '--domain',
      'localhost',
      '--port',
      '5999',
    );
    assert.equal(made.code, 0, made.err);
    const checked = await causeway('check', '--config', file);
    assert.equal(checked.code, 0, checked.err);
    assert.match(checked.out, /irc\.localhost: irc, options in order/);

    const secret = contentOf(join(folder, 'gateway', 'secrets', 'irc'));
    const jabber = await startJabberServer({
      domain: 'localhost',
      components: { 'irc.localhost': secret },
    });
    t.after(() => jabber.stop());
    const config = await loadConfig(file, {});
    assert.equal(config.jabber.port, 5_999);
    const app = await startApp({
      config: { ...config, jabber: { ...config.jabber, port: jabber.componentPort } },
      log: pino({ level: 'silent' }),
      env: {},
    });
    t.after(() => app.stop());
    await jabber.attached('irc.localhost');
  });

  test('keeps new secrets in files for the user alone, and shows them only when told to', async (t) => {
    const folder = temporaryFolder(t);
    const networks = ['--domain', 'example.org', '--networks', 'irc,email'];
    const hidden = await causeway('init', '--config', join(folder, 'a', 'c.yaml'), ...networks);
    const shown = await causeway(
      'init',
      '--config',
      join(folder, 'b', 'c.yaml'),
      ...networks,
      '--show-secrets',
    );
    const secrets = ['a', 'b'].flatMap((name) => {
      assert.equal(modeOf(join(folder, name, 'c.yaml')), 0o600);
      assert.equal(modeOf(join(folder, name, 'secrets')), 0o700);
      return ['irc', 'email'].map((kind) => {
        const path = join(folder, name, 'secrets', kind);
        assert.equal(modeOf(path), 0o600);
        return contentOf(path);
      });
    });
    assert.equal(new Set(secrets).size, 4, 'no two are the same');
    for (const secret of secrets) assert.match(secret, /^[\w-]{32}$/);
    for (const secret of secrets) assert.ok(!hidden.out.includes(secret));
    for (const secret of secrets.slice(2)) {
      assert.ok(shown.out.includes(`component_secret = "${secret}"`), shown.out);
    }
  });

  test('says what belongs into the Jabber server that it is for, and what to do next', async (t) => {
    const folder = temporaryFolder(t);
    const file = join(folder, 'c.yaml');
    const { out } = await causeway(
      'init',
      '--config',
      file,
      '--domain',
      'example.org',
      '--networks',
      'irc,sms',
      '--server',
      'ejabberd',
      '--sms-provider',
      'gammu',
      '--sms-number',
      '+4915100000001=a@b.c',
    );
    assert.match(out, /ejabberd_service[^]*"irc\.example\.org":[^]*"sms\.example\.org":/);
    const [snippet = ''] = /^ +- port:[^]*?(?=\n\n)/m.exec(out) ?? [];
    // As the file is that ejabberd comes with.
    const { listen } = parse(`listen:\n  -\n    port: 5222\n    tls: true\n${snippet}\n`) as {
      readonly listen: readonly { readonly port: number; readonly hosts?: object }[];
    };
    assert.deepEqual(
      listen.map(({ port }) => port),
      [5_222, 5_347],
      'one port takes both',
    );
    assert.deepEqual(Object.keys(listen[1]?.hosts ?? {}), ['irc.example.org', 'sms.example.org']);
    assert.doesNotMatch(out, /Prosody|jabberd2/);
    assert.ok(out.includes(`check --config ${file}`));
    assert.ok(out.includes(`doctor --config ${file}`));
    assert.ok(out.includes(`npm start -- --config ${file}`));
  });

  test('says where a port belongs that is not the usual one, and leaves the usual one out', async (t) => {
    const make = async (server: string, ...options: readonly string[]): Promise<string> => {
      const file = join(temporaryFolder(t), 'c.yaml');
      const given = ['--config', file, '--domain', 'example.org', '--server', server, ...options];
      return (await causeway('init', ...given)).out;
    };
    assert.doesNotMatch(await make('prosody'), /component_ports/);
    assert.match(await make('prosody', '--port', '5348'), /5348 \} -- above the first VirtualHost/);
    assert.doesNotMatch(await make('jabberd2'), /<port>/);
    assert.match(await make('jabberd2', '--port', '5348'), /<port>5348<\/port>/);
  });

  test('says what belongs into Kannel, which is near and needs no public address', async (t) => {
    const folder = temporaryFolder(t);
    const file = join(folder, 'c.yaml');
    const password = join(folder, 'password');
    writeFileSync(password, 'pass', { mode: 0o600 });
    const sms = ['--networks', 'sms', '--sms-provider', 'kannel', '--sms-account', 'gate'];
    const more = [
      '--sms-password-file',
      password,
      '--sms-number',
      '+15005550006',
      '--show-secrets',
    ];
    const who = ['--domain', 'example.org', '--admin', 'a@example.org'];
    const { out } = await causeway('init', '--config', file, ...who, ...sms, ...more);
    const secret = contentOf(join(folder, 'secrets', 'sms-webhook')).trim();
    const url = `http://127.0.0.1:8787/hooks/sms.example.org/kannel/${secret}?from=%p&to=%P&text=%b`;
    assert.ok(out.includes(`get-url = "${url}&id=%I`), out);
  });

  test('gives all gateways of a jabberd2 the one secret that it has', async (t) => {
    const folder = temporaryFolder(t);
    const { out } = await causeway(
      'init',
      '--config',
      join(folder, 'c.yaml'),
      '--domain',
      'example.org',
      '--server',
      'jabberd2',
      '--networks',
      'irc,email',
      '--show-secrets',
    );
    const [irc, email] = ['irc', 'email'].map((kind) => contentOf(join(folder, 'secrets', kind)));
    assert.equal(irc, email);
    assert.equal(out.split(`<secret>${irc}</secret>`).length, 2);
  });

  test('never touches a file that is there', async (t) => {
    const folder = temporaryFolder(t);
    const file = join(folder, 'causeway.yaml');
    writeFileSync(file, 'mine');
    const { code, err } = await causeway('init', '--config', file, '--domain', 'example.org');
    assert.equal(code, CONFIG_ERROR);
    assert.ok(err.includes(`${file} is there already`), err);
    assert.equal(contentOf(file), 'mine');
    assert.deepEqual(readdirSync(folder), ['causeway.yaml']);
  });

  test('leaves nothing behind when a secret or the configuration cannot be written', async (t) => {
    const folder = temporaryFolder(t);
    mkdirSync(join(folder, 'secrets'));
    writeFileSync(join(folder, 'secrets', 'email'), 'mine');
    const options = ['--domain', 'example.org', '--networks', 'irc,email'];
    const first = await causeway('init', '--config', join(folder, 'c.yaml'), ...options);
    assert.equal(first.code, CONFIG_ERROR);
    assert.ok(first.err.includes(join(folder, 'secrets', 'email')), first.err);
    assert.deepEqual(readdirSync(folder), ['secrets']);
    assert.deepEqual(readdirSync(join(folder, 'secrets')), ['email']);

    // It leads nowhere, so that it is not seen before it is written to.
    mkdirSync(join(folder, 'other'));
    symlinkSync(join(folder, 'nowhere', 'c.yaml'), join(folder, 'other', 'c.yaml'));
    const second = await causeway('init', '--config', join(folder, 'other', 'c.yaml'), ...options);
    assert.equal(second.code, CONFIG_ERROR);
    assert.match(second.err, /c\.yaml cannot be written/);
    assert.deepEqual(readdirSync(join(folder, 'other')), ['c.yaml']);
  });

  test('names the option that is missing or wrong', async (t) => {
    const file = join(temporaryFolder(t), 'c.yaml');
    const sms = ['--domain', 'example.org', '--networks', 'sms'];
    const cases: readonly (readonly [options: readonly string[], named: RegExp])[] = [
      [[], /^--domain is missing/],
      [['--domain', 'Example Org'], /^--domain: Example Org is not a domain/],
      [['--domain', 'example.org', '--port', '70000'], /^--port: has to be a number/],
      [['--domain', 'example.org', '--admin', 'alice'], /^--admin: alice is not a Jabber address/],
      [['--domain', 'example.org', '--server', 'openfire'], /^--server: has to be one of prosody/],
      [['--domain', 'example.org', '--networks', 'irc,icq'], /^--networks: has to be one of irc/],
      [
        ['--domain', 'example.org', '--irc-domain', 'example.org'],
        /^--irc-domain: is the domain of/,
      ],
      [
        ['--domain', 'example.org', '--email-imap', 'imap.example.org'],
        /^--email-imap has no meaning/,
      ],
      [['--domain', 'example.org', '--irc-server', '${HOME}=x'], /^--irc-server: has characters/],
      [sms, /^--sms-account is missing: account there \(SID/],
      [
        [...sms, '--sms-account', 'AC1'],
        /^--sms-password-file is missing: a file with its auth token/,
      ],
    ];
    for (const [options, named] of cases) {
      await assert.rejects(unattended(file, options), ({ message }: Error) => named.test(message));
      assert.ok(!existsSync(file));
    }
    const { code, err } = await causeway('init', '--config', file);
    assert.equal(code, CONFIG_ERROR);
    assert.match(err, /^--domain is missing/);
  });

  test('takes a password file that cannot be read for a mistake, and undoes what it wrote', async (t) => {
    const folder = temporaryFolder(t);
    const options = [
      '--domain',
      'example.org',
      '--networks',
      'sms',
      '--sms-account',
      'AC1',
      '--sms-number',
      '+15005550006=a@example.org',
      '--sms-password-file',
      join(folder, 'nothing'),
    ];
    await assert.rejects(
      unattended(join(folder, 'c.yaml'), options),
      /provider\.authToken: the file .*nothing cannot be read/,
    );
    assert.deepEqual(readdirSync(folder), []);
  });

  test('its options mean nothing to other commands', async () => {
    const { code, err } = await causeway('check', '--domain', 'example.org');
    assert.equal(code, USAGE_ERROR);
    assert.match(err, /causeway init/);
  });
});
