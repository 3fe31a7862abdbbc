import { connectIrc } from '../harness/irc-client.ts';
import type { IrcClient } from '../harness/irc-client.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { IRC, ROOM } from './names.ts';
import { register, say } from './playing.ts';
import type { Stage } from './stage.ts';

/** Juliet registers, joins a channel and talks: in the room, and to one in it. */
export async function playIrc(juliet: XmppClient, { irc }: Stage): Promise<IrcClient> {
  say('juliet', `asks ${IRC} what it takes to register`);
  await register(juliet, IRC, '<nick>juliet</nick>');
  say('gateway', 'juliet is registered, and sees the gateway in her roster');

  const romeo = await connectIrc({ port: irc.port, nick: 'romeo' });
  await romeo.join('#garden');
  romeo.send('TOPIC #garden :The garden of the Capulets');
  say('romeo', 'is on IRC, in #garden, with an IRC client');
  await join(juliet);
  say('juliet', `has joined ${ROOM} with her Jabber client; romeo is there`);

  const question = 'O Romeo, Romeo, wherefore art thou Romeo?';
  juliet.send(`<message to='${ROOM}' type='groupchat' id='m1'><body>${question}</body></message>`);
  await romeo.expect(/PRIVMSG #garden/);
  await juliet.expect(`<message type='groupchat' id='m1' from='${ROOM}/juliet'/>`);
  say('juliet', question);
  say('', '(romeo has it as PRIVMSG; juliet got it back from the room under her own id)');

  const answer = 'Call me but love, and I’ll be new baptized. 🌹';
  romeo.say('#garden', answer);
  await juliet.expect(
    `<message type='groupchat' from='${ROOM}/romeo'><body>${answer}</body></message>`,
  );
  say('romeo', answer);

  juliet.send(
    `<message to='romeo%demo@${IRC}' type='chat' id='m2'><body>Be but sworn my love</body></message>`,
  );
  await romeo.expect(/PRIVMSG romeo/);
  say('juliet', '(in private) Be but sworn my love');
  romeo.say('juliet', 'Shall I hear more?');
  await juliet.expect(`<message from='romeo%demo@${IRC}' type='chat'/>`);
  say('romeo', '(in private) Shall I hear more?');
  return romeo;
}

/** Resolves when the room is entered, up to its subject (XEP-0045 §7.2). */
async function join(juliet: XmppClient): Promise<void> {
  juliet.send(
    `<presence to='${ROOM}/juliet'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
  );
  await juliet.expect(`<presence from='${ROOM}/romeo'/>`);
  await juliet.expect(
    `<presence from='${ROOM}/juliet'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>`,
  );
  await juliet.expect(
    `<message from='{any}'><subject>The garden of the Capulets</subject></message>`,
  );
}

/** Whoever comes to look gets an answer. */
export async function keepCompany(romeo: IrcClient): Promise<void> {
  for (;;) {
    const line = await romeo.expect(/ PRIVMSG #garden | JOIN /, 2 ** 30);
    const nick = /^:([^!]+)!/.exec(line)?.[1] ?? '';
    if (nick === 'romeo') continue;
    const isJoin = line.includes(' JOIN ');
    romeo.say('#garden', isJoin ? `Good evening, ${nick}.` : 'Good night, good night!');
  }
}
