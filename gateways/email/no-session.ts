import { NetworkError } from '../../src/plugin/index.ts';
import type { ContactCard, Host, Sent, Session } from '../../src/plugin/index.ts';
import { texts } from './texts.ts';

/** Of somebody who has no mailbox here: never registered, or at a provider that the administrator took away. */
export class NoSession implements Session {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** @throws NetworkError credentials: nothing but a new registration mends it */
  async run(signal: AbortSignal): Promise<void> {
    if (!signal.aborted) throw this.#error();
  }

  async send(): Promise<Sent> {
    throw this.#error();
  }

  async mark(): Promise<void> {
    throw this.#error();
  }

  async changeContact(): Promise<void> {
    throw this.#error();
  }

  async lookup(): Promise<ContactCard> {
    throw this.#error();
  }

  #error(): NetworkError {
    return new NetworkError('credentials', texts(this.#host.language).registerFirst);
  }
}
