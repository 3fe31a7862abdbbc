import { networkId } from '../../src/plugin/index.ts';
import type { Gateway, GatewayPlugin } from '../../src/plugin/index.ts';
import { createAddressBook } from './address.ts';
import { commands } from './commands/commands.ts';
import { diagnose } from './diagnose.ts';
import { ircOptions } from './options.ts';
import type { IrcOptions } from './options.ts';
import { IrcSession } from './session.ts';
import { signIn } from './sign-in.ts';
import { createSurroundings } from './surroundings.ts';
import { fixedTimings } from './timings.ts';

/** IRC (RFC 2812 and IRCv3): channels are rooms, nicks are contacts, servers are networks. */
export const gateway: GatewayPlugin<IrcOptions> = {
  type: 'irc',
  name: 'IRC',
  options: ircOptions,
  create: createIrc,
};

function createIrc(options: IrcOptions): Gateway {
  const around = createSurroundings(options, { ...options.timings, ...fixedTimings });
  return {
    registration: options.registration,
    delivery: 'live',
    addresses: createAddressBook(Object.keys(options.servers), around.nameOf),
    features: [
      'join',
      'leave',
      'rename',
      'setSubject',
      'moderate',
      'exclusions',
      'invite',
      'watch',
      'lookup',
      'rooms',
      'presence',
      'typing',
      'react',
      'retract',
      'reply',
      'styles',
    ],
    networks: Object.entries(options.servers).map(([id, { name }]) => ({
      id: networkId(id),
      name: name ?? id,
    })),
    commands,
    dataPolicy: { seesPasswords: true, isEncrypted: isEncrypted(options) },
    signIn: (known, signal, language, user) => signIn(known, { signal, language, user }, around),
    open: (account, host) => new IrcSession(account, host, around),
    diagnose: (examination) => diagnose(around, examination),
  };
}

/** Servers that users name themselves are taken without TLS where they have none. */
function isEncrypted({ servers, otherServers }: IrcOptions): boolean {
  return !otherServers && Object.values(servers).every(({ tls }) => tls);
}
