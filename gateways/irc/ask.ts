import type { IrcMessage } from './irc-message.ts';
import type { ServerLink } from './server-link.ts';

export interface Question {
  readonly command: string;
  readonly params: readonly string[];
  /** Names that a refusal may hold, as the server writes them; by default the parameters. */
  readonly names?: readonly string[];
  readonly timeoutMs?: number;
  /** Takes a line of the answer. @returns whether it was the last */
  hear(message: IrcMessage): boolean;
}

/**
 * Asks the server something, and waits for all of the answer.
 * @throws NetworkError what the server says; unreachable when it does not
 */
export async function ask(link: ServerLink, question: Question): Promise<void> {
  const { command, params, names = params } = question;
  const sender = await link.uplink.whenReady();
  const { timeoutMs = link.context.timings.answerTimeoutMs } = question;
  const folded = names.map((name) => link.fold(name));
  const written = sender.written(command, ...params);
  const hear = (message: IrcMessage): boolean => question.hear(message);
  await link.answers.wait(command, folded, timeoutMs, hear, written);
}
