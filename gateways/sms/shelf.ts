import type { Memory } from '../../src/plugin/index.ts';

const PAGES = 16;
const PAGE_CHARACTERS = 60_000;
const DELAY_MS = 50;

/**
 * Many small facts that outlive a restart, the oldest of which are forgotten: pages in a ring, so that no value of the
 * memory grows beyond what it can hold. Written a moment after they are told.
 */
export class Shelf {
  readonly #memory: Memory;
  readonly #name: string;
  readonly #facts = new Map<string, { readonly value: string; readonly page: number }>();
  readonly #sizes: number[] = Array.from({ length: PAGES }, () => 0);
  readonly #stale = new Set<number>();
  #current = 0;
  /** As it is on disk. */
  #written: number | undefined;
  #reading: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** @param name is that of the shelf among those in the same memory */
  constructor(memory: Memory, name: string) {
    this.#memory = memory;
    this.#name = name;
  }

  async get(key: string): Promise<string | undefined> {
    await this.#read();
    return this.#facts.get(key)?.value;
  }

  async keys(): Promise<readonly string[]> {
    await this.#read();
    return [...this.#facts.keys()];
  }

  async put(key: string, value: string): Promise<void> {
    await this.#read();
    const known = this.#facts.get(key);
    if (known?.value === value) return;
    if (known !== undefined) this.#drop(key, known);
    const size = key.length + value.length + 6;
    if ((this.#sizes[this.#current] ?? 0) + size > PAGE_CHARACTERS) this.#turnPage();
    this.#facts.set(key, { value, page: this.#current });
    this.#sizes[this.#current] = (this.#sizes[this.#current] ?? 0) + size;
    this.#soil(this.#current);
  }

  async delete(key: string): Promise<void> {
    await this.#read();
    const known = this.#facts.get(key);
    if (known === undefined) return;
    this.#drop(key, known);
    this.#soil(known.page);
  }

  /** Resolves when all is on disk. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const write = (): Promise<void> => this.#write();
    this.#writing = this.#writing.then(write, write);
    await this.#writing;
  }

  #drop(key: string, { value, page }: { readonly value: string; readonly page: number }): void {
    this.#facts.delete(key);
    this.#sizes[page] = (this.#sizes[page] ?? 0) - (key.length + value.length + 6);
    this.#stale.add(page);
  }

  #turnPage(): void {
    this.#current = (this.#current + 1) % PAGES;
    for (const [key, fact] of this.#facts) if (fact.page === this.#current) this.#facts.delete(key);
    this.#sizes[this.#current] = 0;
  }

  #soil(page: number): void {
    this.#stale.add(page);
    this.#timer ??= setTimeout(() => {
      this.flush().catch(() => this.#soil(page));
    }, DELAY_MS).unref();
  }

  async #write(): Promise<void> {
    const pages = [...this.#stale];
    this.#stale.clear();
    try {
      for (const page of pages) {
        const facts = [...this.#facts].filter(([, fact]) => fact.page === page);
        const text = JSON.stringify(
          Object.fromEntries(facts.map(([key, { value }]) => [key, value])),
        );
        await this.#memory.set(`${this.#name}-${page}`, text);
      }
      if (this.#written === this.#current) return;
      const current = this.#current;
      await this.#memory.set(`${this.#name}-page`, String(current));
      this.#written = current;
    } catch (error) {
      for (const page of pages) this.#stale.add(page);
      throw error;
    }
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readPages().catch((error: unknown) => {
      this.#reading = undefined;
      throw error;
    });
    return this.#reading;
  }

  async #readPages(): Promise<void> {
    this.#current = Number((await this.#memory.get(`${this.#name}-page`)) ?? '0') % PAGES;
    for (let page = 0; page < PAGES; page += 1) {
      const text = await this.#memory.get(`${this.#name}-${page}`);
      if (text === undefined) continue;
      this.#sizes[page] = text.length;
      for (const [key, value] of entries(JSON.parse(text))) this.#facts.set(key, { value, page });
    }
  }
}

function entries(value: unknown): [string, string][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).map(([key, text]) => [key, String(text)]);
}
