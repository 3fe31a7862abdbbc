import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { test } from 'node:test';
import { ircOptions } from '../../../gateways/irc/options.ts';
import { webircLine } from '../../../gateways/irc/webirc.ts';
import { startRig } from './session-rig.ts';

interface Told {
  readonly host: string;
  readonly address: string;
}

function told(user: string, password = 'secret'): Told {
  const [command, word, gateway, host = '', address = '', ...more] = webircLine(
    password,
    user,
  ).split(' ');
  assert.deepEqual([command, word, gateway, more], ['WEBIRC', password, 'causeway', []]);
  assert.ok(isIPv6(address), address);
  assert.match(host, /^[a-z0-9.-]{1,63}$/);
  return { host, address };
}

const networkOf = ({ address }: Told): string => address.slice(0, '0000:0000:0000'.length);

test('gives each user a host and an address that stay, in one private network for the gateway', () => {
  const alice = told('alice@example.org');
  const bob = told('bob@example.org');
  assert.deepEqual(told('alice@example.org'), alice);
  assert.notEqual(alice.address, bob.address);
  assert.notEqual(alice.host, bob.host);
  assert.match(alice.address, /^fd/);
  assert.equal(networkOf(alice), networkOf(bob));
  assert.match(alice.host, /^[0-9a-f]{12}\.example\.org$/);
});

test('gives a hundred users hardly any 64 bits in common', () => {
  const users = Array.from({ length: 100 }, (_, at) => told(`user${at}@example.org`));
  const subnets = new Set(users.map(({ address }) => address.slice(0, 19)));
  assert.ok(subnets.size > 95, `${subnets.size}`);
});

test('tells one network nothing that another knows, and neither the name of the user', () => {
  const here = told('alice@example.org');
  const there = told('alice@example.org', 'another');
  assert.notEqual(here.address, there.address);
  assert.notEqual(networkOf(here), networkOf(there));
  assert.notEqual(here.host, there.host);
  assert.doesNotMatch(here.host, /alice/);
});

test('makes a host of any domain there is', () => {
  assert.match(told('a@Bücher.example').host, /\.xn--bcher-kva\.example$/);
  for (const user of [`a@${'long.'.repeat(20)}example`, 'a@[::1]', 'a@', 'a@under_score']) {
    assert.match(told(user).host, /^[0-9a-f]{12}\.causeway$/, user);
  }
  assert.match(told('a@localhost').host, /\.localhost$/);
});

test('says it before anything else, to the server that it is for', async (context) => {
  const rig = await startRig(context, { server: { webirc: { password: 'secret' } } });
  const joining = rig.session.join(rig.room, { nick: 'alice' });
  const irc = await rig.server.accept();
  assert.equal(await irc.expect(/^/), webircLine('secret', 'alice@example.org'));
  assert.equal(await irc.expect(/^/), 'CAP LS 302');
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', 'alice');
  await joining;
});

test('takes no password that would break the line', () => {
  for (const password of ['', 'two words', ':colon', 'line\nend']) {
    const servers = { test: { host: 'irc.example.org', webirc: { password } } };
    assert.equal(ircOptions.safeParse({ servers }).success, false, password);
  }
});
