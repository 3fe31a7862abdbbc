import { Unregistered } from 'causeway/plugin';
import type { Event, Host } from 'causeway/plugin';

const MAX_WAITING = 50_000;

/** The events of one session on their way to the core, which wait, in order, while it is behind. */
export class EventFeed {
  readonly #host: Host;
  #waiting: Event[] = [];
  #behind: Promise<void> | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Tells what is owed to a user who unregisters. */
  end({ reason }: AbortSignal, lastWords: Event[]): void {
    if (!(reason instanceof Unregistered)) return;
    for (const event of lastWords.splice(0)) this.push(event);
  }

  noteLeaving(name: string): Promise<void> {
    return this.#host.memory.set('left', name);
  }

  /** A promise for the time when all that waits is told; `undefined` while nothing does. */
  get behind(): Promise<void> | undefined {
    return this.#behind;
  }

  /** `false` when too many events wait already. */
  push(event: Event): boolean {
    if (this.#behind === undefined) this.#emit(event);
    else if (this.#waiting.length >= MAX_WAITING) return false;
    else this.#waiting.push(event);
    return true;
  }

  clear(): void {
    this.#waiting = [];
  }

  #emit(event: Event): void {
    this.#behind = this.#host.emit(event)?.then(() => this.#catchUp());
  }

  #catchUp(): Promise<void> | undefined {
    this.#behind = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let index = 0; index < waiting.length; index += 1) {
      const event = waiting[index];
      if (event !== undefined) this.#emit(event);
      if (this.#behind !== undefined) {
        this.#waiting = waiting.slice(index + 1);
        break;
      }
    }
    return this.#behind;
  }
}
