import { createHash } from 'node:crypto';
import type { Examination, Finding } from '../../../src/plugin/index.ts';
import { encodeGsm7 } from '../alphabet.ts';
import { dialled } from '../party.ts';
import { ProviderError } from '../provider-error.ts';
import type { Capabilities, Desk, Health, Provider, TextOut } from '../provider.ts';
import type { SmppOptions } from '../provider-options.ts';
import type { Encoding } from '../segments.ts';
import { examinePlace } from './reach.ts';
import { OK, statusOf } from './smpp-codes.ts';
import { SmppInbox } from './smpp-inbox.ts';
import { examineBind } from './smpp-visit.ts';
import { SmppLink } from './smpp-link.ts';
import { SmppReceipts } from './smpp-receipts.ts';

/** §5.2.12, §5.2.17, §5.2.19. */
const UDH_INDICATOR = 0x40;
const RECEIPT_ALWAYS = 0x01;
const RECEIPT_OF_FAILURE = 0x02;
const DATA_CODING: Readonly<Record<Encoding, number>> = { gsm7: 0x00, ucs2: 0x08 };
const BUSY_MS = 1_000;
const MAX_BUSY_MS = 30_000;
const MAX_UNFINISHED = 1_000;

/** SMPP 3.4: a connection to an SMSC, or to a provider that speaks like one. */
export function createSmpp(options: SmppOptions, desk: Desk): Provider {
  return new SmppProvider(options, desk);
}

class SmppProvider implements Provider {
  readonly capabilities: Capabilities = {
    files: undefined,
    groups: false,
    names: true,
    receipts: true,
  };
  readonly #options: SmppOptions;
  readonly #link: SmppLink;
  readonly #receipts: SmppReceipts;
  readonly #inbox: SmppInbox;
  /** How many parts of a text were taken when the next was not: another try goes on from there. */
  readonly #unfinished = new Map<string, number>();
  #busyMs = BUSY_MS;
  #pausedUntil = 0;

  constructor(options: SmppOptions, desk: Desk) {
    this.#options = options;
    this.#receipts = new SmppReceipts(desk);
    this.#inbox = new SmppInbox(desk, this.#receipts);
    this.#link = new SmppLink(options, desk.log, (pdu) => this.#inbox.take(pdu));
  }

  async start(): Promise<void> {
    await this.#inbox.start();
    await this.#link.start();
  }

  /** To bind beside a gateway that runs might end its link: some let in one only. */
  async diagnose({ isRunning, signal }: Examination): Promise<readonly Finding[]> {
    const { host, port, tls } = this.#options;
    const place = await examinePlace({ host, port, isTls: tls }, signal);
    if (place.verdict === 'trouble' || isRunning === true) return [place];
    if (isRunning === false) return [await examineBind(this.#options, signal)];
    const text = 'answers; not bound, as a gateway may be running: see the database';
    return [{ ...place, verdict: 'warning', text }];
  }

  condition(): Finding {
    const { host, port } = this.#options;
    const { isBound, trouble } = this.#link;
    const about = `${host}:${port}`;
    if (isBound) return { verdict: 'ok', about, text: 'bound' };
    return { verdict: 'trouble', about, text: `not bound: ${trouble}` };
  }

  async send(text: TextOut, signal: AbortSignal): Promise<void> {
    const pauseMs = this.#pausedUntil - Date.now();
    if (pauseMs > 0) throw new ProviderError('busy', 'SMPP: throttled', { retryAfterMs: pauseMs });
    const messages = messagesOf(text, this.#options.longTexts);
    let done = this.#unfinished.get(text.key) ?? 0;
    try {
      for (const message of messages.slice(done)) {
        await this.#submit(text, message, { index: done, total: messages.length }, signal);
        done += 1;
      }
      this.#unfinished.delete(text.key);
      await this.#receipts.saved();
    } catch (error) {
      this.#keepPlace(text.key, done);
      throw error;
    }
  }

  health(): Health {
    const { isBound, trouble } = this.#link;
    return { isUp: isBound, text: `SMPP${trouble === '' ? '' : `: ${trouble}`}` };
  }

  async close(): Promise<void> {
    await this.#link.close();
    await Promise.all([this.#receipts.close(), this.#inbox.close()]);
  }

  async #submit(
    text: TextOut,
    message: Readonly<Record<string, unknown>>,
    part: { readonly index: number; readonly total: number },
    signal: AbortSignal,
  ): Promise<void> {
    const fields = { ...message, ...addressesOf(text), registered_delivery: receiptFor(text) };
    const answer = await this.#link.submit(fields, signal);
    if (answer.command_status === OK) {
      this.#busyMs = BUSY_MS;
      const id = answer.message_id ?? '';
      if (id !== '') this.#receipts.expect(id, text, part.total);
      return;
    }
    const [name, what] = statusOf(answer.command_status);
    if (what !== 'busy') throw new ProviderError(what, `SMPP ${name}`);
    const retryAfterMs = this.#busyMs;
    this.#pausedUntil = Date.now() + retryAfterMs;
    this.#busyMs = Math.min(MAX_BUSY_MS, retryAfterMs * 2);
    throw new ProviderError('busy', `SMPP ${name}`, { retryAfterMs });
  }

  #keepPlace(key: string, done: number): void {
    this.#unfinished.delete(key);
    if (done === 0) return;
    this.#unfinished.set(key, done);
    const [oldest] = this.#unfinished.keys();
    if (this.#unfinished.size > MAX_UNFINISHED && oldest !== undefined) {
      this.#unfinished.delete(oldest);
    }
  }
}

const receiptFor = ({ asksReceipt }: TextOut): number =>
  asksReceipt ? RECEIPT_ALWAYS : RECEIPT_OF_FAILURE;

/** One submit_sm for each part, or one with all in message_payload (§5.3.2.32). */
function messagesOf(
  { encoding, parts, text, key }: TextOut,
  longTexts: SmppOptions['longTexts'],
): Readonly<Record<string, unknown>>[] {
  const data_coding = DATA_CODING[encoding];
  if (parts.length === 1) return [{ data_coding, short_message: bytesOf(text, encoding) }];
  if (longTexts === 'payload') {
    return [{ data_coding, short_message: '', message_payload: bytesOf(text, encoding) }];
  }
  // The same at every try, so that parts of different tries fit together.
  const reference = createHash('sha256').update(key).digest()[0] ?? 0;
  return parts.map((part, index) => {
    const header = Buffer.from([0x05, 0x00, 0x03, reference, parts.length, index + 1]);
    return {
      data_coding,
      esm_class: UDH_INDICATOR,
      short_message: Buffer.concat([header, bytesOf(part, encoding)]),
    };
  });
}

function bytesOf(text: string, encoding: Encoding): Buffer {
  if (encoding === 'gsm7') return Buffer.from(encodeGsm7(text));
  return Buffer.from(text, 'utf16le').swap16();
}

/** §5.2.5, §5.2.6: international numbers, short codes, names. */
function addressesOf({ from, to }: TextOut): Readonly<Record<string, unknown>> {
  const source = addressOf(from);
  const destination = addressOf(dialled(to));
  return {
    source_addr_ton: source.ton,
    source_addr_npi: source.npi,
    source_addr: source.digits,
    dest_addr_ton: destination.ton,
    dest_addr_npi: destination.npi,
    destination_addr: destination.digits,
  };
}

function addressOf(text: string): {
  readonly ton: number;
  readonly npi: number;
  readonly digits: string;
} {
  if (text.startsWith('+')) return { ton: 1, npi: 1, digits: text.slice(1) };
  if (/^\d+$/.test(text)) return { ton: 3, npi: 0, digits: text };
  return { ton: 5, npi: 0, digits: text };
}
