import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLine } from '../../../gateways/irc/irc-message.ts';
import { refusalOf } from '../../../gateways/irc/numerics.ts';
import { contactId } from '../../../src/plugin/index.ts';
import { startRig } from './session-rig.ts';

test('a line has no NUL, and a nick nothing that XML cannot hold', () => {
  const { nick, params } =
    parseLine(':ro\u0001m\u0000eo\u0002!u@h PRIVMSG #room :a\u0000b\u0002') ?? {};
  assert.equal(nick, 'romeo');
  assert.deepEqual(params, ['#room', 'ab\u0002']);
});

test('the words of a refusal are those of the server without codes', () => {
  const { message } =
    refusalOf('474', '\u0001\u0002Banned\u0002 \u000304,12here', 'en') ?? assert.fail();
  assert.match(message, /The server says: "Banned here"$/);
});

test('a server cannot put a user into what is no channel, nor into channels without end', async (context) => {
  let rooms = 0;
  const { server, session, events, room } = await startRig(context, {
    onEvent: ({ kind }) => {
      if (kind === 'room') rooms += 1;
      return undefined;
    },
  });
  const joined = session.join(room, { nick: 'alice' });
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', 'alice');
  await joined;
  const into = (channel: string): string[] => [
    `:alice!u@h JOIN :${channel}`,
    `:irc.test 353 alice = ${channel} :alice`,
    `:irc.test 366 alice ${channel} :End`,
  ];
  irc.send(':alice!u@h JOIN :\u0001action waves');
  for (let count = 0; count < 1_100; count++) irc.send(...into(`#c${count}`));
  irc.send(':romeo!u@h PRIVMSG #room :over');
  await events.next('room-message');
  assert.equal(rooms, 999);
});

test('who is away, who is listed and who has a new nick is told by names that XML can hold', async (context) => {
  const { server, session, events, room } = await startRig(context);
  const joined = session.join(room, { nick: 'alice' });
  const irc = await server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', 'alice @ro\u0001meo');
  const { members } = await joined;
  assert.deepEqual(
    members.map(({ nick }) => nick),
    ['alice', 'romeo'],
  );
  irc.send(
    ':irc.test 301 alice \u0001action :not a nick',
    ':irc.test 301 alice juliet :asleep',
    ':romeo!u@h NICK mon\u001ftague',
  );
  const { contact } = await events.next('contact');
  assert.equal(contact.id, contactId('juliet%test'));
  const { member } = await events.next('renamed');
  assert.equal(member.nick, 'montague');
});
