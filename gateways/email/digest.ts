import { randomUUID } from 'node:crypto';
import { messageId } from '../../src/plugin/index.ts';
import type { Host } from '../../src/plugin/index.ts';
import { SendQueue } from './send-queue.ts';
import type { Texts } from './texts.ts';

const MAX_LINES = 30;
const MAX_LINE = 300;
/** More than are read between two moves of a cursor, and those of a few folders together. */
const MAX_KNOWN = 200;

interface Gathered {
  /** Of this digest; empty where there is none. */
  readonly id: string;
  readonly lines: readonly string[];
  /** The mails that lines were made of, in this digest or one before: who reads them again after a crash makes no others. */
  readonly known: readonly string[];
}

/** Newsletters are told of by a few lines now and then, all together. They stay in the mailbox. */
export class Digest {
  readonly #host: Host;
  readonly #texts: () => Texts;
  readonly #everyMs: number;
  /** What is added while a digest is told belongs to the next one. */
  readonly #queue = new SendQueue();
  #gathered: Gathered | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(host: Host, texts: () => Texts, everyMs: number) {
    this.#host = host;
    this.#texts = texts;
    this.#everyMs = everyMs;
  }

  /** On disk when it resolves. @param mail is what the mail is remembered by: it becomes one line, however often it is added */
  add(mail: string, name: string, subject: string): Promise<void> {
    return this.#queue.run('', () => this.#add(mail, name, subject));
  }

  /** Goes on with what was gathered before a restart, too. */
  start(): void {
    this.#timer ??= setTimeout(
      () => void this.tell().catch(() => undefined),
      this.#everyMs,
    ).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  tell(): Promise<void> {
    return this.#queue.run('', () => this.#tell());
  }

  async #add(mail: string, name: string, subject: string): Promise<void> {
    const added = cut(subject === '' ? name : `${name}: ${subject}`);
    const { id, known, lines } = await this.#load();
    const isNew = !known.includes(mail);
    if (isNew) {
      await this.#keep({
        id: id === '' ? randomUUID() : id,
        lines: [...lines, added],
        known: [...known, mail].slice(-MAX_KNOWN),
      });
    }
    if (lines.length + Number(isNew) >= MAX_LINES) return this.#tell();
    this.start();
  }

  async #tell(): Promise<void> {
    this.stop();
    const { id, known, lines } = await this.#load();
    if (lines.length === 0) return;
    const text = [this.#texts().newsletters(lines.length), ...lines.map((line) => `• ${line}`)];
    // When it is told again, because its lines were still there after a crash, it is the same.
    const named = id === '' ? {} : { id: messageId(`digest ${id}`) };
    await this.#host.emit({ kind: 'notice', ...named, text: text.join('\n') });
    this.#gathered = { id: '', lines: [], known };
    await this.#keep(this.#gathered);
  }

  async #keep(now: Gathered): Promise<void> {
    await this.#host.memory.set('digest', JSON.stringify(now));
    this.#gathered = now;
  }

  async #load(): Promise<Gathered> {
    this.#gathered ??= decode(await this.#host.memory.get('digest'));
    return this.#gathered;
  }
}

/** As many lines as are told together have room in a memory, of whatever they are made. */
const cut = (line: string): string => Array.from(line).slice(0, MAX_LINE).join('');

function decode(text: string | undefined): Gathered {
  const stored: unknown = JSON.parse(text ?? '{}');
  const { id, known, lines } = (stored ?? {}) as Record<string, unknown>;
  return {
    id: typeof id === 'string' ? id : '',
    lines: stringsIn(lines).map(cut),
    known: stringsIn(known),
  };
}

const stringsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? (value as unknown[]).filter((one) => typeof one === 'string') : [];
