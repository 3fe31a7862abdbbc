import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { IrcServer } from '../harness/irc-server.ts';
import type { JabberServer } from '../harness/jabber-server.ts';
import type { MailServer } from '../harness/mail-server.ts';
import type { TwilioServer } from '../harness/twilio-server.ts';
import { IRC, MAIL, MAIL_DOMAIN, NUMBERS, SECRET, SMS, WEBHOOK_SECRET } from './names.ts';

/** What the gateway stands between. */
export interface Surroundings {
  readonly jabber: JabberServer;
  readonly irc: IrcServer;
  readonly mail: MailServer;
  readonly twilio: TwilioServer;
  /** Where Twilio reaches the gateway. */
  readonly httpPort: number;
}

/** Starts the gateway itself, one process for all three networks, and waits until it says that it is ready. */
export async function startGateway(folder: string, around: Surroundings): Promise<ChildProcess> {
  const config = join(folder, 'causeway.yaml');
  writeFileSync(config, JSON.stringify(settings(around), undefined, 2));
  const gateway = spawn(
    process.execPath,
    ['--import', 'tsx', 'src/main.ts', 'start', '--config', config],
    { env: { ...process.env, DEMO_SECRET: SECRET }, stdio: ['ignore', 'pipe', 'inherit'] },
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

/** The configuration; JSON is YAML, too. */
function settings({ jabber, irc, mail, twilio, httpPort }: Surroundings): object {
  const secret = '${DEMO_SECRET}';
  const address = `127.0.0.1:${httpPort}`;
  return {
    jabber: { host: '127.0.0.1', port: jabber.componentPort },
    http: { listen: address, publicUrl: `http://${address}` },
    gateways: [
      {
        use: 'irc',
        domain: IRC,
        secret,
        options: { servers: { demo: { host: '127.0.0.1', port: irc.port, tls: false } } },
      },
      {
        use: 'email',
        domain: MAIL,
        secret,
        options: {
          otherProviders: false,
          providers: [
            {
              domain: MAIL_DOMAIN,
              imap: { host: '127.0.0.1', port: mail.imapPort, security: 'none' },
              smtp: { host: '127.0.0.1', port: mail.smtpPort, security: 'none' },
            },
          ],
        },
      },
      {
        use: 'sms',
        domain: SMS,
        secret,
        options: {
          region: 'US',
          provider: {
            type: 'twilio',
            accountSid: twilio.accountSid,
            authToken: twilio.authToken,
            apiUrl: twilio.url,
            webhookSecret: WEBHOOK_SECRET,
          },
          numbers: NUMBERS,
        },
      },
    ],
  };
}
