import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { contactId, messageId } from '../../../src/plugin/index.ts';
import type { Address } from '../../../src/plugin/index.ts';
import { outgoing } from '../../harness/gateway-context.ts';
import type { LineSocket } from './line-server.ts';
import { refused, startRig } from './session-rig.ts';
import type { Rig, RigOptions } from './session-rig.ts';

const ECHO = 'batch echo-message labeled-response message-tags';
const PEOPLE = 'account-notify account-tag away-notify extended-join multi-prefix message-tags';

async function enter(
  context: TestContext,
  capabilities: string,
  options: RigOptions = {},
): Promise<Rig & { irc: LineSocket; to: Address }> {
  const rig = await startRig(context, options);
  const joining = rig.session.join(rig.room, { nick: 'alice' });
  const irc = await rig.server.accept();
  await irc.welcomeWith(capabilities, 'alice');
  await irc.letIn('alice', '#room', 'alice @bob');
  await joining;
  return { ...rig, irc, to: { kind: 'room', id: rig.room } };
}

const bob: Address = { kind: 'contact', id: contactId('bob%test') };
const labelOf = (line: string): string => /label=([^ ;]+)/.exec(line)?.[1] ?? 'none';

test('counts a message as sent when the server says it back, and keeps its id', async (context) => {
  const { session, irc, events, to } = await enter(context, ECHO);
  const sending = session.send(to, outgoing({ key: '1', text: 'one\ntwo' }));
  const one = await irc.expect(/PRIVMSG #room :one/);
  const two = await irc.expect(/PRIVMSG #room :two/);
  irc.send(
    `@label=${labelOf(one)};msgid=A :alice!u@h PRIVMSG #room :one`,
    `@label=${labelOf(two)};msgid=B :alice!u@h PRIVMSG #room :two`,
    '@msgid=C :bob!b@h PRIVMSG #room :after',
  );
  assert.deepEqual((await sending).ids, ['A', 'B']);
  const next = await events.next('room-message');
  assert.deepEqual([next.text, next.id], ['after', 'C']);
});

test('tells what was said behind a message of the user only when that counts as sent', async (context) => {
  const order: string[] = [];
  const { session, irc, to, events } = await enter(context, ECHO, {
    onEvent: ({ kind }) => void order.push(kind),
  });
  const handedOver = Promise.resolve(session.send(to, outgoing({ key: '1', text: 'one' })));
  const sending = handedOver.then(async () => {
    // As much as the core may take to come to it.
    for (let steps = 0; steps < 20; steps++) await Promise.resolve();
    order.push('sent');
  });
  const label = labelOf(await irc.expect(/PRIVMSG #room :one/));
  order.length = 0;
  irc.send(
    `@label=${label};msgid=A :alice!u@h PRIVMSG #room :one`,
    '@msgid=B :bob!b@h PRIVMSG #room :two',
  );
  await events.next('room-message');
  await sending;
  assert.deepEqual(order, ['sent', 'room-message']);
});

test('takes a refusal under a label for the very message, in a batch too', async (context) => {
  const { session, irc, events, to } = await enter(context, ECHO);
  const first = refused(session.send(to, outgoing({ key: '1', text: 'first' })), 'refused');
  const second = session.send(to, outgoing({ key: '2', text: 'second' }));
  const one = labelOf(await irc.expect(/:first/));
  const two = labelOf(await irc.expect(/:second/));
  irc.send(
    `@label=${one} :irc.test BATCH +b1 labeled-response`,
    '@batch=b1 :irc.test 404 alice #room :Cannot send to channel',
    ':irc.test BATCH -b1',
    `@label=${two};msgid=B :alice!u@h PRIVMSG #room :second`,
  );
  await first;
  assert.deepEqual((await second).ids, ['B']);
  assert.ok(!events.kinds.includes('failed'));
});

test('counts a message as sent after a while when the server does not say it back', async (context) => {
  const { session, irc, to } = await enter(context, ECHO, { timings: { echoTimeoutMs: 40 } });
  const sending = session.send(to, outgoing({ key: '1', text: 'hello' }));
  await irc.expect(/hello/);
  assert.deepEqual((await sending).ids, []);
});

test('tells what the user says by another program, in channels and privately', async (context) => {
  const { irc, events } = await enter(context, ECHO);
  irc.send('@msgid=A :alice!u@h PRIVMSG #room :elsewhere', '@msgid=B :alice!u@h PRIVMSG Bob :psst');
  const said = await events.next('room-message');
  assert.deepEqual([said.nick, said.text, said.id], ['alice', 'elsewhere', 'A']);
  const whispered = await events.next('message');
  assert.deepEqual([whispered.from, whispered.isOwn, whispered.text], ['bob%test', true, 'psst']);
});

test('learns the accounts of people from all that tells them', async (context) => {
  const { irc, events } = await enter(context, PEOPLE);
  irc.send(':carol!c@h JOIN #room carolina :Carol', ':dave!d@h JOIN #room * :Dave');
  assert.equal((await events.next('joined')).member.identity, 'carolina');
  assert.equal((await events.next('joined')).member.identity, undefined);
  irc.send(':dave!d@h ACCOUNT david', '@account=robert :bob!b@h PRIVMSG #room :hi');
  assert.equal((await events.next('member')).member.identity, 'david');
  const { member } = await events.next('member');
  assert.deepEqual([member.nick, member.identity, member.rank], ['bob', 'robert', 'admin']);
  assert.equal((await events.next('room-message')).identity, 'robert');
  irc.send(':dave!d@h NICK :dave2', ':alice!u@h MODE #room +v dave2', ':dave2!d@h ACCOUNT *');
  assert.equal((await events.next('renamed')).member.identity, 'david');
  assert.equal((await events.next('member')).member.identity, 'david');
  assert.equal((await events.next('member')).member.identity, undefined);
});

test('tells who is away and comes back', async (context) => {
  const { irc, events } = await enter(context, PEOPLE);
  irc.send(':bob!b@h AWAY :At \u0002lunch', ':bob!b@h AWAY');
  const { member } = await events.next('member');
  assert.deepEqual([member.show, member.status], ['away', 'At lunch']);
  assert.equal((await events.next('member')).member.show, undefined);
});

test('carries typing both ways, and keeps silent where tags are not allowed', async (context) => {
  const { session, irc, events, to } = await enter(context, 'message-tags');
  await session.typing(to, 'typing');
  assert.equal(await irc.expect(/TAGMSG/), '@+typing=active TAGMSG #room');
  irc.send('@+typing=paused :bob!b@h TAGMSG #room', '@+typing=active :bob!b@h TAGMSG alice');
  const first = await events.next('typing');
  assert.deepEqual([first.chat, first.nick, first.state], [to, 'bob', 'paused']);
  assert.deepEqual((await events.next('typing')).chat, bob);
  irc.send(':irc.test 005 alice CLIENTTAGDENY=typing :are supported', 'PING :then');
  await irc.expect(/PONG/);
  await session.typing(to, 'paused');
  await session.send(to, outgoing({ key: '1', text: 'end' }));
  assert.equal(await irc.expect(/./), 'PRIVMSG #room :end');
});

test('carries reactions both ways as all that one person has', async (context) => {
  const { session, irc, events, to } = await enter(context, 'message-tags');
  await session.react(to, messageId('M'), ['👍', '🎉']);
  assert.equal(await irc.expect(/TAGMSG/), '@+draft/react=👍;+draft/reply=M TAGMSG #room');
  assert.equal(await irc.expect(/TAGMSG/), '@+draft/react=🎉;+draft/reply=M TAGMSG #room');
  await session.react(to, messageId('M'), ['🎉']);
  assert.equal(await irc.expect(/TAGMSG/), '@+draft/unreact=👍;+draft/reply=M TAGMSG #room');
  irc.send(
    '@+draft/react=a;+draft/reply=M :bob!b@h TAGMSG #room',
    '@+draft/react=b;+draft/reply=M :bob!b@h TAGMSG #room',
    '@+draft/unreact=a;+draft/reply=M :bob!b@h TAGMSG #room',
  );
  for (const emoji of [['a'], ['a', 'b'], ['b']]) {
    assert.deepEqual((await events.next('reaction')).emoji, emoji);
  }
});

test('says that a server without tags carries no reactions and takes nothing back', async (context) => {
  const { session, to } = await enter(context, 'multi-prefix');
  await refused(session.react(to, messageId('M'), ['👍']), 'unsupported');
  const how = { asModerator: false };
  await refused(session.retract(to, messageId('M'), how), 'unsupported');
});

test('takes messages back, and tells what others took back', async (context) => {
  const { session, irc, events, to } = await enter(context, 'draft/message-redaction message-tags');
  const taking = session.retract(to, messageId('M'), { asModerator: false, reason: 'typo' });
  assert.equal(await irc.expect(/REDACT/), 'REDACT #room M :typo');
  irc.send(':alice!u@h REDACT #room M :typo');
  await taking;
  const retracted = await events.next('retracted');
  assert.deepEqual([retracted.id, retracted.nick, retracted.reason], ['M', 'alice', 'typo']);
  const late = refused(session.retract(to, messageId('N'), { asModerator: false }), 'refused');
  await irc.expect(/REDACT #room N/);
  irc.send(':irc.test FAIL REDACT REDACT_FORBIDDEN #room N :You cannot');
  await late;
});

test('answers a message by tag and nick where there are tags, by nick alone elsewhere', async (context) => {
  const { session, irc, events, to } = await enter(context, 'message-tags');
  const reply = { id: messageId('M'), nick: 'bob', quote: 'Who?' };
  await session.send(to, outgoing({ key: '1', text: 'me', reply }));
  assert.equal(await irc.expect(/PRIVMSG/), '@+draft/reply=M PRIVMSG #room :bob: me');
  await session.send(bob, outgoing({ key: '2', text: 'me', reply }));
  assert.equal(await irc.expect(/PRIVMSG/), '@+draft/reply=M PRIVMSG bob :me');
  await session.send(bob, outgoing({ key: '3', text: 'me', reply: { quote: 'Who?\nYou?' } }));
  assert.equal(await irc.expect(/PRIVMSG/), 'PRIVMSG bob :> Who?');
  assert.equal(await irc.expect(/PRIVMSG/), 'PRIVMSG bob :me');
  irc.send('@+draft/reply=X;msgid=Y :bob!b@h PRIVMSG #room :alice: no');
  assert.deepEqual((await events.next('room-message')).reply, { id: 'X' });
});

test('calls a quit in a batch of a netsplit lost, whatever its words are', async (context) => {
  const { irc, events } = await enter(context, `${ECHO} ${PEOPLE}`);
  irc.send(
    ':irc.test BATCH +x netsplit irc.one irc.two',
    '@batch=x :bob!b@h QUIT :hidden',
    ':irc.test BATCH -x',
  );
  assert.equal((await events.next('left')).how, 'lost');
});

test('tells an invitation, and what the server wants to say', async (context) => {
  const { irc, events } = await enter(context, 'invite-notify standard-replies');
  irc.send(':bob!b@h INVITE carol #room', ':bob!b@h INVITE alice #Other');
  const invited = await events.next('invited');
  assert.deepEqual([invited.room, invited.by], ['#other%test', 'bob%test']);
  irc.send('NOTE * WELCOME :Be \u0002kind', ':irc.test NOTICE alice :*** You are watched');
  assert.equal((await events.next('notice')).text, 'Be kind');
  assert.equal((await events.next('notice')).text, '*** You are watched');
});

test('asks for each capability by itself when the server refuses them together', async (context) => {
  const { server, session, room } = await startRig(context);
  const joining = session.join(room, { nick: 'alice' });
  const irc = await server.accept();
  await irc.expect(/^CAP LS/);
  irc.send(':s CAP * LS * :multi-prefix', ':s CAP * LS :server-time=x unknown/thing');
  const request = await irc.expect(/^CAP REQ/);
  assert.equal(request, 'CAP REQ :multi-prefix server-time');
  irc.send(':s CAP * NAK :multi-prefix server-time');
  await irc.expect(/^CAP REQ :multi-prefix$/);
  await irc.expect(/^CAP REQ :server-time$/);
  irc.send(':s CAP * NAK :multi-prefix', ':s CAP * ACK :server-time');
  await irc.expect(/^CAP END$/);
  irc.send(':s 001 alice :Welcome');
  await irc.letIn('alice', '#room', 'alice');
  await joining;
});

test('goes in without an account when the server never answers about it', async (context) => {
  const account = { nick: 'alice', server: 'test', password: 'secret' };
  const { server, session, events, room } = await startRig(context, {
    account,
    timings: { saslTimeoutMs: 1_500 },
  });
  const joining = session.join(room, { nick: 'alice' });
  const irc = await server.accept();
  await irc.expect(/^CAP LS/);
  irc.send(':s CAP * LS :sasl=PLAIN,EXTERNAL');
  await irc.expect(/^CAP REQ :sasl$/);
  irc.send(':s CAP * ACK :sasl');
  await irc.expect(/^AUTHENTICATE PLAIN$/);
  await irc.expect(/^AUTHENTICATE \*$/);
  await irc.expect(/^CAP END$/);
  irc.send(':s 001 alice :Welcome');
  await irc.letIn('alice', '#room', 'alice');
  await joining;
  assert.match((await events.next('notice')).text, /not identified/);
});

test('has what it says itself come back no more, when it would not know it any more', async (context) => {
  const { session, irc, events, to } = await enter(context, ECHO);
  irc.send(':irc.test CAP alice DEL :labeled-response');
  await irc.expect(/^CAP REQ :-echo-message$/);
  await session.send(to, outgoing({ key: '1', text: 'mine' }));
  assert.equal(await irc.expect(/PRIVMSG/), 'PRIVMSG #room :mine');
  irc.send(
    '@msgid=A :alice!u@h PRIVMSG #room :mine',
    '@msgid=B :alice!u@h PRIVMSG bob :mine',
    ':irc.test CAP alice ACK :-echo-message',
    '@msgid=C :alice!u@h PRIVMSG #room :by another program',
  );
  assert.equal((await events.next('room-message')).text, 'by another program');
  assert.ok(!events.kinds.includes('message'));
});

test('asks for what is of use only together, however late the last of it is offered', async (context) => {
  const { session, irc, to } = await enter(context, 'batch echo-message message-tags');
  irc.send(':irc.test CAP alice NEW :labeled-response');
  const wanted = await irc.expect(/^CAP REQ :/);
  assert.deepEqual(wanted.slice('CAP REQ :'.length).split(' ').toSorted(), [
    'echo-message',
    'labeled-response',
  ]);
  irc.send(':irc.test CAP alice ACK :echo-message labeled-response', 'PING :then');
  await irc.expect(/^PONG/);
  const sending = session.send(to, outgoing({ key: '1', text: 'one' }));
  const label = labelOf(await irc.expect(/PRIVMSG #room :one/));
  irc.send(`@label=${label};msgid=A :alice!u@h PRIVMSG #room :one`);
  assert.deepEqual((await sending).ids, ['A']);
});
