import { messageId } from '../../../src/plugin/index.ts';
import { isPast, LONGEST_BATCH_MS, MOST_BATCHES } from '../batch.ts';
import type { Batch } from '../batch.ts';
import type { IrcMessage } from '../irc-message.ts';
import type { ServerLink } from '../server-link.ts';
import { handlers } from './handler.ts';
import { failOf } from './refusals.ts';

/** IRCv3 batch and labeled-response. */
export const batches = handlers({
  BATCH: (link, message) => {
    const [reference = ''] = message.params;
    if (reference.startsWith('-')) close(link, reference.slice(1));
    else open(link, message);
  },
  ACK: () => undefined,
});

function open(link: ServerLink, { params, tags }: IrcMessage): void {
  const [reference = '', type = ''] = params;
  link.batches ??= new Map();
  if (link.batches.size >= MOST_BATCHES) link.batches.clear();
  link.batches.set(reference.slice(1), {
    type,
    label: tags.get('label'),
    parent: tags.get('batch'),
    at: Date.now(),
    page: undefined,
  });
}

function close(link: ServerLink, name: string): void {
  link.batches?.delete(name);
  if (link.batches?.size === 0) link.batches = undefined;
}

/** Called every few seconds: a batch that goes on for so long is none. */
export function dropStale(link: ServerLink, now: number): void {
  for (const [name, { at }] of link.batches ?? []) {
    if (now - at > LONGEST_BATCH_MS) close(link, name);
  }
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
  if (command === 'ACK') return link.sender.labelled(label, undefined);
  const error = failOf(message, link.language);
  return error !== undefined && link.sender.labelled(label, error);
}
