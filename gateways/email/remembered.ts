import { hash } from 'node:crypto';
import type { Memory } from '../../src/plugin/index.ts';

/** In how many pieces it is kept, and how long each may become; values of a memory are at most 65,536 characters long. */
export interface Size {
  readonly shards: number;
  readonly characters: number;
}

const WRITE_AFTER_MS = 300;

interface Shard<Value> {
  readonly number: number;
  readonly values: Map<string, Value>;
}

/**
 * Very many small values in a memory that takes few large ones: those used last are kept. Written a moment after
 * they change, so it is for what may be forgotten: a lost one costs a thread its subject, nothing more.
 */
export class Remembered<Value> {
  readonly #memory: Memory;
  readonly #name: string;
  readonly #size: Size;
  readonly #decode: (value: unknown) => Value | undefined;
  readonly #shards = new Map<number, Shard<Value>>();
  readonly #loading = new Map<number, Promise<Shard<Value>>>();
  #changed = new Set<Shard<Value>>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** The next time, which all who ask before it share. */
  #next: Promise<void> | undefined;

  constructor(
    memory: Memory,
    name: string,
    decode: (value: unknown) => Value | undefined,
    size: Size,
  ) {
    this.#memory = memory;
    this.#name = name;
    this.#decode = decode;
    this.#size = size;
  }

  async get(id: string): Promise<Value | undefined> {
    return (await this.#shardOf(id)).values.get(id);
  }

  async set(id: string, value: Value): Promise<void> {
    const shard = await this.#shardOf(id);
    shard.values.delete(id);
    shard.values.set(id, value);
    this.#changed.add(shard);
    this.#timer ??= setTimeout(() => void this.flush(), WRITE_AFTER_MS).unref();
  }

  /** Writes what has changed. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#next ??= this.#writing.then(() => {
      this.#next = undefined;
      return this.#write();
    });
    this.#writing = this.#next;
    return this.#next;
  }

  async #write(): Promise<void> {
    const changed = this.#changed;
    if (changed.size === 0) return;
    this.#changed = new Set();
    await Promise.all([...changed].map((shard) => this.#writeShard(shard)));
  }

  async #writeShard(shard: Shard<Value>): Promise<void> {
    try {
      const text = serialized(shard.values, this.#size.characters);
      await this.#memory.set(`${this.#name}:${shard.number}`, text);
    } catch {
      // The store says so in the log by itself; the next change writes it again.
      this.#changed.add(shard);
    }
  }

  #shardOf(id: string): Shard<Value> | Promise<Shard<Value>> {
    const number = Number.parseInt(hash('sha256', id, 'hex').slice(0, 2), 16) % this.#size.shards;
    const known = this.#shards.get(number) ?? this.#loading.get(number);
    if (known !== undefined) return known;
    const loading = this.#load(number).finally(() => this.#loading.delete(number));
    this.#loading.set(number, loading);
    return loading;
  }

  async #load(number: number): Promise<Shard<Value>> {
    const values = new Map<string, Value>();
    const text = await this.#memory.get(`${this.#name}:${number}`);
    const parsed: unknown = text === undefined ? [] : JSON.parse(text);
    for (const entry of Array.isArray(parsed) ? (parsed as unknown[]) : []) {
      if (!Array.isArray(entry)) continue;
      const [id, stored] = entry as unknown[];
      const value = this.#decode(stored);
      if (typeof id === 'string' && value !== undefined) values.set(id, value);
    }
    const shard = { number, values };
    this.#shards.set(number, shard);
    return shard;
  }
}

/** The last used ones first to stay. */
function serialized(values: Map<string, unknown>, maxCharacters: number): string {
  let text = JSON.stringify([...values]);
  while (text.length > maxCharacters && values.size > 1) {
    const surplus = Math.ceil(values.size / 5);
    for (const id of [...values.keys()].slice(0, surplus)) values.delete(id);
    text = JSON.stringify([...values]);
  }
  return text;
}
