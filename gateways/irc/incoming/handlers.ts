import { pastOf } from '../batches.ts';
import { NO_TAGS } from '../irc-message.ts';
import type { IrcMessage } from '../irc-message.ts';
import type { ServerLink } from '../server-link.ts';
import { entry } from './entry.ts';
import { isAnswered } from './labelled.ts';
import { members } from './members.ts';
import { multiline } from './multiline.ts';
import { people } from './people.ts';
import { refused, refusals } from './refusals.ts';
import { server } from './server.ts';
import { tagged } from './tagged.ts';
import { topic } from './topic.ts';
import { watched } from './watched.ts';

/** What a line from the server means, by its command (RFC 2812 §3, §5). */
const HANDLERS = new Map([
  ...entry,
  ...members,
  ...people,
  ...topic,
  ...tagged,
  ...multiline,
  ...refusals,
  ...server,
  ...watched,
]);

/** Takes one line. */
export function handleMessage(link: ServerLink, message: IrcMessage): void {
  if (message.tags !== NO_TAGS && (isAnswered(link, message) || isOver(link, message))) return;
  const handler = HANDLERS.get(message.command) ?? refused;
  handler(link, message);
  link.answers.heard(message);
}

/** What happened before, besides what was said: nobody comes in or goes by it. */
const isOver = (link: ServerLink, message: IrcMessage): boolean =>
  link.batches !== undefined &&
  !KEPT_OF_PAST.has(message.command) &&
  pastOf(link, message) !== undefined;

const KEPT_OF_PAST: ReadonlySet<string> = new Set(['PRIVMSG', 'NOTICE', 'BATCH']);
