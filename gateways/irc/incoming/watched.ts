import type { IrcMessage } from '../irc-message.ts';
import type { ServerLink } from '../server-link.ts';
import { greet } from '../watch.ts';
import { handlers } from './handler.ts';
import { refused } from './refusals.ts';

/** Who is online: IRCv3 monitor, and ISON (RFC 2812 §4.9). */
export const watched = handlers({
  // The server has greeted us; what it said of itself is all known.
  '376': greeted,
  '422': greeted,
  '730': (link, { params }) => tell(link, params[1], true),
  '731': (link, { params }) => tell(link, params[1], false),
  '734': (link, { params }) => link.watch?.refused(nicksIn(link, params[2], ',')),
  '303': (link, message) => {
    const there = new Set(nicksIn(link, message.params.at(-1), ' '));
    if (link.watch?.answered(there) !== true) refused(link, message);
  },
  '421': (link, message) => {
    const [, command] = message.params;
    const isOurs = command === 'MONITOR' || command === 'ISON';
    if (link.watch === undefined || !isOurs) refused(link, message);
    else link.watch.unknown(command);
  },
});

function greeted(link: ServerLink, message: IrcMessage): void {
  greet(link);
  refused(link, message);
}

function tell(link: ServerLink, targets: string | undefined, isThere: boolean): void {
  const { watch } = link;
  if (watch === undefined) return;
  for (const folded of nicksIn(link, targets, ',')) watch.seen(folded, isThere);
}

/** Folded nicks of a list of them, or of masks. */
function nicksIn(link: ServerLink, list = '', separator: string): string[] {
  return list
    .split(separator)
    .map((target) => link.fold(target.split('!', 1)[0] ?? ''))
    .filter((folded) => folded !== '');
}
