import type { ContactId, Memory } from '../../src/plugin/index.ts';

const COUNT = 10;
const MAX_CHARACTERS = 60_000;

/** The whole of the last mails that were shortened, where no mailbox keeps them. */
export class FullTexts {
  readonly #memory: Memory;
  #next: number | undefined;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  async keep(contact: ContactId, text: string): Promise<void> {
    this.#next ??= Number((await this.#memory.get('full:next')) ?? 0) || 0;
    const at = this.#next;
    this.#next = (at + 1) % COUNT;
    const value = JSON.stringify({ contact, text: text.slice(0, MAX_CHARACTERS / 2) });
    await this.#memory.set(`full:${at}`, value.length > MAX_CHARACTERS ? '{}' : value);
    await this.#memory.set('full:next', String(this.#next));
  }

  /** Of the last one of this contact, or of anybody. */
  async last(contact: ContactId | undefined): Promise<string | undefined> {
    const next = Number((await this.#memory.get('full:next')) ?? 0) || 0;
    for (let back = 1; back <= COUNT; back += 1) {
      const stored = await this.#memory.get(`full:${(next - back + COUNT) % COUNT}`);
      if (stored === undefined) continue;
      const kept: unknown = JSON.parse(stored);
      if (typeof kept !== 'object' || kept === null || !('text' in kept)) continue;
      const isWanted = contact === undefined || ('contact' in kept && kept.contact === contact);
      if (isWanted && typeof kept.text === 'string') return kept.text;
    }
    return undefined;
  }
}
