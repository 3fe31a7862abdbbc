import type { SrvRecord } from 'node:dns';
import { SaxesParser } from 'saxes';
import type { NameService } from '../name-service.ts';
import { askOutside } from '../outside-request.ts';
import type { Security, Server } from '../options.ts';
import { domainPart, localPart } from '../mail-address.ts';

const TIME_MS = 6_000;

/** The servers of a mail domain, as it publishes them. */
export interface Discovered {
  readonly imap: Server;
  readonly smtp: Server;
  readonly userName: string;
}

/** What discovery asks others; tests have their own. */
export interface Sources {
  srv(name: string): Promise<readonly SrvRecord[]>;
  page(url: string, signal: AbortSignal): Promise<string | undefined>;
}

/**
 * Finds the servers of an address: by SRV records (RFC 6186, RFC 8314 §5), and by the files that mail programs look
 * for. All at once; the first in this order that names both servers counts.
 */
export async function discover(
  address: string,
  signal: AbortSignal,
  sources: Sources,
): Promise<Discovered | undefined> {
  const domain = domainPart(address);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIME_MS)]);
  const query = `?emailaddress=${encodeURIComponent(address)}`;
  const pages = [
    `https://autoconfig.${domain}/mail/config-v1.1.xml${query}`,
    `https://${domain}/.well-known/autoconfig/mail/config-v1.1.xml`,
    `https://autoconfig.thunderbird.net/v1.1/${domain}`,
  ];
  const attempts = [
    bySrv(address, sources),
    ...pages.map(async (url) => readAutoconfig(await sources.page(url, limit), address)),
  ].map((attempt) =>
    within(
      attempt.catch(() => undefined),
      limit,
    ),
  );
  for (const attempt of attempts) {
    const found = await attempt;
    if (found !== undefined) return found;
  }
  return undefined;
}

async function bySrv(address: string, sources: Sources): Promise<Discovered | undefined> {
  const domain = domainPart(address);
  const best = async (
    names: readonly (readonly [string, Security])[],
  ): Promise<Server | undefined> => {
    const found = await Promise.all(
      names.map(([name]) => sources.srv(`${name}._tcp.${domain}`).catch(() => [])),
    );
    for (const [index, records] of found.entries()) {
      const first = records.toSorted((one, other) => one.priority - other.priority)[0];
      // A single "." says that there is no such service.
      const host = first?.name.replace(/\.$/, '') ?? '';
      const security = names[index]?.[1] ?? 'tls';
      if (first !== undefined && host !== '') return serverAt(host, first.port, security);
    }
    return undefined;
  };
  const [imap, smtp] = await Promise.all([
    best([
      ['_imaps', 'tls'],
      ['_imap', 'starttls'],
    ]),
    best([
      ['_submissions', 'tls'],
      ['_submission', 'starttls'],
    ]),
  ]);
  return imap === undefined || smtp === undefined ? undefined : { imap, smtp, userName: address };
}

const serverAt = (host: string, port: number, security: Security): Server => ({
  host,
  port,
  security,
  verify: true,
  isTrusted: false,
});

const securities: ReadonlyMap<string, Security> = new Map([
  ['SSL', 'tls'],
  ['STARTTLS', 'starttls'],
]);

/** The file of Thunderbird's autoconfiguration. Servers without TLS are passed over. */
export function readAutoconfig(text: string | undefined, address: string): Discovered | undefined {
  if (text === undefined) return undefined;
  const servers = new Map<string, { server: Server; userName: string }>();
  let kind: string | undefined;
  let field = '';
  let values = new Map<string, string>();
  const parser = new SaxesParser();
  parser.on('opentag', ({ attributes, name }) => {
    field = name;
    if (name === 'incomingServer' || name === 'outgoingServer') {
      kind = attributes['type'];
      values = new Map();
    }
  });
  parser.on('text', (said) => {
    const value = said.trim();
    if (kind !== undefined && value !== '' && !values.has(field)) values.set(field, value);
  });
  parser.on('closetag', ({ name }) => {
    field = '';
    if (name !== 'incomingServer' && name !== 'outgoingServer') return;
    const security = securities.get(values.get('socketType') ?? '');
    const host = values.get('hostname') ?? '';
    const port = Number(values.get('port'));
    const isGood = security !== undefined && /^[\w.-]+$/.test(host) && port > 0 && port < 65_536;
    if (kind !== undefined && isGood && !servers.has(kind)) {
      const userName = userNameFor(values.get('username') ?? '', address);
      servers.set(kind, { server: serverAt(host, port, security), userName });
    }
    kind = undefined;
  });
  parser.on('error', () => undefined);
  try {
    parser.write(text).close();
  } catch {
    return undefined;
  }
  const [imap, smtp] = [servers.get('imap'), servers.get('smtp')];
  if (imap === undefined || smtp === undefined) return undefined;
  return { imap: imap.server, smtp: smtp.server, userName: imap.userName };
}

function userNameFor(pattern: string, address: string): string {
  const filled = pattern
    .replaceAll('%EMAILADDRESS%', address)
    .replaceAll('%EMAILLOCALPART%', localPart(address))
    .replaceAll('%EMAILDOMAIN%', domainPart(address));
  return filled === '' || filled.includes('%') ? address : filled;
}

async function within<Result>(
  pending: Promise<Result>,
  signal: AbortSignal,
): Promise<Result | undefined> {
  if (signal.aborted) return undefined;
  let stop = (): void => undefined;
  const over = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([pending, over]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** The Internet, but not the administrator's own network. */
export const sourcesOf = (names: NameService): Sources => ({
  srv: (name) => names.srv(name),
  page: async (url, signal) => {
    const answer = await askOutside(url, { addresses: names.reachable, signal });
    return answer?.status === 200 ? answer.text : undefined;
  },
});
