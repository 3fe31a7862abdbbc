import type { MessageId } from './ids.ts';

/** A message from the user. */
export interface Outgoing {
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
