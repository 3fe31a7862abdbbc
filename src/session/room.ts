import type { Member, RoomId, RoomState, Subject } from '../plugin/index.ts';
import type { Jid } from '../xmpp/jid.ts';

/** A resource that asked to come in while the room was not there yet. */
export interface Joiner {
  readonly jid: Jid;
  readonly nick: string;
}

/**
 * A room as one user sees it (XEP-0045). `joining` until the network has let her in; `returning` while the
 * gateway tries to come back after the network was lost.
 */
export class Room {
  readonly id: RoomId;
  /** Its bare JID. */
  readonly jid: string;
  phase: 'joining' | 'joined' | 'returning' = 'joining';
  /** The user's own nick. */
  nick: string;
  readonly password: string | undefined;
  readonly members = new Map<string, Member>();
  subject: Subject | undefined;
  /** The user's resources that are in, by full JID. */
  readonly resources = new Map<string, Jid>();
  readonly joiners = new Map<string, Joiner>();

  constructor(id: RoomId, jid: string, nick: string, password: string | undefined) {
    this.id = id;
    this.jid = jid;
    this.nick = nick;
    this.password = password;
  }

  /** Takes the state that the network tells for the present one. */
  apply(state: RoomState): void {
    this.phase = 'joined';
    this.nick = state.nick;
    this.subject = state.subject;
    this.members.clear();
    for (const member of state.members) this.members.set(member.nick, member);
  }
}
