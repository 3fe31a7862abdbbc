import type { Address, MessageId } from '../plugin/index.ts';
import type { KnownMessage } from './message-ids.ts';
import type { Sent } from './sent-messages.ts';

/** What most messages of a user in a room have in common. */
export interface Frame {
  readonly chat: Address;
  readonly sender: string;
  readonly receiver: string;
  /** Of the stanza. */
  readonly type: string;
  readonly nick: string;
}

export interface TakenParts extends Pick<KnownMessage, 'id' | 'stanzaId' | 'text' | 'order'> {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const NO_IDS: readonly MessageId[] = [];
/** No XML holds these. */
const BETWEEN = '\0';
const NONE = '\u0001';

/**
 * A message of the user that the network has taken and of which it will say nothing more, but a refusal perhaps. Hundreds
 * are remembered of each user: in little, with one text in place of many, which holds on to nothing that came in with it.
 */
export class TakenMessage implements KnownMessage, Sent {
  readonly #frame: Frame;
  /** Its key, its two ids, and how it begins. */
  readonly #texts: string;
  /** A small number, unlike milliseconds. */
  readonly #atSeconds: number;
  readonly order: number;

  constructor(frame: Frame, { key, id = NONE, stanzaId = NONE, text, at, order }: TakenParts) {
    this.#frame = frame;
    this.#texts = [key, id, stanzaId, text].join(BETWEEN);
    this.#atSeconds = Math.floor(at / 1_000);
    this.order = order;
  }

  get isOwn(): true {
    return true;
  }

  get networkIds(): readonly MessageId[] {
    return NO_IDS;
  }

  get chat(): Address {
    return this.#frame.chat;
  }

  get sender(): string {
    return this.#frame.sender;
  }

  get receiver(): string {
    return this.#frame.receiver;
  }

  get type(): string {
    return this.#frame.type;
  }

  get nick(): string {
    return this.#frame.nick;
  }

  get at(): number {
    return this.#atSeconds * 1_000;
  }

  get key(): string {
    return this.#part(0) ?? '';
  }

  get id(): string | undefined {
    return this.#part(1);
  }

  get stanzaId(): string | undefined {
    return this.#part(2);
  }

  get text(): string {
    return this.#part(3) ?? '';
  }

  #part(index: number): string | undefined {
    const part = this.#texts.split(BETWEEN)[index];
    return part === NONE ? undefined : part;
  }
}
