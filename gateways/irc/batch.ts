import type { IrcMessage } from './irc-message.ts';
import type { Page } from './history.ts';

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

export const MOST_BATCHES = 50;
/** A batch that is not closed until then is taken for closed. */
export const LONGEST_BATCH_MS = 60_000;

/** What was said before (IRCv3 chathistory), by request or of the server's own accord, and how ZNC calls it. */
const PAST: ReadonlySet<string> = new Set(['chathistory', 'znc.in/playback', 'znc.in/tlsplayback']);

export const isPast = ({ type }: Batch): boolean => PAST.has(type);
