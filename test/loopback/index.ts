import { networkId } from 'causeway/plugin';
import type { Gateway, GatewayContext, GatewayPlugin } from 'causeway/plugin';
import { createAddressBook } from './address.ts';
import type { Method } from './calls.ts';
import { createCommands } from './commands.ts';
import { LoopbackNetwork } from './network.ts';
import { FEATURES, loopbackOptions } from './options.ts';
import type { LoopbackOptions } from './options.ts';
import { LoopbackSession } from './session.ts';
import { signIn } from './sign-in.ts';

export { LoopbackNetwork } from './network.ts';

const PARTS: ReadonlySet<string> = new Set<Part>([
  'reply',
  'thread',
  'styles',
  'subject',
  'receipts',
  'files',
  'also',
]);

/**
 * The loopback gateway: a network that lives in the memory of the process, with everything that a network can have.
 * Users of the same `world` meet each other on it.
 */
export const gateway: GatewayPlugin<LoopbackOptions> = {
  type: 'loopback',
  name: 'Loopback',
  options: loopbackOptions,
  create: (options, context) =>
    createLoopback(options, LoopbackNetwork.named(options.world), context),
};

/** The same, on a network that nobody else has. */
export const gatewayOn = (network: LoopbackNetwork): GatewayPlugin<LoopbackOptions> => ({
  ...gateway,
  create: (options, context) => createLoopback(options, network, context),
});

function createLoopback(
  options: LoopbackOptions,
  network: LoopbackNetwork,
  context: GatewayContext,
): Gateway {
  network.context = context;
  const networks = Object.keys(options.networks);
  const missing = FEATURES.filter((name): name is Exclude<typeof name, Part> => {
    return !options.features.includes(name) && !PARTS.has(name);
  });
  return {
    registration: options.registration,
    addresses: createAddressBook(networks),
    features: options.features,
    delivery: options.delivery,
    isAlwaysOn: options.alwaysOn,
    ...(options.contactIdentity === undefined ? {} : { contactIdentity: options.contactIdentity }),
    limits: {
      ...(options.maxFiles === undefined ? {} : { files: options.maxFiles }),
      ...(options.maxFileBytes === undefined ? {} : { fileBytes: options.maxFileBytes }),
    },
    keys: ({ nick }) => (typeof nick === 'string' ? [nick.toLowerCase()] : []),
    web: (request, path) => network.answer(request, path),
    start: () => {
      network.starts += 1;
      return Promise.resolve();
    },
    networks: Object.entries(options.networks).map(([id, { name }]) => ({
      id: networkId(id),
      name,
    })),
    commands: createCommands(network),
    dataPolicy: { seesPasswords: true, isEncrypted: true },
    signIn: (known, signal, language) => signIn(known, { ...options, network, language, signal }),
    diagnose: () =>
      Promise.resolve([{ verdict: 'ok', about: options.world, text: 'is in this process' }]),
    open: (account, host) =>
      without(new LoopbackSession(account, host, network, networks), missing),
  };
}

type Part = 'reply' | 'thread' | 'styles' | 'subject' | 'receipts' | 'files' | 'also';

/** A session that has not all methods, as sessions of most networks. */
function without(session: LoopbackSession, methods: readonly Method[]): LoopbackSession {
  for (const method of methods) Object.defineProperty(session, method, { value: undefined });
  return session;
}
