import type { Page } from './history.ts';
import type { IrcMessage } from './irc-message.ts';
import type { ServerLink } from './server-link.ts';

/** Lines that belong together (IRCv3 batch). */
export interface Batch {
  readonly type: string;
  /** The label of the request that it answers. */
  readonly label: string | undefined;
  /** The reference of the one that it is part of. */
  readonly parent: string | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Who has asked for it: the lines go there. */
  page: Page | undefined;
  /** The lines of it that make one message. */
  gathered: Gathered | undefined;
}

/** Lines of draft/multiline, as far as they have come. */
export interface Gathered {
  /** What began it, with what is to be known of the message. */
  opening: IrcMessage;
  /** It is a message of the user that the server says back: that it has come is all that matters. */
  readonly isEcho: boolean;
  command: string;
  text: string;
  lines: number;
}

export const MULTILINE = 'draft/multiline';
export const MOST_BATCHES = 50;
/** A batch that is not closed until then is taken for closed. */
export const LONGEST_BATCH_MS = 60_000;

/** What was said before (IRCv3 chathistory), by request or of the server's own accord, and how ZNC calls it. */
const PAST: ReadonlySet<string> = new Set(['chathistory', 'znc.in/playback', 'znc.in/tlsplayback']);

const isPast = ({ type }: Batch): boolean => PAST.has(type);

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
