import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { rootCertificates } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { isPublicAddress, NetworkError } from '../../src/plugin/index.ts';
import type { Server } from './options.ts';
import type { Texts } from './texts.ts';

/** Where to connect, and whom to trust there. */
export interface Reach {
  /** An IP address, looked up and checked once. */
  readonly host: string;
  readonly tls: ConnectionOptions;
}

/**
 * Looks a server up. What users name must not lead into the own network: the address that was checked is the one
 * that is connected to.
 * @throws NetworkError unreachable, refused
 */
export async function reach(server: Server, texts: Texts): Promise<Reach> {
  const tls: ConnectionOptions = {
    rejectUnauthorized: server.verify,
    ...(isIP(server.host) === 0 ? { servername: server.host } : {}),
    ...(server.ca === undefined
      ? {}
      : { ca: [...rootCertificates, await readFile(server.ca, 'utf8')] }),
  };
  if (server.isTrusted) return { host: server.host, tls };
  let addresses: readonly { readonly address: string }[];
  try {
    addresses =
      isIP(server.host) === 0
        ? await lookup(server.host, { all: true })
        : [{ address: server.host }];
  } catch (error) {
    throw new NetworkError('unreachable', texts.noSuchHost(server.host), { cause: error });
  }
  const [first] = addresses.filter(({ address }) => isPublicAddress(address));
  if (first === undefined) throw new NetworkError('refused', texts.insideHost(server.host));
  return { host: first.address, tls };
}
