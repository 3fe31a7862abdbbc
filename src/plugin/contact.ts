import type { ContactId } from './ids.ts';

/** Whether somebody can be reached (RFC 6121 §4.7.2.1). */
export type Show = 'online' | 'chat' | 'away' | 'xa' | 'dnd' | 'offline';

export interface Avatar {
  /** Its MIME type. */
  readonly type: string;
  /** At most 64 KiB. */
  readonly data: Uint8Array;
}

/** Somebody on the network as the user's list, or an event about her, has it. What is absent is as it was. */
export interface Contact {
  readonly id: ContactId;
  readonly name?: string;
  /** The groups of the user's list that it is in. */
  readonly groups?: readonly string[];
  readonly show?: Show;
  /** In words; empty when there are none any more. */
  readonly status?: string;
  /** `none` when it was taken away. */
  readonly avatar?: Avatar | 'none';
}

/** What there is to know of a contact: the answer to a look-up. */
export interface ContactCard {
  readonly name?: string;
  readonly nick?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly url?: string;
  readonly organization?: string;
  /** Everything else, in words, one fact a line. */
  readonly note?: string;
  readonly avatar?: Avatar;
}
