import { NetworkError } from '../../src/plugin/index.ts';
import type { Language } from '../../src/plugin/index.ts';
import { charsetOf } from './charset.ts';
import type { Charset } from './charset.ts';
import type { IrcOptions, ThrottleOptions } from './options.ts';
import { troubleTexts } from './trouble-texts.ts';

/** How one server is reached. */
export interface ServerSettings {
  /** The name in addresses. */
  readonly id: string;
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

/** @throws NetworkError refused, when users may not reach that server. */
export function settingsOf(id: string, options: IrcOptions, language: Language): ServerSettings {
  const preset = Object.hasOwn(options.servers, id) ? id : presetWithHost(id, options);
  const server = preset === undefined ? undefined : options.servers[preset];
  if (server === undefined || preset === undefined) return otherServer(id, options, language);
  return {
    id,
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

function presetWithHost(host: string, options: IrcOptions): string | undefined {
  return Object.keys(options.servers).find(
    (name) => options.servers[name]?.host.toLowerCase() === host,
  );
}

function otherServer(id: string, options: IrcOptions, language: Language): ServerSettings {
  if (!options.otherServers) {
    const known = Object.keys(options.servers).join(', ');
    throw new NetworkError('refused', troubleTexts(language).onlyServers(known));
  }
  return {
    id,
    host: id,
    ports: [
      { port: 6697, isTls: true },
      { port: 6667, isTls: false },
    ],
    isVerified: true,
    throttle: options.throttle,
  };
}
