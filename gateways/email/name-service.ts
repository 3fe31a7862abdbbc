import type { LookupAddress, SrvRecord } from 'node:dns';
import { lookup, Resolver } from 'node:dns/promises';
import { isPublicAddress } from '../../src/plugin/index.ts';
import type { EmailOptions } from './options.ts';

/** A question to the DNS that has many kinds of answers. */
export type AskDns = (name: string, type: string) => Promise<string[][] | string[]>;

/** The DNS as the administrator wants it asked, and who may be reached. */
export interface NameService {
  srv(name: string): Promise<readonly SrvRecord[]>;
  /** The hosts that take mail for a domain, the first to try before the others; none when there is no such record. */
  mx(name: string): Promise<readonly string[]>;
  /** The texts at a name; none when there are none. */
  txt(name: string): Promise<readonly string[]>;
  /** The addresses of a host that a stranger has named: none in the own network. */
  readonly outside: Addresses;
  /** The same for a host that a mail domain of users names: in the own network when it is trusted. */
  readonly reachable: Addresses;
  /** Absent where the system's servers are asked. */
  readonly ask?: AskDns;
}

export type Addresses = (host: string) => Promise<readonly LookupAddress[]>;

const TRY_MS = 3_000;
const TRIES = 2;

/** @param options name other DNS servers than the system's, and hosts of the own network that may be reached */
export function nameService({
  dns,
  trustedHosts,
}: Pick<EmailOptions, 'dns' | 'trustedHosts'>): NameService {
  const resolver = new Resolver({ timeout: TRY_MS, tries: TRIES });
  if (dns.length > 0) resolver.setServers(dns);
  const addresses: Addresses = async (host) => {
    if (dns.length === 0) return lookup(host, { all: true });
    const [four, six] = await Promise.allSettled([
      resolver.resolve4(host),
      resolver.resolve6(host),
    ]);
    const found = [
      ...(four.status === 'fulfilled' ? four.value.map((address) => ({ address, family: 4 })) : []),
      ...(six.status === 'fulfilled' ? six.value.map((address) => ({ address, family: 6 })) : []),
    ];
    if (found.length === 0 && four.status === 'rejected') throw four.reason;
    return found;
  };
  const outside: Addresses = async (host) =>
    (await addresses(host)).filter(({ address }) => isPublicAddress(address));
  return {
    srv: (name) => resolver.resolveSrv(name),
    mx: async (name) => {
      const found = await resolver.resolveMx(name).catch(noneOf);
      const sorted = found.toSorted((one, other) => one.priority - other.priority);
      return sorted.map(({ exchange }) => exchange).filter((exchange) => exchange !== '');
    },
    txt: async (name) => {
      const found = await resolver.resolveTxt(name).catch(noneOf);
      return found.map((parts) => parts.join(''));
    },
    outside,
    reachable: (host) => (isAmong(trustedHosts, host) ? addresses(host) : outside(host)),
    ...(dns.length === 0
      ? {}
      : // Addresses, names and texts are what is asked for with it; of others, it has objects.
        { ask: async (name, type) => (await resolver.resolve(name, type)) as string[][] }),
  };
}

/** That there is none is an answer. @throws what else went wrong */
function noneOf(error: unknown): [] {
  if (error instanceof Error && 'code' in error) {
    if (error.code === 'ENODATA' || error.code === 'ENOTFOUND') return [];
  }
  throw error;
}

export const isAmong = (hosts: readonly string[], host: string): boolean =>
  hosts.some((one) => one.toLowerCase() === host.toLowerCase());
