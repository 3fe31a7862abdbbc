import type { ContactId, MessageId } from './ids.ts';
import type { NetworkError } from './network-error.ts';

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

/** Something that goes with a message. */
export interface File {
  /** Without a path, control characters or what else a file cannot be called: the core sees to it, both ways. */
  readonly name: string;
  /** Its MIME type, `application/octet-stream` when nobody knows. */
  readonly type: string;
  readonly sizeBytes?: number;
  /** Where anybody can fetch it who knows the address; absent when there is no such place. */
  readonly url?: string;
  /**
   * The content. May be called again, for another try. The core fetches a user's file only now.
   * @throws NetworkError too-large, not-found, unreachable
   */
  open(signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

/** Somebody besides the address of the message who gets it, too (XEP-0033). */
export interface Recipient {
  readonly contact: ContactId;
  readonly role: 'to' | 'cc' | 'bcc';
  readonly name?: string;
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
  readonly files?: readonly File[];
  /** Who else gets it; the user herself is not among them. */
  readonly also?: readonly Recipient[];
}

/** A message from the user. */
export interface Outgoing extends Content {
  /** The same for every try to send this message, and unlike that of any other. */
  readonly key: string;
  /**
   * May hold any character of XML 1.0, line ends among them: the gateway makes it safe for its network. Empty only
   * beside files.
   */
  readonly text: string;
  /** When she sent it. */
  readonly at: Date;
  /** She wants to know when it has arrived; a gateway that can ask its network for a proof does so only then. */
  readonly asksReceipt: boolean;
  /** From 1; more than 1 when this very message was handed over before. */
  readonly attempt: number;
}

/** What became of an {@link Outgoing} that the network, or at least the connection to it, has taken. */
export interface Sent {
  /** One message may become several on the network. Empty when the network gives no ids. */
  readonly ids: readonly MessageId[];
  /**
   * Those of several recipients whom the network refused for good; they are not tried again. All others it took, or the gateway sees to
   * it that they get the message later: of whom they do not, a `failed` event tells.
   */
  readonly refused?: readonly { readonly contact: ContactId; readonly error: NetworkError }[];
}
