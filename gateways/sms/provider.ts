import type { Logger } from 'pino';
import type { Examination, File, Finding, Memory } from '../../src/plugin/index.ts';
import type { Party } from './party.ts';
import type { Encoding } from './segments.ts';
import type { TextState } from './text-state.ts';

/** A text on its way out, checked and cut. */
export interface TextOut {
  /** The same for every try. */
  readonly key: string;
  /** Our number, as the administrator wrote it. */
  readonly from: string;
  readonly to: Party;
  readonly text: string;
  readonly encoding: Encoding;
  readonly parts: readonly string[];
  readonly files: readonly File[];
  readonly at: Date;
  readonly asksReceipt: boolean;
  /** Comes back with what is told of this text; opaque, safe in a URL. */
  readonly ticket: string;
}

/** A text that came in. */
export interface TextIn {
  /** What the provider calls it: the same when it is told again, and unlike that of any other. */
  readonly id: string;
  /** As the provider writes them. */
  readonly from: string;
  readonly to: string;
  readonly text: string;
  /** How many bytes it has when it is no text, but something for programs of a phone: a WAP push, a ring tone. */
  readonly bytes?: number;
  readonly at?: Date;
  readonly files?: readonly File[];
  /** What the provider says the text did: the sender wants no more texts, or wants them again. */
  readonly optOut?: 'stop' | 'start';
}

/** What became of a text. */
export interface Report {
  readonly ticket: string;
  readonly state: TextState;
  readonly failure?: Failure;
}

/** Why a text failed: ours to translate, theirs to quote. */
export interface Failure {
  readonly reason: FailureReason;
  /** The provider's name, code and words, such as "Twilio 30003: Unreachable destination handset". */
  readonly detail: string;
}

export type FailureReason =
  | 'absent'
  | 'blocked'
  | 'bad-number'
  | 'bad-sender'
  | 'country'
  | 'opted-out'
  | 'filtered'
  | 'expired'
  | 'too-large'
  | 'bad-media'
  | 'unknown';

/** Where a text went that came in: nobody may have that number. */
export type Reception = 'stored' | 'unknown-number';

/** What a provider can do besides carrying plain texts. */
export interface Capabilities {
  /** Undefined when it carries no files. */
  readonly files: { readonly count: number; readonly bytes: number } | undefined;
  /** Texts to several who see each other. */
  readonly groups: boolean;
  /** A name as sender. */
  readonly names: boolean;
  /** It tells when a text has arrived. */
  readonly receipts: boolean;
}

/**
 * One carrier of texts: a web service, an SMSC, a modem. A provider of another kind is one file that makes one of these,
 * and its options.
 */
export interface Provider {
  readonly capabilities: Capabilities;
  /** Opens what has to be open; called once. Does not wait for the other side. */
  start?(): Promise<void>;
  /**
   * Hands a text over; resolves when it was taken.
   * @throws NetworkError; `uncertain` when it may have been taken
   */
  send(text: TextOut, signal: AbortSignal): Promise<void>;
  /** Whether it has taken a text when nobody heard its answer; `undefined` when it cannot tell. */
  find?(text: TextOut, signal: AbortSignal): Promise<boolean | undefined>;
  /** Answers a request to its webhook. @param path behind the type and the secret */
  web?(request: Request, path: string): Promise<Response>;
  /** As `Gateway.diagnose`; the provider was not started. */
  diagnose?(examination: Examination): Promise<readonly Finding[]>;
  /** As `Gateway.condition`. */
  condition?(): Finding;
  health(): Health;
  close(): Promise<void>;
}

export interface Health {
  readonly isUp: boolean;
  /** One line for administrators. */
  readonly text: string;
}

/** What a provider is given. */
export interface Desk {
  readonly log: Logger;
  /** Where the provider's callbacks go to; absent when the gateway has no address outside. */
  readonly hookUrl: string | undefined;
  readonly memory: Memory;
  /** The country that the provider's numbers without a beginning belong to. */
  readonly region: string | undefined;
  /** Resolves when the text is on disk: then the provider may be told so. Rejects when it could not be stored now. */
  received(text: TextIn): Promise<Reception>;
  /** The same for a state. A ticket that is not ours is ignored. */
  reported(report: Report): Promise<void>;
}
