import type { Show } from './contact.ts';
import type { ContactId, RoomId } from './ids.ts';

/**
 * The standing of a member. The core shows it as affiliation and role (XEP-0045 §5): owner and admin are
 * moderators, `moderator` and `member` have the affiliation member, `participant` and `visitor` none.
 */
export type Rank = 'owner' | 'admin' | 'moderator' | 'member' | 'participant' | 'visitor';

/** Somebody in a room. */
export interface Member {
  /** As shown in the room; unique in it. */
  readonly nick: string;
  readonly rank: Rank;
  /** Where a private message goes; absent when there is no such thing. */
  readonly contact?: ContactId;
  /**
   * What tells this person from all others on the network even when the nick changes hands: the account's name.
   * Absent when nothing does.
   */
  readonly identity?: string;
  /** Absent for `online`. */
  readonly show?: Exclude<Show, 'offline'>;
  readonly status?: string;
}

export interface Subject {
  /** Empty when the room's subject was taken away. */
  readonly text: string;
  /** The nick of who set it. */
  readonly by?: string;
  readonly at?: Date;
}

/**
 * What is special about a room (XEP-0045 §4.2). `key`: wants a password. `hidden`: in no list. `on-invitation`: is not open,
 * but has no list of members either.
 */
export type RoomTrait =
  'members-only' | 'on-invitation' | 'moderated' | 'key' | 'hidden' | 'persistent';

/** A room as it is at one moment: the answer to a join. */
export interface RoomState {
  /** The user's own nick, which may differ from the one asked for. */
  readonly nick: string;
  /** All members, the user herself among them. */
  readonly members: readonly Member[];
  /** Absent when the room has none. */
  readonly subject?: Subject;
  /** Absent when the network does not tell. */
  readonly traits?: readonly RoomTrait[];
}

/** A room as a list of rooms has it. */
export interface RoomListing {
  readonly id: RoomId;
  readonly name?: string;
  readonly subject?: string;
  /** How many are in it. */
  readonly size?: number;
}

/** How somebody left. `lost` is for a connection between servers that broke. */
export type Departure = 'left' | 'quit' | 'kicked' | 'banned' | 'lost';

/** Somebody, or everybody of a kind, who may not enter. `contact` formats as an address even when it is a mask. */
export interface Exclusion {
  readonly contact: ContactId;
  readonly reason?: string;
}

/** What somebody with the right to it does to others. `ban` is for a member; `exclude` for anybody, here or not. */
export type Moderation =
  | { readonly kind: 'kick'; readonly nick: string; readonly reason?: string }
  | { readonly kind: 'ban'; readonly nick: string; readonly reason?: string }
  | { readonly kind: 'rank'; readonly nick: string; readonly rank: Rank }
  | { readonly kind: 'exclude'; readonly contact: ContactId; readonly reason?: string }
  | { readonly kind: 'readmit'; readonly contact: ContactId };
