import type { Logger } from 'pino';
import type { ZodType } from 'zod';
import type { Address, AddressBook } from './address.ts';
import type { Event } from './event.ts';
import type { NetworkId, RoomId } from './ids.ts';
import type { Outgoing, Sent } from './message.ts';
import type { Moderation, RoomState } from './room.ts';
import type { Account, SignIn } from './sign-in.ts';

/** What the module of a gateway exports under the name `gateway`. */
export interface GatewayPlugin<Options = unknown> {
  /** The type of the gateway in the XMPP registrar's list of identities: `irc`, `smtp`, `sms`. */
  readonly type: string;
  /** For people: "IRC". */
  readonly name: string;
  /** Decodes `gateways[].options`; unknown keys are errors, so use strict objects. Also becomes the JSON schema. */
  readonly options: ZodType<Options>;
  /**
   * Called once for each configured domain, before it attaches. Opens nothing yet.
   * @throws Error in words for the administrator when options contradict each other.
   */
  create(options: Options, context: GatewayContext): Gateway;
}

export interface GatewayContext {
  readonly log: Logger;
}

/** One configured domain. */
export interface Gateway {
  /** Whether a user who never registered may use rooms and write to contacts. */
  readonly registration: 'required' | 'optional';
  readonly addresses: AddressBook;
  /** The optional methods that sessions of this gateway have; decides what disco offers. */
  readonly features: readonly SessionFeature[];
  /** The networks the administrator has set up, as shown in disco items. Empty when there is but one. */
  readonly networks: readonly { readonly id: NetworkId; readonly name: string }[];
  /** Begins the dialogue of a registration. @param known is the account being changed. */
  signIn(known: Account | undefined, signal: AbortSignal): SignIn;
  /**
   * Makes the session of one user; does no I/O, cannot fail. Called at most once at a time for each user.
   * @param account is `undefined` for a user who has not registered.
   */
  open(account: Account | undefined, host: Host): Session;
  /** Called last, when all sessions have ended. */
  close?(): Promise<void>;
}

export type SessionFeature = Exclude<keyof Session, 'run' | 'send'>;

/**
 * One user on one gateway. Methods may be called as soon as `run` was, and fail with `NetworkError`. Each settles
 * in bounded time, at most a minute, whatever the network does.
 */
export interface Session {
  /**
   * Connects, or waits until something needs a connection, and stays until the signal aborts; then says good-bye to
   * the network and resolves within 2 s. Rejects when the session as a whole is lost: the core calls it again
   * after a while, and does not after `NetworkError('credentials')`. A gateway that holds several connections
   * for one user mends them by itself and says so by events.
   */
  run(signal: AbortSignal): Promise<void>;
  /**
   * Hands a message to the network. Messages to one address leave in the order of the calls. Resolves when the
   * network has taken it or, where a network confirms nothing, when it was written to the connection; what is
   * refused later is told by a `failed` event. Must not lose anything in silence.
   */
  send(to: Address, message: Outgoing): Promise<Sent>;
  /**
   * Enters a room. Resolves when the state of the room is known; events for it come only after that.
   * While it is under way `leave` may be called.
   */
  join?(
    room: RoomId,
    as: { readonly nick: string; readonly password?: string },
  ): Promise<RoomState>;
  /** Leaves a room; resolves at once where the network confirms nothing. No `left` event for the user herself follows. */
  leave?(room: RoomId, reason?: string): Promise<void>;
  /** Asks for another nick. Resolves when it is taken, after the `renamed` events. @throws NetworkError conflict, invalid, too-fast */
  rename?(room: RoomId, nick: string): Promise<void>;
  /** Resolves when the network has taken it; a `subject` event tells everybody, the user too. */
  setSubject?(room: RoomId, text: string): Promise<void>;
  /** Resolves when done; the events that come of it are told as usual. */
  moderate?(room: RoomId, act: Moderation): Promise<void>;
}

/** What the core gives to one session. */
export interface Host {
  readonly log: Logger;
  /**
   * Tells what happened, in order. Answers `undefined` when the event is taken; a promise when the core is behind:
   * then read no more from the network until it resolves. Never throws.
   */
  emit(event: Event): Promise<void> | undefined;
}
