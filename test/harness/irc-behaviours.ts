import type { IrcConnection } from './irc-connection.ts';
import type { IrcNetwork } from './irc-network.ts';
import { parseLine, toWire } from './irc-text.ts';

/** Bad manners for a while, for tests of what a client makes of them. A test may change them at any time. */
export interface IrcBehaviours {
  /** Takes connections and lines and says nothing. */
  silent?: boolean;
  /** Hangs up on every new connection with this ERROR. */
  closeOnConnect?: string;
  /** Cuts the connection as soon as NICK has come. */
  closeAfterNick?: boolean;
  /** Lines instead of what a command would do, as they are; an empty list leaves it without an answer. */
  answers?: Readonly<Record<string, readonly string[]>>;
}

/** Whether the line has been dealt with in the bad way that the test wants. */
export function misbehave(
  behaviours: IrcBehaviours,
  network: IrcNetwork,
  client: IrcConnection,
  line: string,
): boolean {
  if (behaviours.silent === true) return true;
  const command = parseLine(line)?.command ?? '';
  if (behaviours.closeAfterNick === true && command === 'NICK') {
    client.cut();
    network.disconnect(client, 'Connection closed');
    return true;
  }
  const answers = behaviours.answers ?? {};
  if (!Object.hasOwn(answers, command)) return false;
  for (const answer of answers[command] ?? []) client.send(toWire(answer));
  return true;
}
