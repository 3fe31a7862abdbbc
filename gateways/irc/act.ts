import type { Channel } from './channel.ts';
import type { IrcMessage } from './irc-message.ts';
import type { ServerLink } from './server-link.ts';

/** Sends a command about a channel and waits for what the server makes of it. */
export async function act(
  link: ServerLink,
  channel: Channel,
  [command = '', ...params]: readonly string[],
  isAnswer: (message: IrcMessage) => boolean,
): Promise<void> {
  const sender = link.uplink.senderNow();
  const names = [channel.name, ...params.slice(-1)].map((name) => link.fold(name));
  const { answerTimeoutMs } = link.context.timings;
  const written = sender.written(command, ...params);
  await link.answers.wait(command, names, answerTimeoutMs, isAnswer, written);
}

export const isModeOf =
  (link: ServerLink, channel: Channel) =>
  ({ command, params }: IrcMessage): boolean =>
    isAbout(link, channel, command === 'MODE', params[0]);

/** Whether it is a command that names the channel. */
export function isAbout(
  link: ServerLink,
  channel: Channel,
  isCommand: boolean,
  name: string | undefined,
): boolean {
  return isCommand && link.fold(name ?? '') === link.fold(channel.name);
}
