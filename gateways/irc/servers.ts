import { NetworkError } from '../../src/plugin/index.ts';
import type { Language } from '../../src/plugin/index.ts';
import { charsetOf } from './charset.ts';
import type { Charset } from './charset.ts';
import type { IrcOptions, ThrottleOptions } from './options.ts';
import { troubleTexts } from './trouble-texts.ts';

/** How one server is reached. */
export interface ServerSettings {
  /** Its name in the addresses that we make. */
  readonly id: string;
  /** All that users may call it by: `id` first. */
  readonly names: readonly string[];
  readonly host: string;
  /** Tried in turn. */
  readonly ports: readonly { readonly port: number; readonly isTls: boolean }[];
  readonly isVerified: boolean;
  readonly ca?: string;
  /** File with the certificate that we show. */
  readonly certificate?: string;
  readonly password?: string;
  /** Of WEBIRC. */
  readonly webircPassword?: string;
  readonly throttle: ThrottleOptions;
  /** Reads lines that are no UTF-8. */
  readonly charset?: Charset;
  /** The key under `servers`; absent for a server that a user has named. */
  readonly preset?: string;
}

/** Tells the one name of each server: that of a known one stands for its host, too, as Biboumi has it in addresses. */
export type ServerNames = (server: string) => string;

export function serverNames({ servers }: Pick<IrcOptions, 'servers'>): ServerNames {
  const byHost = new Map<string, string>();
  for (const [name, { host }] of Object.entries(servers).toReversed()) {
    byHost.set(host.toLowerCase(), name);
  }
  for (const name of Object.keys(servers)) byHost.delete(name);
  return (server) => byHost.get(server) ?? server;
}

/** @throws NetworkError refused, when users may not reach that server. */
export function settingsOf(id: string, options: IrcOptions, language: Language): ServerSettings {
  const nameOf = serverNames(options);
  const preset = nameOf(id);
  const server = Object.hasOwn(options.servers, preset) ? options.servers[preset] : undefined;
  if (server === undefined) return otherServer(id, options, language);
  const host = server.host.toLowerCase();
  return {
    id: preset,
    names: host !== preset && nameOf(host) === preset ? [preset, host] : [preset],
    host: server.host,
    ports: [server, ...server.fallbacks].map(({ port, tls }) => ({ port, isTls: tls })),
    charset: charsetOf(server.charset),
    isVerified: server.verify,
    throttle: server.throttle ?? options.throttle,
    preset,
    ...(server.certificate === undefined ? {} : { certificate: server.certificate }),
    ...(server.ca === undefined ? {} : { ca: server.ca }),
    ...(server.webirc === undefined ? {} : { webircPassword: server.webirc.password }),
    ...(server.password === undefined ? {} : { password: server.password }),
  };
}

function otherServer(id: string, options: IrcOptions, language: Language): ServerSettings {
  if (!options.otherServers) {
    const known = Object.keys(options.servers).join(', ');
    throw new NetworkError('refused', troubleTexts(language).onlyServers(known));
  }
  return {
    id,
    names: [id],
    host: id,
    ports: [
      { port: 6697, isTls: true },
      { port: 6667, isTls: false },
    ],
    isVerified: true,
    throttle: options.throttle,
  };
}
