import { NetworkError, contactId } from 'causeway/plugin';
import type {
  ContactId,
  Departure,
  Event,
  Exclusion,
  Member,
  Moderation,
  Rank,
  RoomId,
  RoomState,
  RoomTrait,
  Subject,
} from 'causeway/plugin';

const RANKS: readonly Rank[] = ['visitor', 'participant', 'member', 'moderator', 'admin', 'owner'];
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Somebody in a room; without `tell` it is one of those whom a test plays. */
export interface Occupant {
  readonly member: Member;
  readonly tell?: (event: Event) => void;
}

/** Who comes in, and with what. */
export interface Entrant extends Occupant {
  readonly password?: string | undefined;
}

/** A room of the loopback network. */
export class LoopbackRoom {
  readonly id: RoomId;
  readonly #occupants = new Map<string, Occupant>();
  readonly #invited = new Set<ContactId>();
  readonly exclusions = new Map<ContactId, Exclusion>();
  name: string | undefined;
  subject: Subject | undefined;
  traits: readonly RoomTrait[] = [];
  key: string | undefined;
  capacity = 1_000;

  constructor(id: RoomId) {
    this.id = id;
  }

  get size(): number {
    return this.#occupants.size;
  }

  get members(): readonly Member[] {
    return [...this.#occupants.values()].map(({ member }) => member);
  }

  /** Those whom a test plays. */
  get played(): { readonly contact: ContactId }[] {
    return [...this.#occupants.values()].flatMap(({ member: { contact }, tell }) =>
      tell === undefined && contact !== undefined ? [{ contact }] : [],
    );
  }

  member(nick: string): Member {
    const member = this.#occupants.get(nick)?.member;
    if (member === undefined) {
      throw new NetworkError('not-found', `Nobody in this room is called ${nick}.`);
    }
    return member;
  }

  has(nick: string): boolean {
    return this.#occupants.has(nick);
  }

  /** Tells all of them, or all but one. */
  tell(event: Event, except?: string): void {
    for (const [nick, { tell }] of this.#occupants) if (nick !== except) tell?.(event);
  }

  /** @throws NetworkError when the room does not let her in */
  enter({ member, tell, password }: Entrant): RoomState {
    this.#admit(member, password);
    const isFounder = this.#occupants.size === 0 && member.rank === 'participant';
    const entering = plain(isFounder ? { ...member, rank: 'owner' } : member);
    this.tell({ kind: 'joined', room: this.id, member: entering });
    this.#occupants.set(member.nick, {
      member: entering,
      ...(tell === undefined ? {} : { tell }),
    });
    return this.stateFor(member.nick);
  }

  stateFor(nick: string): RoomState {
    const { subject, traits, members } = this;
    return { nick, members, traits, ...(subject === undefined ? {} : { subject }) };
  }

  /** Takes somebody out. She herself is told only when others did it. */
  remove(nick: string, how: Departure, by?: string, reason?: string): void {
    this.member(nick);
    const isForced = how === 'kicked' || how === 'banned';
    const event: Event = {
      kind: 'left',
      room: this.id,
      nick,
      how,
      ...(by === undefined ? {} : { by }),
      ...(reason === undefined ? {} : { reason }),
    };
    this.tell(event, isForced ? undefined : nick);
    this.#occupants.delete(nick);
  }

  rename(nick: string, next: string): void {
    const known = this.#occupants.get(nick);
    const member: Member = { ...this.member(nick), nick: next };
    checkNick(next);
    if (known === undefined || nick === next) return;
    if (this.has(next)) throw new NetworkError('conflict', `Somebody here is called ${next}.`);
    this.#occupants.delete(nick);
    this.#occupants.set(next, { ...known, member });
    this.tell({ kind: 'renamed', room: this.id, nick, member });
  }

  change(nick: string, change: Partial<Omit<Member, 'nick'>>, by?: string): void {
    const member = plain({ ...this.member(nick), ...change });
    const { tell } = this.#occupants.get(nick) ?? {};
    this.#occupants.set(nick, { member, ...(tell === undefined ? {} : { tell }) });
    const event: Event = { kind: 'member', room: this.id, member };
    this.tell(by === undefined ? event : { ...event, by });
  }

  setSubject(text: string, by?: string): void {
    this.subject = { text, at: new Date(), ...(by === undefined ? {} : { by }) };
    this.tell({ kind: 'subject', room: this.id, subject: this.subject });
  }

  setTraits(traits: readonly RoomTrait[], key?: string): void {
    this.traits = traits;
    this.key = key;
    this.tell({ kind: 'traits', room: this.id, traits });
  }

  invite(contact: ContactId): void {
    this.#invited.add(contact);
  }

  /** @throws NetworkError refused, when the one who acts has no right to */
  moderate(by: string, act: Moderation): void {
    this.demand(by, 'moderator');
    switch (act.kind) {
      case 'kick':
        return this.remove(this.#below(by, act.nick), 'kicked', by, act.reason);
      case 'ban': {
        const { contact } = this.member(this.#below(by, act.nick));
        if (contact !== undefined) this.#exclude(contact, act.reason);
        return this.remove(act.nick, 'banned', by, act.reason);
      }
      case 'rank':
        this.#below(by, act.nick);
        return this.change(act.nick, { rank: act.rank }, by);
      case 'exclude':
        return this.#exclude(act.contact, act.reason);
      case 'readmit':
        this.exclusions.delete(act.contact);
        return undefined;
    }
  }

  /** @throws NetworkError refused, when the rank is not high enough */
  demand(nick: string, least: Rank): void {
    if (RANKS.indexOf(this.member(nick).rank) >= RANKS.indexOf(least)) return;
    throw new NetworkError('refused', 'You may not do that in this room.');
  }

  #below(by: string, nick: string): string {
    const isAbove = RANKS.indexOf(this.member(nick).rank) > RANKS.indexOf(this.member(by).rank);
    if (isAbove) throw new NetworkError('refused', `${nick} stands above you in this room.`);
    return nick;
  }

  #exclude(contact: ContactId, reason?: string): void {
    this.exclusions.set(contact, { contact, ...(reason === undefined ? {} : { reason }) });
  }

  #admit({ nick, contact }: Member, password: string | undefined): void {
    checkNick(nick);
    const who = contact ?? contactId('');
    if (this.exclusions.has(who)) throw new NetworkError('refused', 'You are banned from here.');
    if (this.key !== undefined && this.key !== password) {
      throw new NetworkError('key', 'This room wants a password.');
    }
    if (this.traits.includes('members-only') && !this.#invited.has(who)) {
      throw new NetworkError('members-only', 'This room is for those who were invited.');
    }
    if (this.size >= this.capacity) throw new NetworkError('full', 'This room is full.');
    if (this.has(nick)) throw new NetworkError('conflict', `Somebody here is called ${nick}.`);
  }
}

/** What goes without saying is left out. */
function plain({ show, status, ...member }: Member): Member {
  return {
    ...member,
    ...(show === undefined || show === 'online' ? {} : { show }),
    ...(status === undefined || status === '' ? {} : { status }),
  };
}

function checkNick(nick: string): void {
  const isGood = nick !== '' && nick.length <= 64 && nick.trim() === nick && !CONTROL.test(nick);
  if (!isGood) throw new NetworkError('invalid', 'That cannot be a nick here.');
}
