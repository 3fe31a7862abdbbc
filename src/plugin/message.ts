import type { MessageId } from './ids.ts';

/** How a run of the text looks. Whatever else a network knows (colours, fonts) is left out; the text stays. */
export interface Style {
  readonly kind: 'bold' | 'italic' | 'strike' | 'code';
  /** Where it begins and ends in the text, in UTF-16 code units; the end is not part of it. */
  readonly from: number;
  readonly to: number;
}

/** The message that another one answers. */
export interface Reply {
  /** Absent when the core does not know what the network calls it. */
  readonly id?: MessageId;
  /** Who wrote it, by the nick shown then. */
  readonly nick?: string;
  /** The text of it, or its beginning. */
  readonly quote?: string;
}

/** What is said, without who says it. */
export interface Content {
  /** An action ("/me waves") keeps its "/me ". */
  readonly text: string;
  readonly styles?: readonly Style[];
  readonly subject?: string;
  /** The same for all messages of one thread of talk. */
  readonly thread?: string;
  readonly reply?: Reply;
}

/** A message from the user. */
export interface Outgoing extends Content {
  /** The same for every try to send this message, and unlike that of any other. */
  readonly key: string;
  /** May hold any character of XML 1.0, line ends among them: the gateway makes it safe for its network. Never empty. */
  readonly text: string;
}

/** What became of an {@link Outgoing} that the network, or at least the connection to it, has taken. */
export interface Sent {
  /** One message may become several on the network. Empty when the network gives no ids. */
  readonly ids: readonly MessageId[];
}
