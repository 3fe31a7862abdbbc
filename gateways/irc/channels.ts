import type { RoomId } from '../../src/plugin/index.ts';
import { placeOf } from './address.ts';
import type { Channel } from './channel.ts';

/** The channels of one user on one server, by names that the server takes for the same. */
export class Channels {
  readonly #fold: (name: string) => string;
  readonly #byName = new Map<string, Channel>();
  /** How many PARTs are on their way, by folded name: what was asked before them counts no more. */
  #leaving: Map<string, number> | undefined;

  constructor(fold: (name: string) => string) {
    this.#fold = fold;
  }

  get size(): number {
    return this.#byName.size;
  }

  [Symbol.iterator](): IterableIterator<Channel> {
    return this.#byName.values();
  }

  /** By the name as it stands in a line. */
  named(name: string): Channel | undefined {
    return this.#byName.get(this.#fold(name));
  }

  /** By the folded name. */
  get(folded: string): Channel | undefined {
    return this.#byName.get(folded);
  }

  /** By the address that the user has entered it by. */
  at(room: RoomId): Channel | undefined {
    const channel = this.named(placeOf(room).name);
    return channel?.room === room ? channel : undefined;
  }

  has(channel: Channel): boolean {
    return this.named(channel.name) === channel;
  }

  add(channel: Channel): void {
    this.#byName.set(this.#fold(channel.name), channel);
  }

  delete(channel: Channel): void {
    clearTimeout(channel.timer);
    channel.forget();
    this.#byName.delete(this.#fold(channel.name));
  }

  /** Names fold in another way from now on. @returns those that are now the same as another, which stays */
  foldAnew(): readonly Channel[] {
    const channels = [...this];
    this.#byName.clear();
    const doubles: Channel[] = [];
    for (const channel of channels) {
      if (this.named(channel.name) === undefined) this.add(channel);
      else doubles.push(channel);
    }
    return doubles;
  }

  /** A PART is about to be sent. */
  leaving(channel: Channel): void {
    const folded = this.#fold(channel.name);
    this.#leaving ??= new Map();
    this.#leaving.set(folded, (this.#leaving.get(folded) ?? 0) + 1);
  }

  isLeaving(folded: string): boolean {
    return this.#leaving?.has(folded) === true;
  }

  /** The server has answered a PART. @returns whether there was one on its way */
  hasLeft(folded: string): boolean {
    const count = this.#leaving?.get(folded);
    if (count === undefined) return false;
    if (count > 1) this.#leaving?.set(folded, count - 1);
    else this.#leaving?.delete(folded);
    return true;
  }

  /** There is a new connection, on which nothing is on its way. */
  cameUp(): void {
    this.#leaving = undefined;
  }
}
