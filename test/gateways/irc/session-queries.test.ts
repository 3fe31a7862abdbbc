import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { contactId, networkId } from '../../../src/plugin/index.ts';
import { outgoing } from '../../harness/gateway-context.ts';
import type { LineSocket } from './line-server.ts';
import { refused, startRig } from './session-rig.ts';
import type { Rig } from './session-rig.ts';

async function enter(context: TestContext, support = ''): Promise<Rig & { irc: LineSocket }> {
  const rig = await startRig(context, { server: { throttle: { burst: 100, perSecond: 100 } } });
  const joining = rig.session.join(rig.room, { nick: 'alice' });
  const irc = await rig.server.accept();
  await irc.welcome('alice', ...(support === '' ? [] : [`:s 005 alice ${support} :are supported`]));
  await irc.letIn('alice', '#room', '@alice bob');
  await joining;
  return { ...rig, irc };
}

const bob = contactId('bob%test');
const network = networkId('test');

test('lists rooms, the largest first, and asks but once for a while', async (context) => {
  const { session, irc, room } = await enter(context);
  const listing = session.rooms(network, {});
  await irc.expect(/^LIST$/);
  irc.send(
    ':s 321 alice Channel :Users Name',
    ':s 322 alice #small 2 :[+nt] Small \u0002talk',
    ':s 322 alice #Big 40 :',
    ':s 322 alice * 3 :hidden',
    ':s 323 alice :End of LIST',
  );
  assert.deepEqual(await listing, [
    { id: '#big%test', name: '#Big', size: 40 },
    { id: '#small%test', name: '#small', size: 2, subject: 'Small talk' },
  ]);
  assert.equal((await session.rooms(network, { name: 'SMA' })).length, 1);
  await session.send({ kind: 'room', id: room }, outgoing({ key: '1', text: 'end' }));
  assert.match(await irc.expect(/./), /PRIVMSG/);
});

test('lets the server search where it can, and leaves out tiny rooms of a huge network', async (context) => {
  const { session, irc } = await enter(context, 'ELIST=MNU');
  const named = session.rooms(network, { name: 'talk' });
  await irc.expect(/^LIST :\*talk\*$/);
  irc.send(':s 323 alice :End');
  assert.deepEqual(await named, []);
  irc.send(':s 254 alice 25000 :channels formed', 'PING :seen');
  await irc.expect(/^PONG :seen$/);
  const all = session.rooms(network, {});
  await irc.expect(/^LIST :>5$/);
  irc.send(':s 263 alice LIST :This command could not be completed');
  await refused(all, 'too-fast');
});

test('tells what is known of a person', async (context) => {
  const { session, irc } = await enter(context);
  const looking = session.lookup(bob);
  await irc.expect(/^WHOIS bob :bob$/);
  irc.send(
    ':s 311 alice Bob b host.example * :Bob the \u0002Builder',
    ':s 319 alice Bob :@#room +#other ',
    ':s 330 alice Bob robert :is logged in as',
    ':s 301 alice Bob :gone fishing',
    ':s 317 alice Bob 7300 1700000000 :seconds idle, signon time',
    ':s 311 alice Mallory m evil * :No',
    ':s 318 alice bob :End of WHOIS',
  );
  const card = await looking;
  assert.deepEqual([card.nick, card.name], ['Bob', 'Bob the Builder']);
  for (const fact of [/robert/, /b@host\.example/, /@#room \+#other/, /gone fishing/, /2 hours/]) {
    assert.match(card.note ?? '', fact);
  }
  const missing = refused(session.lookup(contactId('nobody%test')), 'not-found');
  await irc.expect(/^WHOIS nobody/);
  irc.send(':s 401 alice nobody :No such nick', ':s 318 alice nobody :End of WHOIS');
  await missing;
});

test('lists bans, bans people who are not there, and lets them in again', async (context) => {
  const { session, irc, room } = await enter(context);
  const listing = session.exclusions(room);
  await irc.expect(/^MODE #room :b$/);
  irc.send(
    ':s 367 alice #room *!*@Evil.example bob!b@h 1700000000',
    ':s 367 alice #room eve!*@*',
    ':s 368 alice #room :End of channel ban list',
  );
  assert.deepEqual(await listing, [
    { contact: '*!*@evil.example%test', reason: 'bob' },
    { contact: 'eve!*@*%test' },
  ]);
  const banning = session.moderate(room, { kind: 'exclude', contact: contactId('eve%test') });
  await irc.expect(/^USERHOST :eve$/);
  irc.send(':s 302 alice :');
  await irc.expect(/^MODE #room :b$/);
  irc.send(':s 367 alice #room *!*@Evil.example', ':s 368 alice #room :End');
  await irc.expect(/^MODE #room \+b :eve!\*@\*$/);
  irc.send(':alice!u@h MODE #room +b eve!*@*');
  await banning;
  // A ban that there is says nothing when it is set again.
  const again = session.moderate(room, { kind: 'exclude', contact: contactId('EVE%test') });
  await irc.expect(/^USERHOST :EVE$/);
  irc.send(':s 302 alice :');
  await irc.expect(/^MODE #room :b$/);
  irc.send(':s 367 alice #room eve!*@*', ':s 368 alice #room :End');
  await again;
  const lifting = session.moderate(room, {
    kind: 'readmit',
    contact: contactId('*!*@evil.example%test'),
  });
  await irc.expect(/^MODE #room :b$/);
  irc.send(':s 367 alice #room *!*@Evil.example', ':s 368 alice #room :End');
  await irc.expect(/^MODE #room -b :\*!\*@Evil\.example$/);
  irc.send(':alice!u@h MODE #room -b *!*@Evil.example');
  await lifting;
  const masked = { kind: 'contact', id: contactId('*!*@evil.example%test') } as const;
  await refused(session.send(masked, outgoing({ key: '1', text: 'x' })), 'not-found');
});

test('invites people, and says when that is not possible', async (context) => {
  const { session, irc, room } = await enter(context);
  const inviting = session.invite(room, bob);
  await irc.expect(/^INVITE bob :#room$/);
  irc.send(':s 341 alice bob #room');
  await inviting;
  const again = refused(session.invite(room, bob), 'conflict');
  await irc.expect(/^INVITE/);
  irc.send(':s 443 alice bob #room :is already on channel');
  await again;
});

test('takes nobody for somebody with the same nick on another server', async (context) => {
  const { session, room } = await enter(context);
  const contact = contactId('bob%irc.example.org');
  await refused(session.invite(room, contact), 'not-found');
  await refused(session.moderate(room, { kind: 'exclude', contact }), 'not-found');
  await refused(session.moderate(room, { kind: 'readmit', contact }), 'not-found');
});

test('is away as the user is, says it once, and again to a server that forgot', async (context) => {
  const { server, session, irc, events } = await enter(context);
  await session.presence('away', 'At lunch\r\nQUIT');
  assert.equal(await irc.expect(/./), 'AWAY :At lunch');
  await session.presence('away', 'At lunch\r\nQUIT');
  irc.socket.destroy();
  await events.next('room-lost');
  const back = await server.accept();
  await back.welcome('alice');
  assert.equal(await back.expect(/AWAY/), 'AWAY :At lunch');
  await session.presence('online');
  assert.equal(await back.expect(/AWAY/), 'AWAY');
  await session.presence('dnd');
  assert.equal(await back.expect(/AWAY/), 'AWAY :Busy');
});

test('tells that somebody whom the user writes to is away', async (context) => {
  const { irc, events } = await enter(context);
  irc.send(':s 301 alice Bob :Sleeping');
  const { contact } = await events.next('contact');
  assert.deepEqual(contact, { id: 'bob%test', show: 'away', status: 'Sleeping' });
});

test('shows what comes of a line that the user sends herself, and nothing of the kind else', async (context) => {
  const { session, irc, events } = await enter(context);
  irc.send(':s 372 alice :- message of the day', 'PING :a');
  await irc.expect(/PONG/);
  assert.ok(!events.kinds.includes('notice'));
  await session.send({ kind: 'network', id: network }, outgoing({ key: '1', text: 'MOTD' }));
  await irc.expect(/^MOTD$/);
  irc.send(':s 372 alice :- message of the day');
  assert.equal((await events.next('notice')).text, '- message of the day');
});
