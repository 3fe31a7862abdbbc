import type { ContactId } from './ids.ts';

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
}

export interface Subject {
  /** Empty when the room's subject was taken away. */
  readonly text: string;
  /** The nick of who set it. */
  readonly by?: string;
  readonly at?: Date;
}

/** A room as it is at one moment: the answer to a join. */
export interface RoomState {
  /** The user's own nick, which may differ from the one asked for. */
  readonly nick: string;
  /** All members, the user herself among them. */
  readonly members: readonly Member[];
  /** Absent when the room has none. */
  readonly subject?: Subject;
}

/** How somebody left. `lost` is for a connection between servers that broke. */
export type Departure = 'left' | 'quit' | 'kicked' | 'banned' | 'lost';

/** What somebody with the right to it does to another member. */
export type Moderation =
  | { readonly kind: 'kick'; readonly nick: string; readonly reason?: string }
  | { readonly kind: 'ban'; readonly nick: string; readonly reason?: string }
  | { readonly kind: 'rank'; readonly nick: string; readonly rank: Rank };
