import { CAPABILITY_COMMANDS } from './irc-capabilities.ts';
import { CHANNEL_COMMANDS } from './irc-channel-commands.ts';
import type { IrcCommand } from './irc-command.ts';
import type { IrcConnection } from './irc-connection.ts';
import { MODE_COMMANDS } from './irc-modes.ts';
import type { IrcNetwork } from './irc-network.ts';
import { QUERY_COMMANDS } from './irc-queries.ts';
import { REGISTRATION_COMMANDS } from './irc-registration.ts';
import { parseLine } from './irc-text.ts';
import { USER_COMMANDS } from './irc-user-commands.ts';

const COMMANDS: ReadonlyMap<string, IrcCommand> = new Map(
  Object.entries({
    ...CAPABILITY_COMMANDS,
    ...REGISTRATION_COMMANDS,
    ...CHANNEL_COMMANDS,
    ...MODE_COMMANDS,
    ...USER_COMMANDS,
    ...QUERY_COMMANDS,
  }),
);

export function handleLine(network: IrcNetwork, client: IrcConnection, line: string): void {
  const parsed = parseLine(line);
  if (parsed === undefined) return;
  const command = COMMANDS.get(parsed.command);
  if (!client.isRegistered && (command === undefined || command.needsRegistration)) {
    network.refuse(client, 451);
  } else if (command === undefined) {
    network.refuse(client, 421, parsed.command);
  } else if (lacksParams(command, parsed.params)) {
    network.refuse(client, 461, parsed.command);
  } else {
    command.handler(network, client, parsed.params);
  }
}

function lacksParams({ minParams }: IrcCommand, params: readonly string[]): boolean {
  return params.length < minParams || (minParams > 0 && params[0] === '');
}
