import { once } from 'node:events';
import smpp from 'smpp';
import type { Pdu, Session } from 'smpp';

/** What an ESME has handed over. */
export interface Submitted {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly pdu: Pdu;
}

/** An SMSC (SMPP 3.4) on loopback, by the server side of the package `smpp`. */
export class Smsc {
  readonly submitted: Submitted[] = [];
  readonly binds: Pdu[] = [];
  /** Every request, by its command. */
  readonly said: string[] = [];
  /** Manners that a test may change at any time. */
  readonly behaviours = {
    /** Statuses for the next submits, before they are taken again. */
    refuse: [] as number[],
    /** So many submits more are taken without an answer, and the connection ends. */
    mute: 0,
    /** What becomes of each text; `undefined`: nothing is told. */
    stat: undefined as string | undefined,
    password: 'secret',
    /** Lets in one at a time. */
    isForOne: false,
    /** Says nothing any more. */
    isSilent: false,
  };
  readonly #server = smpp.createServer((session) => this.#serve(session));
  readonly #sessions = new Set<Session>();
  readonly #waiting = new Set<() => void>();
  #port: number;
  #serial = 0;

  constructor(port = 0) {
    this.#port = port;
  }

  async start(): Promise<this> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
    return this;
  }

  get port(): number {
    return this.#port;
  }

  get isBound(): boolean {
    return this.#sessions.size > 0;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.dropAll();
    for (const session of this.#server.sessions) session.destroy();
    await closed;
  }

  /** Cuts all connections without a word. */
  dropAll(): void {
    for (const session of this.#sessions) session.destroy();
  }

  /** A phone writes: one deliver_sm. @returns the status of the answer */
  async deliver(fields: Readonly<Record<string, unknown>>): Promise<number> {
    await this.until(() => this.isBound, 'an ESME that is bound');
    const session = [...this.#sessions].at(-1);
    return new Promise((resolve, reject) => {
      const gone = (): void => reject(new Error('the ESME went away without an answer'));
      session?.socket.once('close', gone);
      const pdu = new smpp.PDU('deliver_sm', { source_addr_ton: 1, dest_addr_ton: 1, ...fields });
      const isWritten = session?.send(pdu, ({ command_status }) => {
        session.socket.off('close', gone);
        resolve(command_status);
      });
      if (isWritten !== true) gone();
    });
  }

  /** Tells what has become of a text (appendix B). */
  report({ id, from, to }: Submitted, stat: string, error = '000'): Promise<number> {
    return this.deliver({
      esm_class: 0x04,
      source_addr: to,
      destination_addr: from,
      short_message: `id:${id} sub:001 dlvrd:001 submit date:2611240000 done date:2611240001 stat:${stat} err:${error} text:`,
    });
  }

  /** Resolves when it is true; looked at after whatever comes in. */
  until(isTrue: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (!isTrue()) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`the SMSC never saw ${what}`));
      }, 10_000);
      this.#waiting.add(check);
      check();
    });
  }

  #serve(session: Session): void {
    session.on('error', () => session.destroy());
    session.on('close', () => {
      this.#sessions.delete(session);
      this.#look();
    });
    session.on('pdu', (pdu: Pdu) => {
      if (this.behaviours.isSilent || pdu.isResponse()) return;
      this.said.push(pdu.command);
      if (pdu.command === 'submit_sm') this.#take(session, pdu);
      else if (pdu.command.startsWith('bind_')) this.#bind(session, pdu);
      else session.send(pdu.response());
      if (pdu.command === 'unbind') session.close();
      this.#look();
    });
  }

  #bind(session: Session, pdu: Pdu): void {
    this.binds.push(pdu);
    const { password, isForOne } = this.behaviours;
    const refusal = pdu.password === password ? (isForOne && this.isBound ? 0x05 : 0) : 0x0e;
    session.send(pdu.response({ command_status: refusal, system_id: 'SMSC' }));
    // A transmitter is told nothing.
    if (refusal === 0 && pdu.command === 'bind_transceiver') this.#sessions.add(session);
  }

  #take(session: Session, pdu: Pdu): void {
    const status = this.behaviours.refuse.shift() ?? 0;
    if (status !== 0) {
      session.send(pdu.response({ command_status: status }));
      return;
    }
    this.#serial += 1;
    const payload = pdu.message_payload?.message ?? '';
    const text = payload.length > 0 ? payload : (pdu.short_message?.message ?? '');
    const submitted = {
      id: this.#serial.toString(16).padStart(8, '0'),
      from: pdu.source_addr ?? '',
      to: pdu.destination_addr ?? '',
      text: typeof text === 'string' ? text : text.toString('latin1'),
      pdu,
    };
    this.submitted.push(submitted);
    if (this.behaviours.mute > 0) {
      this.behaviours.mute -= 1;
      session.destroy();
      return;
    }
    session.send(pdu.response({ message_id: submitted.id }));
    const { stat } = this.behaviours;
    if (stat !== undefined && (pdu.registered_delivery ?? 0) > 0) {
      this.report(submitted, stat).catch(() => undefined);
    }
  }

  #look(): void {
    for (const check of this.#waiting) check();
  }
}
