import type { Logger } from 'pino';
import type { ZodType } from 'zod';
import type { Address, AddressBook } from './address.ts';
import type { GatewayCommand } from './command.ts';
import type { ContactCard, Show } from './contact.ts';
import type { Event, TypingState } from './event.ts';
import type { Examination, Finding } from './finding.ts';
import type { ContactId, MessageId, NetworkId, RoomId } from './ids.ts';
import type { Language } from './language.ts';
import type { Memory } from './memory.ts';
import type { File, Outgoing, Sent } from './message.ts';
import type { Exclusion, Moderation, RoomListing, RoomState } from './room.ts';
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
  /** The configured domain. */
  readonly domain: string;
  /** Where the outside reaches {@link Gateway.web}, without a slash at its end; absent when `http.publicUrl` is not set. */
  readonly publicUrl: string | undefined;
  /** What the gateway keeps for itself, whoever its users are. */
  readonly memory: Memory;
  /** The user whose account has this key (see {@link Gateway.keys}): her session's host; the session is opened if need be. */
  find(key: string): Promise<Host | undefined>;
}

/** One configured domain. */
export interface Gateway {
  /** Whether a user who never registered may use rooms and write to contacts. */
  readonly registration: 'required' | 'optional';
  readonly addresses: AddressBook;
  /** What sessions of this gateway can do; decides what disco, forms and commands offer. */
  readonly features: readonly GatewayFeature[];
  /** The networks the administrator has set up, as shown in disco items. Empty when there is but one. */
  readonly networks: readonly { readonly id: NetworkId; readonly name: string }[];
  readonly commands?: readonly GatewayCommand[];
  /**
   * `live` for a network that itself keeps nothing (IRC): messages pass through in memory. With `stored` every message
   * of a user is on disk before `send` is called, is tried again after `unreachable`, `too-fast` and, a few times only,
   * `uncertain`, and expires in the end with an error to her; and `emit` of a `message`, `receipt`, `failed`, `retracted` or `reaction`
   * event answers a promise for the moment when it is on disk, after which the network may be told that it was taken.
   * Messages then must have an id: one that was there before is not told again.
   */
  readonly delivery: 'live' | 'stored';
  /** Sessions of registered users are open from start to stop, whether or not they are there. */
  readonly isAlwaysOn?: boolean;
  /** How clients are told of contacts (XEP-0030): each a person's account, which is meant without this, or a telephone. */
  readonly contactIdentity?: 'account' | 'phone';
  /** What its network takes at most; the core tells users instead of asking the network in vain. */
  readonly limits?: { readonly fileBytes?: number; readonly files?: number };
  /** What users are told of how it treats what they entrust to it; read once, after `create`. */
  readonly dataPolicy?: DataPolicy;
  /**
   * Begins the dialogue of a registration.
   * @param known is the account being changed.
   * @param language is the one to speak to the user, in steps, problems and errors.
   * @param user is her name as administrators write it in options, `alice@example.org`; to be compared, never taken apart.
   */
  signIn(known: Account | undefined, signal: AbortSignal, language: Language, user: string): SignIn;
  /**
   * Makes the session of one user; does no I/O, cannot fail. Called at most once at a time for each user.
   * @param account is `undefined` for a user who has not registered.
   */
  open(account: Account | undefined, host: Host): Session;
  /**
   * What finds this account from outside: the mail address, the phone number. No two users of a gateway have a key in
   * common: the core refuses the second registration with `conflict`.
   */
  keys?(account: Account): readonly string[];
  /**
   * Answers a request to `<publicUrl>/hooks/<domain>/<path>` (provider callbacks) or `<publicUrl>/oauth/<domain>`.
   * `request.url` has the public URL, whatever the Host header said. The body is at most 1 MiB. Called only while the
   * store works; what it rejects with is answered with 500.
   * @param path is what follows the domain, without a slash before it: `twilio/secret`.
   */
  web?(request: Request, path: string): Promise<Response>;
  /** Called once, before the first session is opened: opens listeners of the gateway itself, a mail server's for instance. */
  start?(): Promise<void>;
  /**
   * Looks for what an administrator has to mend outside Causeway: servers of the options that cannot be reached, certificates,
   * credentials, DNS records. Called by `causeway doctor`, in a process of its own, on a gateway that is never started, maybe beside
   * one that is running: it must change nothing, disturb nobody, and tell no secret. Settles soon after the signal
   * aborts, with what was found until then; what is wrong is a finding, not an error. `memory` can be read only.
   */
  diagnose?(examination: Examination): Promise<readonly Finding[]>;
  /**
   * How the connections are that all users share, for `/healthz` and, while this gateway runs, for `causeway doctor`: what is known
   * without asking anybody. For connections that `diagnose` may not open beside it.
   */
  condition?(): readonly Finding[];
  /** Called last, when all sessions have ended. */
  close?(): Promise<void>;
}

/** What holds for all users of a gateway in every case (XEP-0504). What is not known is left out. */
export interface DataPolicy {
  /** It is given the passwords of users, or has no use for any. */
  readonly seesPasswords?: boolean;
  /** Everything goes to its network and comes from there by TLS; `false` when some of it may not. */
  readonly isEncrypted?: boolean;
}

/** An optional method of its sessions. */
export type SessionFeature = Exclude<keyof Session, 'run' | 'send' | 'wasTaken'>;

/**
 * A {@link SessionFeature}, or a part of {@link Outgoing} that the network can carry: `reply`, `thread`, `styles`,
 * `subject`, `files`, `also`; or `receipts`, when it tells of the delivery of messages. For `reply` without the network's own means in a certain
 * place the gateway uses the idiom of its network ("nick: ..."); without the feature the core puts a quotation before the text.
 */
export type GatewayFeature =
  SessionFeature | 'reply' | 'thread' | 'styles' | 'subject' | 'receipts' | 'files' | 'also';

/**
 * One user on one gateway. Methods may be called as soon as `run` was, and fail with `NetworkError`. Each settles
 * in bounded time, at most a minute, whatever the network does.
 */
export interface Session {
  /**
   * Connects, or waits until something needs a connection, and stays until the signal aborts; then says good-bye to
   * the network and resolves within 2 s. Rejects when the session as a whole is lost: the core calls it again
   * after a while, and does not after `NetworkError('credentials')`. A gateway that holds several connections
   * for one user mends them by itself and says so by events. When the registration ends, the reason of the signal is an
   * {@link Unregistered}: what the session owes the user it then tells by `failed` events and notices, before it resolves.
   */
  run(signal: AbortSignal): Promise<void>;
  /**
   * Hands a message to the network. Messages to one address leave in the order of the calls. Resolves when the
   * network has taken it or, where a network confirms nothing, when it was written to the connection; what is
   * refused later is told by a `failed` event. Must not lose anything in silence. Where it can be written at once the answer
   * may be given at once, too, unless one to an earlier message is still to come.
   */
  send(to: Address, message: Outgoing): Promise<Sent> | Sent;
  /**
   * Whether the network has taken a message after all, when an earlier {@link Session.send} of it ended without an answer: by
   * `uncertain`, or because the process died. Without this method, or when it answers `undefined`, the message is sent
   * again with the same key. @throws NetworkError unreachable, when it cannot be found out now
   */
  wasTaken?(to: Address, message: Outgoing): Promise<Sent | undefined>;
  /** Puts a message in the place of an earlier one of the user's. */
  edit?(to: Address, id: MessageId, message: Outgoing): Promise<Sent>;
  /** Takes back a message: the user's own or, with `asModerator`, that of somebody in a room. */
  retract?(
    to: Address,
    id: MessageId,
    how: { readonly asModerator: boolean; readonly reason?: string },
  ): Promise<void>;
  /** All the reactions that the user now has to a message; none takes them back. @throws NetworkError unsupported, for one not allowed */
  react?(to: Address, id: MessageId, emoji: readonly string[]): Promise<void>;
  /** The user has seen this message and all before it. */
  mark?(to: Address, id: MessageId): Promise<void>;
  /** Must be cheap, and may leave out states that came too fast. */
  typing?(to: Address, state: TypingState): Promise<void>;
  /** How the user is to be shown, over all her resources. */
  presence?(show: Show, status?: string): Promise<void>;
  /** Puts a contact on the user's list or takes it off; accepts or refuses what it asked. */
  changeContact?(
    contact: ContactId,
    change: 'add' | 'remove' | 'accept' | 'refuse',
    details?: { readonly name?: string; readonly text?: string },
  ): Promise<void>;
  /**
   * The user wants, or no longer wants, to see whether a contact is there; `contact` events tell her. What she wanted before
   * the session was opened is in {@link Host.watched}.
   */
  watch?(contact: ContactId, isWatched: boolean): Promise<void>;
  /** @throws NetworkError not-found */
  lookup?(contact: ContactId): Promise<ContactCard>;
  /** The rooms that can be found on a network (on the only one, without it); at most a few thousand. */
  rooms?(
    network: NetworkId | undefined,
    filter: { readonly name?: string },
  ): Promise<readonly RoomListing[]>;
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
  /** Who may not enter. */
  exclusions?(room: RoomId): Promise<readonly Exclusion[]>;
  invite?(room: RoomId, contact: ContactId, reason?: string): Promise<void>;
}

/** What the core gives to one session. */
export interface Host {
  readonly log: Logger;
  /** The language to speak to the user in errors and notices; may change while the session is open. */
  readonly language: Language;
  readonly memory: Memory;
  /** The user's name, as {@link Gateway.signIn} gets it: not for others on the network to see. */
  readonly user: string;
  /**
   * The user is to be on the network when none of her resources is there: what she was in when the gateway was
   * stopped, it comes back into by itself. May change while the session is open; absent for no.
   */
  readonly staysConnected?: boolean;
  /** For how long a message of hers is tried before it is given up, where messages are stored. */
  readonly messageLifeMs?: number;
  /** The contacts of whom the user wants to see whether they are there, looked up anew each time; absent for none. */
  readonly watched?: Iterable<ContactId>;
  /**
   * A file of an earlier message of hers, from what the gateway has kept of it: it is fetched again when it is opened. Absent where
   * files of users are not fetched.
   */
  file?(kept: Omit<File, 'open'>): File;
  /**
   * Tells what happened, in order. Answers `undefined` when the event is taken; a promise when the core is behind:
   * then read no more from the network until it resolves. Never throws.
   */
  emit(event: Event): Promise<void> | undefined;
}
