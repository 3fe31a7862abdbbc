import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from '../harness/certificates.ts';
import { startIrcServer } from '../harness/irc-server.ts';
import { startJabberServer } from '../harness/jabber-server.ts';
import type { JabberServer } from '../harness/jabber-server.ts';
import { startMailServer } from '../harness/mail-server.ts';
import { TwilioServer } from '../harness/twilio-server.ts';
import { startGateway } from './gateway-process.ts';
import type { Surroundings } from './gateway-process.ts';
import {
  FRIARS_MAIL,
  FRIARS_PASSWORD,
  IRC,
  JULIETS_MAIL,
  MAIL,
  PASSWORD,
  SECRET,
  SMS,
  WEBHOOK_SECRET,
  YOUR_MAIL,
} from './names.ts';

/** The stand-ins of this process, and the gateway as a process of its own between them. */
export interface Stage extends Surroundings {
  stop(): Promise<void>;
}

export async function setStage(): Promise<Stage> {
  const httpPort = await freePort();
  const [jabber, irc, mail, twilio] = await Promise.all([
    startJabber(),
    startIrcServer({ network: 'Demo', motd: ['Welcome to the demo.'] }),
    startMailServer({
      accounts: {
        [JULIETS_MAIL]: 'capulet',
        [FRIARS_MAIL]: FRIARS_PASSWORD,
        [YOUR_MAIL]: PASSWORD,
      },
    }),
    new TwilioServer({
      smsUrl: `http://127.0.0.1:${httpPort}/hooks/${SMS}/twilio/${WEBHOOK_SECRET}`,
    }).start(),
  ]);
  twilio.behaviours.outcome = () => ({ statuses: ['sent', 'delivered'] });
  const around = { jabber, irc, mail, twilio, httpPort };
  const folder = mkdtempSync(join(tmpdir(), 'causeway-demo-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const gateway = await startGateway(folder, around);
  process.on('exit', () => gateway.kill());
  return {
    ...around,
    stop: async () => {
      const ended = once(gateway, 'exit');
      gateway.kill('SIGTERM');
      await ended;
      await Promise.all([jabber.stop(), irc.stop(), mail.stop(), twilio.stop()]);
    },
  };
}

/** On a port that is easy to remember, if it is free. */
async function startJabber(): Promise<JabberServer> {
  const common = {
    domain: 'localhost',
    components: { [IRC]: SECRET, [MAIL]: SECRET, [SMS]: SECRET },
    accounts: { juliet: 'capulet', you: PASSWORD },
    tls: makeCertificates(),
  };
  try {
    return await startJabberServer({ ...common, clientPort: 15222 });
  } catch {
    return startJabberServer(common);
  }
}

/** Needed before the gateway listens, as it is told how the outside reaches it. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
}
