import type { IrcMessage } from '../irc-message.ts';
import type { ServerLink } from '../server-link.ts';
import { entry } from './entry.ts';
import { members } from './members.ts';
import { messages } from './messages.ts';
import { refused } from './refusals.ts';
import { server } from './server.ts';
import { topic } from './topic.ts';

/** What a line from the server means, by its command (RFC 2812 §3, §5). */
const HANDLERS = new Map([...messages, ...entry, ...members, ...topic, ...server]);

/** Takes one line. */
export function handleMessage(link: ServerLink, message: IrcMessage): void {
  const handler = HANDLERS.get(message.command) ?? refused;
  handler(link, message);
  link.answers.heard(message);
}
