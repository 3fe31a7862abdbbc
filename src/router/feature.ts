import type { UndeliveredEvent } from '../delivery/stored-event.ts';
import type { Event, Language } from '../plugin/index.ts';
import type { Output, Written } from '../session/mailbox.ts';
import type { UserSession } from '../session/user-session.ts';
import type { XmlElement } from '../xml/element.ts';
import type { Context, Target, TargetKind } from './context.ts';

/** A context whose target is known to be of these kinds, as its route says. */
export interface ContextOf<Kind extends TargetKind> extends Context {
  readonly target: Extract<Target, { readonly kind: Kind }>;
}

/** The answer to an IQ: the payload of its result, if any, and stanzas to write before and behind it. */
export interface IqReply {
  readonly before?: readonly XmlElement[];
  readonly payload?: XmlElement;
  readonly after?: readonly XmlElement[];
}

/**
 * What has to be true before a handler is asked: `allowed` the sender may use this gateway at all
 * (`registration.allow`); `account` she may, and has registered where the gateway requires it.
 */
export type Precondition = 'allowed' | 'account';

export interface IqRoute {
  readonly stanza: 'iq';
  readonly type: 'get' | 'set';
  /** Name and namespace of the payload; no name stands for all of the namespace. */
  readonly payload: { readonly name?: string; readonly namespace: string };
  readonly targets: readonly TargetKind[];
  readonly needs?: Precondition;
  handle(context: Context, payload: XmlElement): IqReply | Promise<IqReply>;
}

export interface StanzaRoute {
  readonly stanza: 'message' | 'presence';
  readonly types: readonly string[];
  readonly targets: readonly TargetKind[];
  readonly needs?: Precondition;
  /** Which of these stanzas it takes; those that it does not are for the next route. */
  isFor?(context: Context): boolean;
  /** Runs in the user's mailbox, in order. */
  handle(context: Context, session: UserSession): Written | Promise<Written>;
}

export type Route = IqRoute | StanzaRoute;

export interface Identity {
  readonly category: string;
  readonly type: string;
  readonly name?: string;
  /** The name in the language of who asks; without a node, for the hash of what we are is over the English ones. */
  readonly named?: (language: Language) => string;
}

/** What networks tell, and what delivery has to tell of itself. */
export type HandledEvent = Event | UndeliveredEvent;

export type EventHandlers = {
  readonly [Kind in HandledEvent['kind']]?: (
    session: UserSession,
    event: Extract<HandledEvent, { readonly kind: Kind }>,
    /** Gives the ids of the stanzas: the same ones whenever an event is told that was stored. */
    nextId: () => string,
  ) => Output | Promise<Output>;
};

/** What disco#info says of one address besides what it says of all of its kind (XEP-0030, XEP-0128). */
export interface InfoPart {
  readonly identities?: readonly Identity[];
  readonly namespaces?: readonly string[];
  readonly forms?: readonly XmlElement[];
}

export interface DiscoItem {
  readonly jid: string;
  readonly name?: string;
  readonly node?: string;
}

export interface ItemsPart {
  readonly items: readonly DiscoItem[];
  /** Which part of all items this is (XEP-0059). */
  readonly set?: XmlElement;
}

/** A question of disco about one address. The session is there when something is known of the user. */
export interface DiscoQuestion {
  readonly context: Context;
  readonly query: XmlElement;
  /** Empty for the address itself. */
  readonly node: string;
  readonly session: UserSession | undefined;
}

/** One XEP, or one property of a room, in both directions. disco#info is made from what stands here. */
export interface Feature {
  readonly identities?: Partial<Readonly<Record<TargetKind, readonly Identity[]>>>;
  readonly namespaces?: Partial<Readonly<Record<TargetKind, readonly string[]>>>;
  /** What changes with the address or the user. Asked with a node, a feature answers only for nodes of its own. */
  info?(question: DiscoQuestion): InfoPart | undefined | Promise<InfoPart | undefined>;
  items?(question: DiscoQuestion): ItemsPart | undefined | Promise<ItemsPart | undefined>;
  readonly routes?: readonly Route[];
  readonly events?: EventHandlers;
  /** The stream is attached, again perhaps: what was known of others on the old one is void. */
  attached?(): void;
  /** A user's registration is about to end: what is kept of her is still there. */
  unregistering?(session: UserSession): void;
}
