import type { Address } from './address.ts';
import type { ContactId, MessageId, NetworkId, RoomId } from './ids.ts';
import type { NetworkError } from './network-error.ts';
import type { Departure, Member, RoomState, Subject } from './room.ts';

/** Something that happened on the network. Values are plain, immutable, and free of the network's own syntax. */
export type Event =
  | MessageEvent
  | RoomMessageEvent
  | FailedEvent
  | NetworkEvent
  | RoomEvent
  | JoinedEvent
  | LeftEvent
  | RenamedEvent
  | RankedEvent
  | SubjectEvent
  | RoomLostEvent
  | NoticeEvent;

/** A contact writes to the user. */
export interface MessageEvent {
  readonly kind: 'message';
  readonly from: ContactId;
  /** How the contact writes its own name, case kept. */
  readonly nick?: string;
  readonly id?: MessageId;
  /** When it was sent, if that was not just now. */
  readonly at?: Date;
  /** An action ("/me waves") keeps its "/me ". */
  readonly text: string;
}

/** Somebody writes in a room that the user is in. The user's own words are not told: the core shows them when `send` resolves. */
export interface RoomMessageEvent {
  readonly kind: 'room-message';
  readonly room: RoomId;
  /** Absent when the room itself, or a server, speaks. */
  readonly nick?: string;
  readonly id?: MessageId;
  readonly at?: Date;
  readonly text: string;
}

/** A message that `send` had handed over was refused after all. */
export interface FailedEvent {
  readonly kind: 'failed';
  readonly to: Address;
  /** That of the {@link Outgoing}. */
  readonly key: string;
  readonly error: NetworkError;
}

/** The connection to one network came up or went down. Told once for each change. */
export interface NetworkEvent {
  readonly kind: 'network';
  readonly network: NetworkId;
  readonly state: 'connecting' | 'online' | 'offline';
  /** For people: why it is offline, for instance. */
  readonly text?: string;
}

/** A room as it now is: after the gateway has joined it again by itself, or when the network put the user there. */
export interface RoomEvent {
  readonly kind: 'room';
  readonly room: RoomId;
  readonly state: RoomState;
}

/** Somebody else came in. */
export interface JoinedEvent {
  readonly kind: 'joined';
  readonly room: RoomId;
  readonly member: Member;
}

/** Somebody, perhaps the user herself, is gone. */
export interface LeftEvent {
  readonly kind: 'left';
  readonly room: RoomId;
  readonly nick: string;
  readonly how: Departure;
  /** The nick of who did it, for `kicked` and `banned`. */
  readonly by?: string;
  readonly reason?: string;
}

/** Somebody, perhaps the user herself, has another nick. Told for each room. */
export interface RenamedEvent {
  readonly kind: 'renamed';
  readonly room: RoomId;
  readonly nick: string;
  readonly member: Member;
}

/** Somebody's rank changed. */
export interface RankedEvent {
  readonly kind: 'ranked';
  readonly room: RoomId;
  readonly member: Member;
  readonly by?: string;
}

export interface SubjectEvent {
  readonly kind: 'subject';
  readonly room: RoomId;
  readonly subject: Subject;
}

/**
 * The user is out of a room without her doing. With `returning` the gateway goes on trying to come back and
 * will tell a {@link RoomEvent} or, in the end, this event again without it.
 */
export interface RoomLostEvent {
  readonly kind: 'room-lost';
  readonly room: RoomId;
  readonly returning: boolean;
  readonly error: NetworkError;
}

/** The network has something to say to the user that belongs to no chat. */
export interface NoticeEvent {
  readonly kind: 'notice';
  readonly network?: NetworkId;
  readonly text: string;
}
