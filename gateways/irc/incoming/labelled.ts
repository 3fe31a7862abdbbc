import { messageId } from '../../../src/plugin/index.ts';
import { batchesOf, MULTILINE, openBatch } from '../batches.ts';
import type { IrcMessage } from '../irc-message.ts';
import type { ServerLink } from '../server-link.ts';
import { failOf } from './refusals.ts';

/** Whether a line is the server's answer to a message of ours: said back, or refused. What follows it is told after it. */
export function isAnswered(link: ServerLink, message: IrcMessage): boolean {
  if (!answers(link, message)) return false;
  link.afterTurn(() => undefined);
  return true;
}

function answers(link: ServerLink, message: IrcMessage): boolean {
  const label = labelOf(link, message);
  if (label === undefined || link.sender === undefined) return false;
  const { command, tags, nick } = message;
  if (command === 'PRIVMSG' || command === 'NOTICE') {
    if (!link.isSelf(nick)) return false;
    const id = tags.get('msgid');
    return link.sender.labelled(label, id === undefined ? undefined : messageId(id));
  }
  if (command === 'BATCH' && message.params[1] === MULTILINE) {
    const id = tags.get('msgid');
    const isOurs = link.sender.labelled(label, id === undefined ? undefined : messageId(id));
    if (isOurs) openBatch(link, message, true);
    return isOurs;
  }
  if (command === 'ACK') return link.sender.labelled(label, undefined);
  const error = failOf(message, link.language);
  return error !== undefined && link.sender.labelled(label, error);
}

function labelOf(link: ServerLink, message: IrcMessage): string | undefined {
  const own = message.tags.get('label');
  if (own !== undefined) return own;
  for (const { label } of batchesOf(link, message)) if (label !== undefined) return label;
  return undefined;
}
