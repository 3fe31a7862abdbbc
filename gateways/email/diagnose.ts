import { createServer } from 'node:net';
import type { Examination, Finding, Memory } from '../../src/plugin/index.ts';
import { presetPlace } from './account.ts';
import { hostAndPort } from './host-and-port.ts';
import type { NameService } from './name-service.ts';
import type { EmailOptions, OwnDomainOptions, Server } from './options.ts';
import { keyRecord, knownKey } from './own-domain/dkim.ts';
import { probeServer } from './probe-server.ts';
import type { Protocol } from './probe-server.ts';

interface Parts {
  readonly options: EmailOptions;
  readonly names: NameService;
  readonly memory: Memory;
}

/** Whether the mail servers of the options can be reached, and whether the world can find and believe the own domain. */
export async function diagnose(
  { options, names, memory }: Parts,
  examination: Examination,
): Promise<readonly Finding[]> {
  const { signal } = examination;
  const { ownDomain, providers } = options;
  const places = providers.flatMap((provider) => {
    const place = presetPlace(`someone@${provider.domain}`, provider, '');
    return place === undefined ? [] : [place];
  });
  const mailServers = new Map<string, Promise<Finding>>();
  for (const { imap, smtp } of options.ownMailboxes ? places : []) {
    mailServers.set(placeName(imap), examineServer(imap, 'imap', signal));
    mailServers.set(placeName(smtp), examineServer(smtp, 'smtp', signal));
  }
  const found = await Promise.all([
    ...mailServers.values(),
    ...(ownDomain === undefined
      ? []
      : [
          examineServer({ ...ownDomain.relay, isTrusted: true }, 'smtp', signal),
          examineListener(ownDomain, examination),
          ...examineRecords(ownDomain, { names, memory }, signal),
        ]),
  ]);
  return found;
}

const placeName = ({ host, port }: Pick<Server, 'host' | 'port'>): string => `${host}:${port}`;

async function examineServer(
  server: Server,
  protocol: Protocol,
  signal: AbortSignal,
): Promise<Finding> {
  const about = placeName(server);
  const what = protocol.toUpperCase();
  try {
    await probeServer(server, protocol, signal);
    if (server.security === 'none') {
      return { verdict: 'ok', about, text: `${what} answers, without TLS` };
    }
    return server.verify
      ? { verdict: 'ok', about, text: `${what} answers, certificate in order` }
      : {
          verdict: 'warning',
          about,
          text: `${what} answers, but verify: false trusts any certificate`,
        };
  } catch (error) {
    const text = `${what}: ${wordsOf(error)}`;
    return { verdict: 'trouble', about, text, advice: 'look at its host, port and security' };
  }
}

const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Where mail comes in: ours when the gateway runs, and free when it does not. */
async function examineListener(
  { listen, protocol }: OwnDomainOptions,
  { isRunning, signal }: Examination,
): Promise<Finding> {
  const { host, port } = hostAndPort(listen);
  if (isRunning) {
    const server = { host, port, security: 'none', verify: true, isTrusted: true } as const;
    return examineServer(server, protocol, signal);
  }
  const about = listen;
  try {
    await new Promise<void>((resolve, reject) => {
      const server = createServer((socket) => socket.destroy());
      server.once('error', reject);
      server.listen(port, host, () => server.close(() => resolve()));
    });
    return { verdict: 'ok', about, text: 'is free for mail that comes in' };
  } catch (error) {
    const text = `mail cannot be taken there: ${wordsOf(error)}`;
    return { verdict: 'trouble', about, text, advice: 'change options.ownDomain.listen' };
  }
}

function examineRecords(
  options: OwnDomainOptions,
  parts: Pick<Parts, 'names' | 'memory'>,
  signal: AbortSignal,
): Promise<Finding>[] {
  const { domain, dkim } = options;
  const { names, memory } = parts;
  const signed = `${dkim.selector}._domainkey.${domain}`;
  return [
    examineRecord(`MX of ${domain}`, signal, async () => {
      const hosts = await names.mx(domain);
      return hosts.length === 0
        ? {
            verdict: 'trouble',
            text: 'is missing: nobody finds where mail goes',
            advice: 'add one',
          }
        : { verdict: 'ok', text: hosts.join(', ') };
    }),
    examineRecord(`DKIM of ${domain}`, signal, async () => {
      const texts = await names.txt(signed);
      const published = texts.map(keyIn).find((key) => key !== '');
      if (published === undefined) {
        return {
          verdict: 'warning',
          text: 'is missing: mails may be taken for spam',
          advice: RECORDS,
        };
      }
      const privateKey = await knownKey(options, memory);
      const isSame = privateKey === undefined || keyIn(keyRecord(privateKey)) === published;
      return isSame
        ? { verdict: 'ok', text: `is at ${signed}` }
        : {
            verdict: 'trouble',
            text: 'is that of another key: mails will be refused',
            advice: RECORDS,
          };
    }),
    examineRecord(`SPF of ${domain}`, signal, async () => {
      const texts = await names.txt(domain);
      return texts.some((text) => /^v=spf1\b/i.test(text))
        ? { verdict: 'ok', text: 'is there' }
        : { verdict: 'warning', text: 'is missing: mails may be taken for spam', advice: RECORDS };
    }),
  ];
}

const RECORDS =
  'the command for DNS records, of administrators at the gateway, tells what it has to be';

/** RFC 6376 §3.6.1 */
const keyIn = (record: string): string =>
  (/(?:^|;)\s*p=([^;]*)/.exec(record)?.[1] ?? '').replace(/\s/g, '');

async function examineRecord(
  about: string,
  signal: AbortSignal,
  look: () => Promise<Omit<Finding, 'about'>>,
): Promise<Finding> {
  const late = new Promise<never>((_resolve, reject) => {
    const stop = (): void => reject(new Error('no answer in time'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return { about, ...(await Promise.race([look(), late])) };
  } catch (error) {
    const text = `the DNS cannot be asked: ${wordsOf(error)}`;
    return { verdict: 'warning', about, text };
  }
}
