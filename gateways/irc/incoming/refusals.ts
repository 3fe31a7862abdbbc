import { networkId } from '../../../src/plugin/index.ts';
import type { IrcMessage } from '../irc-message.ts';
import { refusalOf } from '../numerics.ts';
import type { ServerLink } from '../server-link.ts';

const ABOUT_NICKS = new Set(['431', '432', '433', '436', '437', '438', '447']);
/** Answers to PART. */
const NOT_THERE = new Set(['442', '403']);

/** A numeric: a refusal of something that somebody waits for or has sent, or nothing that matters. */
export function refused(link: ServerLink, { command, params }: IrcMessage): void {
  const error = refusalOf(command, params.at(-1));
  if (error === undefined) return;
  const names = params.slice(1, -1).map((name) => link.fold(name));
  for (const name of names) {
    if (link.isLeaving(name)) {
      if (NOT_THERE.has(command)) link.hasLeft(name);
      return;
    }
    const channel = link.channels.get(name);
    if (channel?.phase === 'asked' && channel.isJoinSent) return link.refuseEntry(channel, error);
  }
  const isAboutNick = ABOUT_NICKS.has(command);
  if (link.answers.refused(command, isAboutNick ? [...names, '*nick*'] : names, error)) return;
  if (isAboutNick && link.isAlias) return;
  for (const name of names) {
    if (link.sender?.refused(name, error) === true) return;
  }
  const network = networkId(link.context.settings.id);
  link.emit({ kind: 'notice', network, text: error.message });
}
