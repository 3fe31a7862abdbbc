import type { Memory } from '../../../src/plugin/index.ts';

const MAX_ALIASES = 1_000;

/** Further names at the gateway's domain, set by administrators: each stands for the name of a user. */
export class Aliases {
  readonly #memory: Memory;
  #loading: Promise<Map<string, string>> | undefined;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  async target(name: string): Promise<string | undefined> {
    return (await this.#load()).get(name);
  }

  async all(): Promise<readonly (readonly [string, string])[]> {
    return [...(await this.#load())].toSorted(([one], [other]) => (one < other ? -1 : 1));
  }

  /** @returns false when there are too many already */
  async set(alias: string, target: string): Promise<boolean> {
    const aliases = await this.#load();
    if (aliases.size >= MAX_ALIASES && !aliases.has(alias)) return false;
    aliases.set(alias, target);
    await this.#write(aliases);
    return true;
  }

  /** @returns whether there was one */
  async remove(alias: string): Promise<boolean> {
    const aliases = await this.#load();
    if (!aliases.delete(alias)) return false;
    await this.#write(aliases);
    return true;
  }

  #load(): Promise<Map<string, string>> {
    this.#loading ??= this.#read().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #read(): Promise<Map<string, string>> {
    const stored: unknown = JSON.parse((await this.#memory.get('aliases')) ?? '{}');
    const aliases = new Map<string, string>();
    if (typeof stored !== 'object' || stored === null) return aliases;
    for (const [alias, target] of Object.entries(stored)) {
      if (typeof target === 'string') aliases.set(alias, target);
    }
    return aliases;
  }

  async #write(aliases: ReadonlyMap<string, string>): Promise<void> {
    await this.#memory.set('aliases', JSON.stringify(Object.fromEntries(aliases)));
  }
}
