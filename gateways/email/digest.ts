import { randomUUID } from 'node:crypto';
import { messageId } from '../../src/plugin/index.ts';
import type { Host } from '../../src/plugin/index.ts';
import { SendQueue } from './send-queue.ts';
import type { Texts } from './texts.ts';

const MAX_LINES = 30;
const MAX_LINE = 300;

interface Gathered {
  /** Of this digest; empty where there is none. */
  readonly id: string;
  readonly lines: readonly string[];
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

  /** On disk when it resolves. */
  add(name: string, subject: string): Promise<void> {
    return this.#queue.run('', () => this.#add(name, subject));
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

  async #add(name: string, subject: string): Promise<void> {
    const added = cut(subject === '' ? name : `${name}: ${subject}`);
    const { id, lines } = await this.#load();
    const now = { id: id === '' ? randomUUID() : id, lines: [...lines, added] };
    await this.#host.memory.set('digest', JSON.stringify(now));
    this.#gathered = now;
    if (now.lines.length >= MAX_LINES) return this.#tell();
    this.start();
  }

  async #tell(): Promise<void> {
    this.stop();
    const { id, lines } = await this.#load();
    if (lines.length === 0) return;
    const text = [this.#texts().newsletters(lines.length), ...lines.map((line) => `• ${line}`)];
    // When it is told again, because its lines were still there after a crash, it is the same.
    const named = id === '' ? {} : { id: messageId(`digest ${id}`) };
    await this.#host.emit({ kind: 'notice', ...named, text: text.join('\n') });
    this.#gathered = { id: '', lines: [] };
    await this.#host.memory.delete('digest');
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
  if (typeof stored !== 'object' || stored === null) return { id: '', lines: [] };
  const { id, lines } = stored as Record<string, unknown>;
  if (!Array.isArray(lines)) return { id: '', lines: [] };
  return {
    id: typeof id === 'string' ? id : '',
    lines: (lines as unknown[]).filter((line) => typeof line === 'string').map(cut),
  };
}
