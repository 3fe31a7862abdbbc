import type { Address, RoomId, RoomState, RoomTrait, Subject } from '../plugin/index.ts';
import type { RoomArchive } from '../store/room-archive.ts';
import type { Jid } from '../xmpp/jid.ts';
import { Members } from './members.ts';
import type { OccupantIds } from './occupant-ids.ts';
import type { Frame } from './taken-message.ts';

/** A resource that asked to come in while the room was not there yet. */
export interface Joiner {
  readonly jid: Jid;
  readonly nick: string;
  readonly history: HistoryRequest;
  /** The `id` of the presence with which it asked. */
  readonly id: string | undefined;
}

/** How much a resource wants to know of what was said before it came. */
export interface HistoryRequest {
  readonly maxStanzas: number;
  readonly maxCharacters: number;
  /** Milliseconds since 1970. */
  readonly since: number;
}

const NO_JOINERS: ReadonlyMap<string, Joiner> = new Map();
/** One who was asked in earlier than so many others is no longer awaited. */
const MOST_INVITED = 200;

export interface RoomOptions {
  readonly id: RoomId;
  readonly jid: string;
  readonly nick: string;
  readonly password?: string | undefined;
  readonly occupantIds: OccupantIds;
  readonly archive: RoomArchive | undefined;
}

/**
 * A room as one user sees it (XEP-0045). `joining` until the network has let her in; `returning` while the
 * gateway tries to come back after the network was lost.
 */
export class Room {
  readonly id: RoomId;
  readonly address: Address;
  /** Its bare JID. */
  readonly jid: string;
  phase: 'joining' | 'joined' | 'returning' = 'joining';
  /** The user's own nick. */
  nick: string;
  readonly password: string | undefined;
  readonly members = new Members();
  readonly occupantIds: OccupantIds;
  /** Absent when none is kept. */
  archive: RoomArchive | undefined;
  subject: Subject | undefined;
  /** What the user has asked the network to make it, and with which stanza. */
  subjectWanted: { readonly text: string; readonly id: string | undefined } | undefined;
  /** The nick that she has asked the network for, until it gives her one. */
  nickWanted: string | undefined;
  /** Absent when the network does not tell. */
  traits: readonly RoomTrait[] | undefined;
  /** The user's resources that are in, by full JID. */
  readonly resources = new Map<string, Jid>();
  #joiners: Map<string, Joiner> | undefined;
  /** What the network was asked last, while the user is not in: what comes of an earlier request counts no more. */
  entry: { askAgain(): void } | undefined;
  /** Of what the user said last. */
  frame: Frame | undefined;
  #invited: Set<string> | undefined;

  constructor({ id, jid, nick, password, occupantIds, archive }: RoomOptions) {
    this.id = id;
    this.address = { kind: 'room', id };
    this.jid = jid;
    this.nick = nick;
    this.password = password;
    this.occupantIds = occupantIds;
    this.archive = archive;
  }

  /** The user has asked another one of the gateway in. @param bareJid of the other one */
  asksIn(bareJid: string): void {
    const invited = (this.#invited ??= new Set());
    const [oldest] = invited;
    if (invited.size >= MOST_INVITED && oldest !== undefined) invited.delete(oldest);
    invited.add(bareJid);
  }

  /** The other one will not come. @returns whether she was asked */
  declines(bareJid: string): boolean {
    return this.#invited?.delete(bareJid) === true;
  }

  /** Those who wait to be let in, by full JID. */
  get joiners(): ReadonlyMap<string, Joiner> {
    return this.#joiners ?? NO_JOINERS;
  }

  awaits(joiner: Joiner): void {
    (this.#joiners ??= new Map()).set(joiner.jid.full, joiner);
  }

  /** @returns whether it was waiting */
  awaitsNoMore(fullJid: string): boolean {
    return this.#joiners?.delete(fullJid) === true;
  }

  /** Nobody waits any longer. @returns those who did */
  takeJoiners(): Iterable<Joiner> {
    const { joiners } = this;
    this.#joiners = undefined;
    return joiners.values();
  }

  /** Takes the state that the network tells for the present one. */
  apply(state: RoomState): void {
    this.phase = 'joined';
    this.entry = undefined;
    this.nick = state.nick;
    this.subject = state.subject;
    this.traits = state.traits ?? this.traits;
    this.members.clear();
    this.occupantIds.clear();
    for (const member of state.members) this.members.set(member.nick, member);
  }
}
