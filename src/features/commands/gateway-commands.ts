import type { GatewayCommand } from '../../plugin/index.ts';
import type { GatewayDomain } from '../../session/gateway-domain.ts';
import type { Script } from '../../session/dialogue.ts';
import type { Command, CommandCall } from './command.ts';

/** What the network itself offers. */
export function gatewayCommands({ gateway, type }: GatewayDomain): readonly Command[] {
  return (gateway.commands ?? []).map((command) => {
    const { node } = command;
    return {
      node,
      at: command.at,
      access: command.for === 'admin' ? 'admin' : 'account',
      name: (language) => command.name(language),
      // Words of the core come first: theirs are told apart by the network's name.
      word: (language) => {
        const word = command.word?.(language) ?? node;
        return command.at === 'gateway' ? `${type}-${word}` : word;
      },
      run: (call) => run(command, call),
    };
  });
}

async function* run(command: GatewayCommand, call: CommandCall): Script {
  const { session, address, language, signal } = call;
  const { domain, store } = session.domain;
  return yield* command.run({
    session: session.network(),
    memory: store.memory.of(domain, session.user.bare),
    ...(address === undefined ? {} : { address }),
    language,
    signal,
  });
}
