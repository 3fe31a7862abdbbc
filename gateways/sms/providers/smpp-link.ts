import type { Logger } from 'pino';
import type smpp from 'smpp';
import type { Pdu, Session } from 'smpp';
import { ProviderError } from '../provider-error.ts';
import type { SmppOptions } from '../provider-options.ts';
import { OK, statusOf } from './smpp-codes.ts';

type Library = typeof smpp;

/** SMPP 3.4 §4.1: a transceiver that binds, is kept alive, and comes back when it was lost. */
export class SmppLink {
  readonly #options: SmppOptions;
  readonly #log: Logger;
  readonly #deliver: (pdu: Pdu) => Promise<number>;
  readonly #waiting = new Set<(error: ProviderError) => void>();
  #library: Library | undefined;
  #session: Session | undefined;
  #isBound = false;
  #isClosed = false;
  #attempts = 0;
  #trouble = 'not bound yet';
  #timer: NodeJS.Timeout | undefined;
  #beat: NodeJS.Timeout | undefined;

  /** @param deliver takes a deliver_sm and answers the status for it */
  constructor(options: SmppOptions, log: Logger, deliver: (pdu: Pdu) => Promise<number>) {
    this.#options = options;
    this.#log = log;
    this.#deliver = deliver;
  }

  get isBound(): boolean {
    return this.#isBound;
  }

  get trouble(): string {
    return this.#trouble;
  }

  async start(): Promise<void> {
    this.#library = (await import('smpp')).default;
    this.#connect();
  }

  /** @throws ProviderError down before it is written, uncertain when no answer came */
  async submit(fields: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<Pdu> {
    if (!this.#isBound) throw new ProviderError('down', `SMPP: ${this.#trouble}`);
    return this.#request('submit_sm', fields, signal);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    const session = this.#session;
    if (session !== undefined && this.#isBound) {
      await this.#request('unbind', {}, AbortSignal.timeout(500)).catch(() => undefined);
    }
    session?.destroy();
    this.#lost('closed');
  }

  #connect(): void {
    if (this.#library === undefined || this.#isClosed) return;
    const { host, port, tls, responseTimeoutMs } = this.#options;
    const session = this.#library.connect({ host, port, tls });
    this.#session = session;
    const isCurrent = (): boolean => this.#session === session;
    session.socket.setTimeout(responseTimeoutMs, () => {
      if (isCurrent() && !this.#isBound) session.destroy();
    });
    session.on('error', (error: unknown) => {
      this.#trouble = error instanceof Error ? error.message : 'connection error';
      session.destroy();
    });
    session.on('close', () => {
      if (isCurrent()) this.#lost(this.#isBound ? 'the connection was lost' : this.#trouble);
    });
    session.once(tls ? 'secureConnect' : 'connect', () => {
      this.#bind(session).catch((error: unknown) => {
        this.#trouble = error instanceof Error ? error.message : 'bind failed';
        session.destroy();
      });
    });
    session.on('pdu', (pdu: Pdu) => this.#take(session, pdu));
  }

  async #bind(session: Session): Promise<void> {
    const { systemId, password, systemType, responseTimeoutMs } = this.#options;
    const answer = await this.#request(
      'bind_transceiver',
      {
        system_id: systemId,
        password,
        system_type: systemType,
        interface_version: 0x34,
        addr_ton: 0,
        addr_npi: 0,
        address_range: '',
      },
      AbortSignal.timeout(responseTimeoutMs),
    );
    if (answer.command_status !== OK) {
      const [name, what] = statusOf(answer.command_status);
      if (what === 'refuses') this.#log.error({ status: name }, 'the SMSC refuses the bind');
      throw new ProviderError('down', `the SMSC refuses the bind: ${name}`);
    }
    if (this.#session !== session) return;
    this.#isBound = true;
    this.#attempts = 0;
    this.#trouble = '';
    this.#log.info('bound to the SMSC');
    this.#keepAlive();
  }

  #take(session: Session, pdu: Pdu): void {
    if (pdu.isResponse()) return;
    if (this.#isBound) this.#keepAlive();
    if (pdu.command === 'deliver_sm' || pdu.command === 'data_sm') {
      this.#deliver(pdu)
        .then((status) => session.send(pdu.response({ command_status: status })))
        .catch((error: unknown) => {
          // Not answered: the SMSC will try again.
          this.#log.error({ err: error }, 'a deliver_sm could not be handled');
        });
      return;
    }
    if (pdu.command === 'alert_notification' || pdu.command === 'outbind') return;
    session.send(pdu.response());
    if (pdu.command === 'unbind') session.close();
  }

  /** After a silence the link is tried (§4.11); without an answer it counts as dead. */
  #keepAlive(): void {
    clearTimeout(this.#beat);
    this.#beat = setTimeout(() => {
      this.#request('enquire_link', {}, AbortSignal.timeout(this.#options.responseTimeoutMs)).then(
        () => this.#isBound && this.#keepAlive(),
        () => this.#session?.destroy(),
      );
    }, this.#options.enquireLinkMs);
  }

  #request(
    command: string,
    fields: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<Pdu> {
    const session = this.#session;
    const library = this.#library;
    if (session === undefined || library === undefined) {
      return Promise.reject(new ProviderError('down', `SMPP: ${this.#trouble}`));
    }
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(fail);
        signal.removeEventListener('abort', stop);
      };
      const fail = (error: ProviderError): void => {
        end();
        reject(error);
      };
      const stop = (): void => fail(new ProviderError('uncertain', 'SMPP: no answer in time'));
      const timer = setTimeout(stop, this.#options.responseTimeoutMs);
      this.#waiting.add(fail);
      signal.addEventListener('abort', stop, { once: true });
      const isWritten = session.send(new library.PDU(command, fields), (answer) => {
        end();
        resolve(answer);
      });
      if (!isWritten) fail(new ProviderError('down', 'SMPP: the connection is closing'));
    });
  }

  #lost(why: string): void {
    clearTimeout(this.#beat);
    if (this.#isBound) this.#log.warn({ why }, 'the SMSC is gone');
    this.#isBound = false;
    this.#session = undefined;
    this.#trouble = why;
    for (const fail of this.#waiting) fail(new ProviderError('uncertain', `SMPP: ${why}`));
    if (this.#isClosed) return;
    const { reconnectMinMs, reconnectMaxMs } = this.#options;
    const longest = Math.min(reconnectMaxMs, reconnectMinMs * 2 ** Math.min(this.#attempts, 16));
    this.#attempts += 1;
    // With jitter, so that gateways do not all come back at once.
    this.#timer = setTimeout(() => this.#connect(), longest * (0.5 + Math.random() / 2));
  }
}
