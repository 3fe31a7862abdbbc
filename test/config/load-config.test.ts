import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { ConfigError } from '../../src/config/config-error.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';

describe('a configuration', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'causeway-config-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function load(text: string, env: NodeJS.ProcessEnv = {}): Promise<Config> {
    const file = join(folder, 'causeway.yaml');
    writeFileSync(file, text);
    return loadConfig(file, env);
  }

  async function complaint(text: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
    try {
      await load(text, env);
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return error.message.replaceAll(folder, '');
    }
    return 'none';
  }

  const GATEWAY = 'gateways:\n  - use: irc\n    domain: irc.example.org\n    secret: s\n';

  test('has a default for everything but its gateways', async () => {
    const config = await load(GATEWAY);
    assert.deepEqual(config.jabber, { host: '127.0.0.1', port: 5347, tls: false });
    assert.equal(config.data, join(folder, 'data'));
    assert.deepEqual(config.registration, {});
    assert.equal(config.gateways[0]?.domain, 'irc.example.org');
  });

  test('C17: takes secrets from the environment and from files, and warns of one that others can read', async () => {
    const secret = join(folder, 'secret');
    writeFileSync(secret, 'from a file\n');
    chmodSync(secret, 0o644);
    const config = await load(
      'gateways:\n  - { use: irc, domain: a.example.org, secret: "${A}" }\n  - { use: irc, domain: b.example.org, secret: { file: secret } }\n',
      { A: 'from the environment' },
    );
    assert.deepEqual(
      config.gateways.map((gateway) => gateway.secret),
      ['from the environment', 'from a file'],
    );
    assert.match(config.warnings.join(), /chmod 600/);
  });

  const COMPLAINTS: readonly (readonly [string, string, RegExp])[] = [
    [
      'an unknown key, with what was meant',
      `jabber:\n  prot: 1\n${GATEWAY}`,
      /causeway\.yaml:2: jabber\.prot: there is no such option \(did you mean "port"\?\)/,
    ],
    [
      'an unknown key that is like no other',
      `bananas: 1\n${GATEWAY}`,
      /:1: bananas: there is no such option \(known here: jabber,/,
    ],
    [
      'a wrong type',
      `jabber: { port: many }\n${GATEWAY}`,
      /:1: jabber\.port: expected number, but this is string/,
    ],
    [
      'a missing secret, with how to give one',
      'gateways:\n  - use: irc\n    domain: irc.example.org\n',
      /:2: gateways\[0\]\.secret: is missing: write secret: \$\{NAME\}/,
    ],
    [
      'a variable that is not set',
      GATEWAY.replace('secret: s', 'secret: ${NOT_SET}'),
      /:4: gateways\[0\]\.secret: the environment variable NOT_SET is not set/,
    ],
    [
      'a secret file that is not there',
      GATEWAY.replace('secret: s', 'secret: { file: nowhere }'),
      /:4: gateways\[0\]\.secret: the file \/nowhere cannot be read/,
    ],
    [
      'a domain that is none',
      GATEWAY.replace('irc.example.org', 'IRC example'),
      /:3: gateways\[0\]\.domain: is not a domain/,
    ],
    [
      'two gateways of one domain',
      `${GATEWAY}  - use: irc\n    domain: irc.example.org\n    secret: t\n`,
      /:6: gateways\[1\]\.domain: another gateway has this domain/,
    ],
    ['no gateways', 'gateways: []\n', /:1: gateways: must have at least one gateway/],
    ['an empty file', '', /gateways/],
    [
      'a server without a database',
      `database: postgres://x\n${GATEWAY}`,
      /:1: database: must be sqlite/,
    ],
    [
      'another kind of database',
      `database: mysql://x/y\n${GATEWAY}`,
      /:1: database: must be sqlite/,
    ],
    ['broken YAML', 'gateways: [\n', /causeway\.yaml:\d+: /],
  ];
  for (const [what, text, expected] of COMPLAINTS) {
    test(`complains of ${what}`, async () => {
      assert.match(await complaint(text), expected);
    });
  }

  test('complains of everything at once', async () => {
    const text = await complaint(`bananas: 1\njabber: { port: x }\n${GATEWAY}`);
    assert.equal(text.split('\n').length, 2);
  });

  test('says what to do when the file is not there', async () => {
    await assert.rejects(
      loadConfig(join(folder, 'none.yaml'), {}),
      /causeway init.*causeway\.example\.yaml/,
    );
  });
});
