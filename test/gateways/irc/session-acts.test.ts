import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { outgoing } from '../../harness/gateway-context.ts';
import type { LineSocket } from './line-server.ts';
import { refused, startRig } from './session-rig.ts';
import type { Rig, RigOptions } from './session-rig.ts';

async function enter(
  context: TestContext,
  options: RigOptions = {},
): Promise<Rig & { irc: LineSocket }> {
  const rig = await startRig(context, { timings: { answerTimeoutMs: 200 }, ...options });
  const joining = rig.session.join(rig.room, { nick: 'alice' });
  const irc = await rig.server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', '@alice bob');
  await joining;
  return { ...rig, irc };
}

test('changes the nick, and says when it is taken, bad, or asked for too soon', async (context) => {
  const { session, irc, events, room } = await enter(context);
  const renaming = session.rename(room, 'alicia');
  await irc.expect(/^NICK :?alicia$/);
  irc.send(':alice!u@h NICK :alicia');
  await renaming;
  assert.equal((await events.next('renamed')).member.nick, 'alicia');
  for (const [numeric, kind] of [
    ['433', 'conflict'],
    ['432', 'invalid'],
    ['438', 'too-fast'],
  ] as const) {
    const attempt = refused(session.rename(room, 'bob'), kind);
    await irc.expect(/^NICK :?bob$/);
    irc.send(`:s ${numeric} alicia bob :No`);
    await attempt;
  }
  await refused(session.rename(room, 'a b'), 'invalid');
});

test('sets the subject as one line, and is told when that is not allowed', async (context) => {
  const { session, irc, events, room } = await enter(context);
  const setting = session.setSubject(room, 'one\r\nQUIT :two');
  assert.equal(await irc.expect(/TOPIC/), 'TOPIC #room :one QUIT :two');
  irc.send(':alice!u@h TOPIC #room :one QUIT :two');
  await setting;
  assert.equal((await events.next('subject')).subject.by, 'alice');
  const refusal = refused(session.setSubject(room, 'x'), 'refused');
  await irc.expect(/TOPIC/);
  irc.send(':s 404 alice #room :Cannot send', ':s 482 alice #room :You are not an operator');
  await refusal;
});

test('a subject that is set to what it is comes back without the server, which says nothing to it', async (context) => {
  const { session, irc, events, room } = await enter(context);
  await session.setSubject(room, '');
  assert.deepEqual((await events.next('subject')).subject, { text: '' });
  irc.send(':bob!b@h TOPIC #room :\u0002the same');
  await events.next('subject');
  await session.setSubject(room, 'the same');
  const { subject } = await events.next('subject');
  assert.deepEqual([subject.text, subject.by], ['the same', 'bob']);
  const setting = session.setSubject(room, 'another');
  assert.match(await irc.expect(/TOPIC/), /another/);
  irc.send(':alice!u@h TOPIC #room :another');
  await setting;
});

test('gives each of several refusals that arrive together to the one whom it is for', async (context) => {
  const { session, irc, room } = await enter(context);
  const subjects = ['one', 'two'].map((text) => refused(session.setSubject(room, text), 'refused'));
  await irc.expect(/TOPIC #room :two/);
  irc.send(':s 482 alice #room :No', ':s 482 alice #room :No');
  await Promise.all(subjects);
  const renaming = session.rename(room, 'alicia');
  const taken = refused(session.rename(room, 'bob'), 'conflict');
  const nameless = refused(session.rename(room, 'carol'), 'conflict');
  await irc.expect(/NICK :carol/);
  irc.send(':alice!u@h NICK :alicia', ':s 433 alicia bob :In use', ':s 433 alicia :In use');
  await Promise.all([renaming, taken, nameless]);
  const late = session.rename(room, 'dora');
  const early = refused(session.rename(room, 'bob'), 'conflict');
  await irc.expect(/NICK :bob/);
  irc.send(':s 433 alicia bob :In use', ':alicia!u@h NICK :dora');
  await Promise.all([late, early]);
});

test('gives the server its time from when it is asked, whatever goes out before', async (context) => {
  const options = { throttle: { burst: 3, perSecond: 5 } };
  const { irc, session, room } = await enter(context, { options });
  const subjects = ['one', 'two', 'three', 'four'];
  const asking = Promise.allSettled(subjects.map((text) => session.setSubject(room, text)));
  for (const text of subjects) {
    await irc.expect(new RegExp(`^TOPIC #room :${text}$`));
    if (text !== 'four') irc.send(':s 482 alice #room :No');
  }
  irc.send(':alice!u@h TOPIC #room :four');
  const results = await asking;
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected', 'fulfilled'],
  );
});

test('kicks and bans, and tells how people went', async (context) => {
  const { session, irc, events, room } = await enter(context);
  const kicking = session.moderate(room, { kind: 'kick', nick: 'bob', reason: 'a\nb' });
  assert.equal(await irc.expect(/KICK/), 'KICK #room bob :a b');
  irc.send(':x!y@z PRIVMSG #room :between', ':alice!u@h KICK #room bob :a b');
  await kicking;
  const left = await events.next('left');
  assert.deepEqual([left.nick, left.how, left.by, left.reason], ['bob', 'kicked', 'alice', 'a b']);
  irc.send(':eve!e@h JOIN #room');
  await events.next('joined');
  const banning = session.moderate(room, { kind: 'ban', nick: 'eve' });
  await irc.expect(/^USERHOST :eve$/);
  irc.send(':s 302 alice :eve=+e@evil.example');
  assert.match(await irc.expect(/MODE/), /^MODE #room \+b :\*!\*@evil\.example$/);
  await irc.expect(/^KICK #room eve/);
  irc.send(':alice!u@h MODE #room +b *!*@evil.example', ':alice!u@h KICK #room eve :eve');
  await banning;
  assert.equal((await events.next('left')).how, 'banned');
});

test('takes a kick for part of a ban only where the ban is about who is kicked', async (context) => {
  const { irc, events } = await enter(context);
  irc.send(':irc.test 005 alice CASEMAPPING=rfc1459 :are supported');
  for (const nick of ['carol', 'bob']) irc.send(`:${nick}!x@first.example JOIN #room`);
  const kick = async (nick: string): Promise<string> => {
    irc.send(`:op!o@p KICK #room ${nick} :Out`);
    const left = await events.next('left');
    assert.equal(left.nick, nick);
    return left.how;
  };
  irc.send(
    ':bob!b@bad.example PRIVMSG #room :spam',
    ':carol!c@good.example PRIVMSG #room :please stop',
    ':op!o@p MODE #room +bb *!*@BAD.example x[y]*!*@*',
  );
  assert.equal(await kick('carol'), 'kicked');
  assert.equal(await kick('bob'), 'banned');
  irc.send(':X{Y}z!d@e JOIN #room');
  assert.equal(await kick('X{Y}z'), 'banned');
  irc.send(':bob!b@elsewhere.example JOIN #room');
  assert.equal(await kick('bob'), 'kicked');
  irc.send(':frank!f@bad.example JOIN #room', ':frank!f@bad.example NICK :fred');
  assert.equal(await kick('fred'), 'banned');
  irc.send(':gina!g@bad.example JOIN #room', ':op!o@p MODE #room -b *!*@bad.example');
  assert.equal(await kick('gina'), 'kicked');
});

test('calls a kick no ban where nobody knows whether the ban is about who is kicked', async (context) => {
  const { irc, events } = await enter(context);
  irc.send(':op!o@p MODE #room +b *!*@bad.example', ':op!o@p KICK #room bob :Out');
  assert.equal((await events.next('left')).how, 'kicked');
});

test('says that the user herself was banned where the ban is about her address', async (context) => {
  const { irc, events } = await enter(context);
  irc.send(':op!o@p MODE #room +b *!*@host.test', ':op!o@p KICK #room alice :Out');
  assert.equal((await events.next('left')).how, 'banned');
});

test('tells what the channel is like when its modes have changed, and then alone', async (context) => {
  const { session, irc, events, room } = await enter(context);
  irc.send(
    ':bob!b@h MODE #room +o carol',
    ':bob!b@h MODE #room +t-n',
    ':bob!b@h MODE #room +i',
    ':bob!b@h MODE #room +mk secret',
    ':bob!b@h MODE #room +s',
  );
  assert.match(await irc.expect(/^MODE/), /^MODE :?#room$/);
  irc.send(':irc.test 324 alice #room +imkst secret');
  const { traits } = await events.next('traits');
  assert.deepEqual(traits, ['on-invitation', 'moderated', 'key', 'hidden']);
  const asking = session.channelModes(room);
  await irc.expect(/^MODE :?#room$/);
  irc.send(':irc.test 324 alice #room +st');
  await asking;
  assert.ok(!events.kinds.includes('traits'));
  irc.send(':bob!b@h MODE #room -s');
  await irc.expect(/^MODE :?#room$/);
  irc.send(':irc.test 324 alice #room +t');
  assert.deepEqual((await events.next('traits')).traits, []);
});

test('asks what the channel is like again after the server would not say', async (context) => {
  const { irc, events } = await enter(context);
  for (const refusal of ['442 alice #room :No', '403 alice #room :No', '263 alice MODE :Busy']) {
    irc.send(':bob!b@h MODE #room +m');
    await irc.expect(/^MODE :?#room$/);
    irc.send(`:irc.test ${refusal}`);
  }
  irc.send(':bob!b@h MODE #room +m');
  await irc.expect(/^MODE :?#room$/);
  irc.send(':irc.test 324 alice #room +m');
  assert.deepEqual((await events.next('traits')).traits, ['moderated']);
});

test('asks what the channel is like again when the server has not answered in its time', async (context) => {
  const { irc, events } = await enter(context, { timings: { answerTimeoutMs: 0 } });
  for (const modes of ['+m', '+k secret']) {
    irc.send(`:bob!b@h MODE #room ${modes}`);
    await irc.expect(/^MODE :?#room$/);
  }
  irc.send(':irc.test 324 alice #room +mk secret');
  assert.deepEqual((await events.next('traits')).traits, ['moderated', 'key']);
});

test('says that nobody is kept from speaking where the channel is not moderated', async (context) => {
  const { session, irc, events, room } = await enter(context);
  const silence = (): Promise<void> =>
    session.moderate(room, { kind: 'rank', nick: 'bob', rank: 'visitor' });
  for (const [modes, kind] of [
    ['+nt', 'unsupported'],
    ['+mnt', undefined],
  ] as const) {
    const work = kind === undefined ? silence() : refused(silence(), kind);
    await irc.expect(/^MODE :?#room$/);
    irc.send(`:irc.test 324 alice #room ${modes}`);
    await work;
  }
  irc.send(':alice!u@h MODE #room +v bob');
  await events.next('member');
  const taking = silence();
  assert.match(await irc.expect(/MODE/), /^MODE #room -v :?bob$/);
  irc.send(':alice!u@h MODE #room -v bob');
  await taking;
});

test('gives ranks by modes, and says when the server does not answer', async (context) => {
  const { session, irc, events, room } = await enter(context);
  const ranking = session.moderate(room, { kind: 'rank', nick: 'bob', rank: 'member' });
  assert.match(await irc.expect(/MODE/), /^MODE #room \+v :?bob$/);
  irc.send(':alice!u@h MODE #room +v bob');
  await ranking;
  assert.equal((await events.next('member')).member.rank, 'member');
  const owner = session.moderate(room, { kind: 'rank', nick: 'bob', rank: 'owner' });
  await refused(owner, 'unsupported');
  await refused(session.moderate(room, { kind: 'kick', nick: 'bob' }), 'unreachable');
});

test('tells that the user was put out, and does not come back by itself', async (context) => {
  const { session, irc, events, room } = await enter(context);
  irc.send(':bob!b@h KICK #room alice :out');
  const left = await events.next('left');
  assert.deepEqual([left.nick, left.how, left.by], ['alice', 'kicked', 'bob']);
  await refused(
    session.send({ kind: 'room', id: room }, outgoing({ key: '1', text: 'x' })),
    'not-joined',
  );
});

test('tells a netsplit from a quit', async (context) => {
  const { irc, events } = await enter(context);
  irc.send(':eve!e@h JOIN #room', ':eve!e@h QUIT :irc.one.example irc.two.example');
  assert.equal((await events.next('left')).how, 'lost');
  irc.send(':bob!b@h QUIT :Quit: see you');
  assert.equal((await events.next('left')).how, 'quit');
});
