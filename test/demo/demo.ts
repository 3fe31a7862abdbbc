/**
 * The main job with nothing else installed: a stand-in Jabber server and IRC server on loopback, the gateway as a
 * process of its own, and a user who registers, joins a channel and talks. Then it stays up to be looked at.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { makeCertificates } from '../harness/certificates.ts';
import { connectIrc } from '../harness/irc-client.ts';
import type { IrcClient } from '../harness/irc-client.ts';
import { startIrcServer } from '../harness/irc-server.ts';
import type { IrcServer } from '../harness/irc-server.ts';
import { startJabberServer } from '../harness/jabber-server.ts';
import type { JabberServer } from '../harness/jabber-server.ts';
import { connectClient } from '../harness/xmpp-client.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';

const GATEWAY = 'irc.localhost';
const SECRET = 'a secret of this demo';
const ROOM = `#garden%demo@${GATEWAY}`;
const PASSWORD = 'demo';
const isOnce = process.argv.includes('--once');

function say(who: string, text: string): void {
  console.log(`${who.padStart(12)} │ ${text}`);
}

async function startServers(): Promise<{ jabber: JabberServer; irc: IrcServer }> {
  const irc = await startIrcServer({ network: 'Demo', motd: ['Welcome to the demo.'] });
  const common = {
    domain: 'localhost',
    components: { [GATEWAY]: SECRET },
    accounts: { juliet: 'capulet', you: PASSWORD },
    tls: makeCertificates(),
  };
  try {
    return { irc, jabber: await startJabberServer({ ...common, clientPort: 15222 }) };
  } catch {
    return { irc, jabber: await startJabberServer(common) };
  }
}

/** Starts the gateway itself, and waits until it says that it is ready. */
async function startGateway(
  folder: string,
  { jabber, irc }: { jabber: JabberServer; irc: IrcServer },
): Promise<ChildProcess> {
  const config = join(folder, 'causeway.yaml');
  writeFileSync(
    config,
    [
      `jabber: { host: 127.0.0.1, port: ${jabber.componentPort} }`,
      'gateways:',
      `  - use: irc`,
      `    domain: ${GATEWAY}`,
      '    secret: ${IRC_SECRET}',
      '    options:',
      '      servers:',
      `        demo: { host: 127.0.0.1, port: ${irc.port}, tls: false }`,
      '',
    ].join('\n'),
  );
  const gateway = spawn(
    process.execPath,
    ['--import', 'tsx', 'src/main.ts', 'start', '--config', config],
    { env: { ...process.env, IRC_SECRET: SECRET }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: gateway.stdout }).on('line', (line) => {
      if (line.includes('"msg":"ready"')) resolve();
    });
    gateway.once('exit', (code: number | null) =>
      reject(new Error(`the gateway ended with ${code}`)),
    );
  });
  return gateway;
}

async function register(juliet: XmppClient): Promise<void> {
  say('juliet', `asks ${GATEWAY} what it takes to register`);
  await juliet.iq(`<iq type='get' to='${GATEWAY}'><query xmlns='jabber:iq:register'/></iq>`);
  await juliet.iq(
    `<iq type='set' to='${GATEWAY}'><query xmlns='jabber:iq:register'><nick>juliet</nick></query></iq>`,
  );
  await juliet.expect(`<presence type='subscribe' from='${GATEWAY}'/>`);
  juliet.send(`<presence to='${GATEWAY}' type='subscribed'/>`);
  juliet.send(`<presence to='${GATEWAY}' type='subscribe'/>`);
  await juliet.expect(`<presence type='subscribed' from='${GATEWAY}'/>`);
  say('gateway', 'juliet is registered, and sees the gateway in her roster');
}

async function talk(juliet: XmppClient, irc: IrcServer): Promise<IrcClient> {
  const romeo = await connectIrc({ port: irc.port, nick: 'romeo' });
  await romeo.join('#garden');
  romeo.send('TOPIC #garden :The garden of the Capulets');
  say('romeo', 'is on IRC, in #garden, with an IRC client');
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
    `<message to='romeo%demo@${GATEWAY}' type='chat' id='m2'><body>Be but sworn my love</body></message>`,
  );
  await romeo.expect(/PRIVMSG romeo/);
  say('juliet', '(in private) Be but sworn my love');
  romeo.say('juliet', 'Shall I hear more?');
  await juliet.expect(`<message from='romeo%demo@${GATEWAY}' type='chat'/>`);
  say('romeo', '(in private) Shall I hear more?');

  return romeo;
}

/** Whoever comes to look gets an answer. */
async function keepCompany(romeo: IrcClient): Promise<void> {
  for (;;) {
    const line = await romeo.expect(/ PRIVMSG #garden | JOIN /, 2 ** 30);
    const nick = /^:([^!]+)!/.exec(line)?.[1] ?? '';
    if (nick === 'romeo') continue;
    const isJoin = line.includes(' JOIN ');
    romeo.say('#garden', isJoin ? `Good evening, ${nick}.` : 'Good night, good night!');
  }
}

const folder = mkdtempSync(join(tmpdir(), 'causeway-demo-'));
const servers = await startServers();
const gateway = await startGateway(folder, servers);
const { jabber, irc } = servers;

async function stop(): Promise<void> {
  const ended = once(gateway, 'exit');
  gateway.kill('SIGTERM');
  await ended;
  await Promise.all([jabber.stop(), irc.stop()]);
  rmSync(folder, { recursive: true });
}

process.on('exit', () => gateway.kill());

say('', 'a Jabber server, an IRC server and the gateway between them are up');
const juliet = await connectClient({
  port: jabber.clientPort,
  domain: 'localhost',
  user: 'juliet',
  password: 'capulet',
  resource: 'balcony',
});
await juliet.iq("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>");
juliet.send('<presence/>');
await register(juliet);
const romeo = await talk(juliet, irc);
if (isOnce) {
  await romeo.close();
  await juliet.close();
  await stop();
  say('', 'done');
} else {
  keepCompany(romeo).catch((error: unknown) => console.error(error));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
  console.log(`
Now look at it with your own Jabber client. It stays up until you press Ctrl+C.

  address    you@localhost
  password   ${PASSWORD}
  server     127.0.0.1, port ${jabber.clientPort} (no TLS, or STARTTLS with a certificate of its own)
  then join  ${ROOM}   (service discovery shows ${GATEWAY} to register with)

An IRC client can come in at 127.0.0.1, port ${irc.port}, channel #garden.
`);
}
