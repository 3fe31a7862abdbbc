import type { IrcConnection } from './irc-connection.ts';
import type { IrcNetwork } from './irc-network.ts';

export type IrcHandler = (
  network: IrcNetwork,
  client: IrcConnection,
  params: readonly string[],
) => void;

export interface IrcCommand {
  readonly minParams: number;
  readonly needsRegistration: boolean;
  readonly handler: IrcHandler;
}

export function command(minParams: number, handler: IrcHandler): IrcCommand {
  return { minParams, needsRegistration: true, handler };
}

export function commandBeforeRegistration(minParams: number, handler: IrcHandler): IrcCommand {
  return { minParams, needsRegistration: false, handler };
}
