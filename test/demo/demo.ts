/**
 * The main job with nothing else installed: a stand-in Jabber server, IRC server, mail server and phone company on
 * loopback, the gateway as a process of its own, and a user who registers and talks to people on all three networks.
 * Then it stays up to be looked at.
 */
import { connectClient } from '../harness/xmpp-client.ts';
import { keepCompany, playIrc } from './irc-scene.ts';
import { answerMails, playMail } from './mail-scene.ts';
import {
  FRIAR,
  FRIARS_MAIL,
  FRIARS_PASSWORD,
  IRC,
  MAIL,
  NURSE,
  PASSWORD,
  ROOM,
  SMS,
  YOUR_MAIL,
  YOUR_NUMBER,
} from './names.ts';
import { say } from './playing.ts';
import { playSms } from './sms-scene.ts';
import { setStage } from './stage.ts';
import type { Stage } from './stage.ts';

const isOnce = process.argv.includes('--once');

const stage = await setStage();
say('', 'a Jabber, an IRC and a mail server, a phone company, and the gateway between them are up');
const juliet = await connectClient({
  port: stage.jabber.clientPort,
  domain: 'localhost',
  user: 'juliet',
  password: 'capulet',
  resource: 'balcony',
});
await juliet.iq("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>");
juliet.send('<presence/>');
const romeo = await playIrc(juliet, stage);
say('', '');
await playMail(juliet, stage);
say('', '');
await playSms(juliet, stage);

if (isOnce) {
  await romeo.close();
  await juliet.close();
  await stage.stop();
  say('', 'done');
} else {
  keepCompany(romeo).catch((error: unknown) => console.error(error));
  answerMails(stage.mail);
  stage.twilio.behaviours.echo = true;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end(stage));
  console.log(whereToLook(stage));
}

function end(running: Stage): void {
  running.stop().then(
    () => process.exit(0),
    () => process.exit(1),
  );
}

function whereToLook({ jabber, irc, mail }: Stage): string {
  return `
Now look at it with your own Jabber client. It stays up until you press Ctrl+C.

  address    you@localhost
  password   ${PASSWORD}
  server     127.0.0.1, port ${jabber.clientPort} (no TLS, or STARTTLS with a certificate of its own)

  IRC        join ${ROOM}   (service discovery shows ${IRC} to register with)
  e-mail     register with ${MAIL}: ${YOUR_MAIL}, password ${PASSWORD}; then write to ${FRIAR}
  SMS        register with ${SMS}: your number is ${YOUR_NUMBER}; then write to ${NURSE}

Romeo and the friar answer, and the phone of the nurse says back what it is told. An IRC client can come in at
127.0.0.1, port ${irc.port}, channel #garden; a mail program at 127.0.0.1, IMAP ${mail.imapPort} and SMTP ${mail.smtpPort}
(no TLS), as ${FRIARS_MAIL}, password ${FRIARS_PASSWORD}.
`;
}
