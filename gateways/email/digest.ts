import type { Host } from '../../src/plugin/index.ts';
import type { Texts } from './texts.ts';

const MAX_LINES = 30;

/** Newsletters are told of by a headline now and then, all together. They stay in the mailbox. */
export class Digest {
  readonly #host: Host;
  readonly #texts: () => Texts;
  readonly #everyMs: number;
  #lines: string[] | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(host: Host, texts: () => Texts, everyMs: number) {
    this.#host = host;
    this.#texts = texts;
    this.#everyMs = everyMs;
  }

  /** On disk when it resolves. */
  async add(name: string, subject: string): Promise<void> {
    const lines = await this.#load();
    lines.push(subject === '' ? name : `${name}: ${subject}`);
    if (lines.length >= MAX_LINES) return this.tell();
    await this.#host.memory.set('digest', JSON.stringify(lines));
    this.start();
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

  async tell(): Promise<void> {
    this.stop();
    const lines = await this.#load();
    if (lines.length === 0) return;
    const text = [this.#texts().newsletters(lines.length), ...lines.map((line) => `• ${line}`)];
    await this.#host.emit({ kind: 'notice', text: text.join('\n') });
    this.#lines = [];
    await this.#host.memory.delete('digest');
  }

  async #load(): Promise<string[]> {
    if (this.#lines !== undefined) return this.#lines;
    const stored: unknown = JSON.parse((await this.#host.memory.get('digest')) ?? '[]');
    this.#lines ??= Array.isArray(stored)
      ? (stored as unknown[]).filter((line) => typeof line === 'string')
      : [];
    return this.#lines;
  }
}
