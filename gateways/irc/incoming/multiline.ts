import { closeBatch, MOST_BATCHES, openBatch } from '../batches.ts';
import type { Gathered } from '../batches.ts';
import type { IrcMessage } from '../irc-message.ts';
import type { ServerLink } from '../server-link.ts';
import { handlers } from './handler.ts';
import { hear } from './messages.ts';

/** More in one message is told as several. */
const MOST_CHARACTERS = 65_536;
const MOST_LINES = 1_000;

/** IRCv3 batch, labeled-response, and draft/multiline with what it is made of. */
export const multiline = handlers({
  BATCH: (link, message) => {
    const [reference = ''] = message.params;
    if (reference.startsWith('-')) return close(link, reference.slice(1));
    if ((link.batches?.size ?? 0) >= MOST_BATCHES) dropBatches(link, Infinity);
    openBatch(link, message);
  },
  ACK: () => undefined,
  PRIVMSG: said,
  NOTICE: said,
});

/** A batch that goes on for so long is none, nor is one whose connection is gone: what has come of it is told. */
export function dropBatches(link: ServerLink, before: number): void {
  for (const [name, { at }] of link.batches ?? []) if (at < before) close(link, name);
}

function said(link: ServerLink, message: IrcMessage): void {
  if (link.batches === undefined || !isGathered(link, message)) hear(link, message);
}

function isGathered(link: ServerLink, { tags, params, command }: IrcMessage): boolean {
  const gathered = link.batches?.get(tags.get('batch') ?? '')?.gathered;
  if (gathered === undefined) return false;
  const [target = '', text = ''] = params;
  const { opening, isEcho } = gathered;
  if (isEcho || link.fold(target) !== link.fold(opening.params[2] ?? '')) return isEcho;
  if (gathered.lines >= MOST_LINES || gathered.text.length + text.length > MOST_CHARACTERS) {
    tell(link, gathered);
    // The rest is no message of that name.
    const others = [...opening.tags].filter(([name]) => name !== 'msgid');
    gathered.opening = { ...opening, tags: new Map(others) };
    gathered.text = '';
    gathered.lines = 0;
  }
  const isJoined = gathered.lines === 0 || tags.has('draft/multiline-concat');
  gathered.command = command;
  gathered.text += isJoined ? text : `\n${text}`;
  gathered.lines += 1;
  return true;
}

function close(link: ServerLink, name: string): void {
  const gathered = closeBatch(link, name)?.gathered;
  if (gathered !== undefined && !gathered.isEcho) tell(link, gathered);
}

function tell(link: ServerLink, { opening, command, text, lines }: Gathered): void {
  if (lines === 0 || text.trim() === '') return;
  const [, , target = ''] = opening.params;
  hear(link, { ...opening, command, params: [target, text] });
}
