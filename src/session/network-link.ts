import { soon } from '../in-time.ts';
import { NetworkError, Unregistered } from '../plugin/index.ts';
import type { Account, Gateway, Host, Session } from '../plugin/index.ts';

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 300_000;
const PATIENCE_MS = 3_000;

export interface NetworkLinkEvents {
  /** The session as a whole is lost; it is tried again unless the account was refused. */
  lost(error: unknown, isFinal: boolean): void;
  /** The session was told to run, perhaps again: its methods may be called. */
  running(): void;
  /** It was ended from our side. */
  closed(): void;
}

/** The gateway's session of one user: opened when first needed, run and run again, closed for good. */
export class NetworkLink {
  readonly #gateway: Gateway;
  readonly #host: Host;
  readonly #events: NetworkLinkEvents;
  #session: Session | undefined;
  #abort: AbortController | undefined;
  #running: Promise<void> | undefined;

  constructor(gateway: Gateway, host: Host, events: NetworkLinkEvents) {
    this.#gateway = gateway;
    this.#host = host;
    this.#events = events;
  }

  get session(): Session | undefined {
    return this.#session;
  }

  /** The session, opened now if there is none. */
  open(account: Account | undefined): Session {
    if (this.#session !== undefined) return this.#session;
    const session = this.#gateway.open(account, this.#host);
    const abort = new AbortController();
    this.#session = session;
    this.#abort = abort;
    this.#running = this.#keepRunning(session, abort.signal);
    return session;
  }

  /** Says good-bye to the network. Resolves when the gateway has let go, at the latest after 3 s. */
  close(): Promise<void> {
    return this.#close(undefined);
  }

  /** The same when the registration ends: the session is told, and one that was not open is opened for that alone. */
  async end(account: Account | undefined): Promise<void> {
    const reason = new Unregistered();
    if (this.#session !== undefined) return this.#close(reason);
    const session = this.#gateway.open(account, this.#host);
    await soon(
      session.run(AbortSignal.abort(reason)).catch(() => undefined),
      PATIENCE_MS,
    );
  }

  async #close(reason: Error | undefined): Promise<void> {
    const running = this.#running;
    this.#abort?.abort(reason);
    this.#session = undefined;
    this.#abort = undefined;
    this.#running = undefined;
    if (running === undefined) return;
    this.#events.closed();
    await soon(running, PATIENCE_MS);
  }

  async #keepRunning(session: Session, signal: AbortSignal): Promise<void> {
    let delayMs = FIRST_RETRY_MS;
    while (!signal.aborted) {
      const startedAt = performance.now();
      try {
        const running = session.run(signal);
        this.#events.running();
        await running;
        return;
      } catch (error) {
        if (signal.aborted) return;
        const isFinal = error instanceof NetworkError && error.kind === 'credentials';
        this.#events.lost(error, isFinal);
        if (isFinal) return this.#forget(session);
        if (performance.now() - startedAt > 60_000) delayMs = FIRST_RETRY_MS;
      }
      await pause(delayMs * (0.5 + Math.random()), signal);
      delayMs = Math.min(delayMs * 2, LAST_RETRY_MS);
    }
  }

  #forget(session: Session): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    this.#abort = undefined;
    this.#running = undefined;
  }
}

function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, durationMs);
    signal.addEventListener('abort', done);
  });
}
