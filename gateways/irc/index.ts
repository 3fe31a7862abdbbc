import { networkId } from '../../src/plugin/index.ts';
import type { Gateway, GatewayPlugin } from '../../src/plugin/index.ts';
import { createAddressBook } from './address.ts';
import { Heartbeat } from './heartbeat.ts';
import { ircOptions } from './options.ts';
import type { IrcOptions } from './options.ts';
import { SecureContexts } from './secure-contexts.ts';
import { IrcSession } from './session.ts';
import { signIn } from './sign-in.ts';
import { fixedTimings } from './timings.ts';

const LONGEST_BEAT_MS = 5_000;

/** IRC (RFC 2812 and IRCv3): channels are rooms, nicks are contacts, servers are networks. */
export const gateway: GatewayPlugin<IrcOptions> = {
  type: 'irc',
  name: 'IRC',
  options: ircOptions,
  create: createIrc,
};

function createIrc(options: IrcOptions): Gateway {
  const timings = { ...options.timings, ...fixedTimings };
  const secure = new SecureContexts(options.servers);
  const { pingIntervalMs, pingTimeoutMs, idleMs } = timings;
  const heartbeat = new Heartbeat(
    Math.min(LONGEST_BEAT_MS, Math.max(20, Math.min(pingIntervalMs, pingTimeoutMs, idleMs) / 4)),
  );
  return {
    registration: options.registration,
    addresses: createAddressBook(Object.keys(options.servers)),
    features: ['join', 'leave', 'rename', 'setSubject', 'moderate'],
    networks: Object.entries(options.servers).map(([id, { name }]) => ({
      id: networkId(id),
      name: name ?? id,
    })),
    signIn: (known, signal) => signIn(known, signal, { options, secure, timings }),
    open: (account, host) => new IrcSession(account, host, { options, timings, secure, heartbeat }),
  };
}
