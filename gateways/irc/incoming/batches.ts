import { messageId } from '../../../src/plugin/index.ts';
import { isPast, MOST_BATCHES } from '../batch.ts';
import type { Batch } from '../batch.ts';
import type { IrcMessage } from '../irc-message.ts';
import type { ServerLink } from '../server-link.ts';
import { failOf } from './refusals.ts';

const MULTILINE = 'draft/multiline';

/** @param isEcho says that it is a message of ours, and that nobody needs its lines. */
export function openBatch(link: ServerLink, message: IrcMessage, isEcho = false): void {
  const { params, tags } = message;
  const [reference = '', type = ''] = params;
  const isGathered = type === MULTILINE;
  (link.batches ??= new Map()).set(reference.slice(1), {
    type,
    label: tags.get('label'),
    parent: tags.get('batch'),
    at: Date.now(),
    page: undefined,
    gathered: isGathered
      ? { opening: message, isEcho, command: '', text: '', lines: 0 }
      : undefined,
  });
}

/** @returns the batch that is over */
export function closeBatch(link: ServerLink, name: string): Batch | undefined {
  const batch = link.batches?.get(name);
  link.batches?.delete(name);
  if (link.batches?.size === 0) link.batches = undefined;
  return batch;
}

/** The batch of what was said before that a line is part of. */
export function pastOf(link: ServerLink, message: IrcMessage): Batch | undefined {
  if (link.batches === undefined) return undefined;
  for (const batch of batchesOf(link, message)) if (isPast(batch)) return batch;
  return undefined;
}

/** The batches that a line is part of, innermost first. */
export function* batchesOf(link: ServerLink, { tags }: IrcMessage): Generator<Batch> {
  let name = tags.get('batch');
  for (let depth = 0; name !== undefined && depth < MOST_BATCHES; depth += 1) {
    const batch = link.batches?.get(name);
    if (batch === undefined) return;
    yield batch;
    name = batch.parent;
  }
}

export function isIn(link: ServerLink, message: IrcMessage, type: string): boolean {
  for (const batch of batchesOf(link, message)) if (batch.type === type) return true;
  return false;
}

function labelOf(link: ServerLink, message: IrcMessage): string | undefined {
  const own = message.tags.get('label');
  if (own !== undefined) return own;
  for (const { label } of batchesOf(link, message)) if (label !== undefined) return label;
  return undefined;
}

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
