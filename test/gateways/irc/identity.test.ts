import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identityFor, portsFor, withPreferences } from '../../../gateways/irc/identity.ts';
import { ircOptions } from '../../../gateways/irc/options.ts';
import { settingsOf } from '../../../gateways/irc/servers.ts';

const USER = 'alice@example.org';

const options = ircOptions.parse({ servers: { known: { host: 'irc.known.example', tls: false } } });

test('a password goes to a server that a user has named over TLS alone', () => {
  const settings = settingsOf('irc.other.example', options, 'en');
  const plain = identityFor(undefined, 'alice', settings, USER);
  assert.equal(portsFor(settings, plain).ports.length, 2);
  const secret = withPreferences(plain, 'alice', { password: 'rabbit' });
  assert.deepEqual(
    portsFor(settings, secret).ports.map(({ isTls }) => isTls),
    [true],
  );
  const known = settingsOf('known', options, 'en');
  assert.equal(portsFor(known, secret).ports.length, 1);
});

test('what was registered for one server goes to no other', () => {
  const account = { nick: 'alice', password: 'rabbit', server: 'known' };
  const known = identityFor(account, 'alice', settingsOf('known', options, 'en'), USER);
  assert.equal(known.credentials?.mechanism, 'PLAIN');
  const other = identityFor(account, 'alice', settingsOf('irc.other.example', options, 'en'), USER);
  assert.equal(other.credentials, undefined);
});
