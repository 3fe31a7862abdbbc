import type { Address } from './address.ts';
import type { Contact } from './contact.ts';
import type { ContactId, MessageId, NetworkId, RoomId } from './ids.ts';
import type { Content } from './message.ts';
import type { NetworkError } from './network-error.ts';
import type { Departure, Member, RoomState, RoomTrait, Subject } from './room.ts';

/** Something that happened on the network. Values are plain, immutable, and free of the network's own syntax. */
export type Event =
  | MessageEvent
  | RoomMessageEvent
  | FailedEvent
  | ReceiptEvent
  | SeenEvent
  | RetractedEvent
  | ReactionEvent
  | TypingEvent
  | ContactEvent
  | ContactListEvent
  | ContactRemovedEvent
  | ContactAsksEvent
  | NetworkEvent
  | RoomEvent
  | JoinedEvent
  | LeftEvent
  | RenamedEvent
  | MemberEvent
  | SubjectEvent
  | TraitsEvent
  | InvitedEvent
  | RoomLostEvent
  | NoticeEvent;

/** What messages of contacts and of rooms have in common. */
interface Received extends Content {
  readonly id?: MessageId;
  /** When it was sent, if that was not just now. */
  readonly at?: Date;
  /** The earlier message that this one stands for from now on, by the same author. */
  readonly replaces?: MessageId;
}

/** A contact writes to the user. */
export interface MessageEvent extends Received {
  readonly kind: 'message';
  readonly from: ContactId;
  /** How the contact writes its own name, case kept. */
  readonly nick?: string;
  /**
   * The user has not agreed to hear from this contact. She is asked (a subscription request with the beginning of
   * the text), and the core keeps the message until she agrees; when she refuses, it is dropped.
   */
  readonly isUninvited?: boolean;
  /** The user wrote it to this contact with another program. What `send` resolves for is not told again. */
  readonly isOwn?: boolean;
}

/**
 * Somebody writes in a room that the user is in. What she writes through the core is not told: the core shows it when
 * `send` resolves. What she writes with another program is, under her nick.
 */
export interface RoomMessageEvent extends Received {
  readonly kind: 'room-message';
  readonly room: RoomId;
  /** Absent when the room itself, or a server, speaks. */
  readonly nick?: string;
  /** As in {@link Member}. */
  readonly identity?: string;
  /** The network tells again what was said before: what the core knows of it already is left out. */
  readonly isPast?: boolean;
}

/** A message that `send` had handed over was refused after all. */
export interface FailedEvent {
  readonly kind: 'failed';
  readonly to: Address;
  /** That of the {@link Outgoing}. */
  readonly key: string;
  readonly error: NetworkError;
}

/** The network proves that a message of the user has arrived, or was seen. Never told on a mere guess. */
export interface ReceiptEvent {
  readonly kind: 'receipt';
  readonly to: Address;
  /** One of those that `send` resolved to. */
  readonly id: MessageId;
  /** `displayed` counts for all messages before it, too. */
  readonly state: 'delivered' | 'displayed';
  /** In a room: whose receipt it is. */
  readonly nick?: string;
}

/**
 * The user has seen what a contact wrote, with another program. Counts for all messages before it, too. Her clients are told
 * where her server lets us; what she sees here, which comes as `mark`, is not to be told again.
 */
export interface SeenEvent {
  readonly kind: 'seen';
  readonly chat: Address;
  /** That of the message. */
  readonly id: MessageId;
}

/** A message was taken back. */
export interface RetractedEvent {
  readonly kind: 'retracted';
  /** The contact or the room that it was seen in. */
  readonly chat: Address;
  readonly id: MessageId;
  /** In a room: who took it back; absent when the room did. */
  readonly nick?: string;
  /** Somebody with the right to it took back what another had written. */
  readonly isModeration?: boolean;
  readonly reason?: string;
}

/** All the reactions that one person now has to one message; none when they were taken back. */
export interface ReactionEvent {
  readonly kind: 'reaction';
  readonly chat: Address;
  readonly id: MessageId;
  /** In a room: who. */
  readonly nick?: string;
  readonly emoji: readonly string[];
}

/** What somebody's hands do. `done` when neither writing nor about to go on. */
export type TypingState = 'typing' | 'paused' | 'done';

export interface TypingEvent {
  readonly kind: 'typing';
  readonly chat: Address;
  /** In a room: who. */
  readonly nick?: string;
  readonly state: TypingState;
}

/** Something about a contact is known anew: whether it is there, its name, its avatar. */
export interface ContactEvent {
  readonly kind: 'contact';
  readonly contact: Contact;
}

/** The user's list of contacts as the network keeps it. Contacts that are absent are removed only from a complete one. */
export interface ContactListEvent {
  readonly kind: 'contact-list';
  readonly contacts: readonly Contact[];
  readonly isComplete: boolean;
}

/** A contact is no longer on the user's list, or has taken the user from its own. */
export interface ContactRemovedEvent {
  readonly kind: 'contact-removed';
  readonly contact: ContactId;
}

/** A contact asks whether it may see the user's presence, or write to her; answered by `changeContact`. */
export interface ContactAsksEvent {
  readonly kind: 'contact-asks';
  readonly contact: ContactId;
  readonly name?: string;
  readonly text?: string;
}

/** The connection to one network came up or went down. Told once for each change. */
export interface NetworkEvent {
  readonly kind: 'network';
  /** Absent where there is but one: `online` then only says that what waits can be sent now. */
  readonly network?: NetworkId;
  readonly state: 'connecting' | 'online' | 'offline';
  /** For people: why it is offline, for instance. */
  readonly text?: string;
}

/** A room as it now is: after the gateway has joined it again by itself, or when the network put the user there. */
export interface RoomEvent {
  readonly kind: 'room';
  readonly room: RoomId;
  readonly state: RoomState;
  /** She was in it before the gateway was stopped: none of her clients is asked in. */
  readonly isKept?: boolean;
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

/** Something else about a member changed: the rank, whether she is away. */
export interface MemberEvent {
  readonly kind: 'member';
  readonly room: RoomId;
  readonly member: Member;
  /** Who changed the rank. */
  readonly by?: string;
}

export interface SubjectEvent {
  readonly kind: 'subject';
  readonly room: RoomId;
  readonly subject: Subject;
}

/** All that is now special about the room. */
export interface TraitsEvent {
  readonly kind: 'traits';
  readonly room: RoomId;
  readonly traits: readonly RoomTrait[];
}

/** Somebody asks the user into a room. */
export interface InvitedEvent {
  readonly kind: 'invited';
  readonly room: RoomId;
  readonly by?: ContactId;
  readonly reason?: string;
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

/**
 * The network has something to say to the user that belongs to no chat. From a gateway with `delivery: 'stored'` it is kept like a
 * message until she has it, unless it is from one of several networks.
 */
export interface NoticeEvent {
  readonly kind: 'notice';
  /** The same when it is told again; what is kept is then not told twice. */
  readonly id?: MessageId;
  readonly network?: NetworkId;
  readonly text: string;
}
