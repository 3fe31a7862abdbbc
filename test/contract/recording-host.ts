import { pino } from 'pino';
import type { Logger } from 'pino';
import type { Event, Host, Language, Memory } from '../../src/plugin/index.ts';

const PATIENCE_MS = 10_000;

/** The core as a gateway sees it, which remembers all that it is told. */
export class RecordingHost implements Host {
  readonly events: Event[] = [];
  readonly lines: string[] = [];
  readonly log: Logger;
  language: Language = 'en';
  readonly user = 'somebody@example.org';
  readonly memory: Memory = memoryOf(new Map());
  readonly #waiters = new Set<() => void>();
  #behind: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  #isStalling: (event: Event) => boolean = () => false;

  constructor() {
    this.log = pino({ level: 'trace' }, { write: (line: string) => void this.lines.push(line) });
  }

  emit(event: Event): Promise<void> | undefined {
    this.events.push(event);
    for (const check of this.#waiters) check();
    if (this.#behind === undefined && this.#isStalling(event)) {
      let resolve = (): void => undefined;
      const promise = new Promise<void>((done) => (resolve = done));
      this.#behind = { promise, resolve };
    }
    return this.#behind?.promise;
  }

  /** From the first event of this kind on, the core is behind, until `catchUp`. */
  stallAt(isFirst: (event: Event) => boolean): void {
    this.#isStalling = isFirst;
  }

  catchUp(): void {
    this.#isStalling = () => false;
    this.#behind?.resolve();
    this.#behind = undefined;
  }

  /** Resolves when this is true of the events so far; asked again after each. */
  until(isTrue: (events: readonly Event[]) => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(check);
      };
      const check = (): void => {
        if (!isTrue(this.events)) return;
        end();
        resolve();
      };
      const timer = setTimeout(() => {
        end();
        const kinds = this.events.slice(-10).map(({ kind }) => kind);
        reject(new Error(`never came: ${what}; the last events: ${kinds.join(', ') || 'none'}`));
      }, PATIENCE_MS);
      this.#waiters.add(check);
      check();
    });
  }
}

export function memoryOf(values: Map<string, string>): Memory {
  return {
    get: (key) => Promise.resolve(values.get(key)),
    set: (key, value) => {
      if (key.length > 200 || value.length > 65_536 || values.size > 100) {
        return Promise.reject(new Error('more than the memory of a user can hold'));
      }
      values.set(key, value);
      return Promise.resolve();
    },
    delete: (key) => {
      values.delete(key);
      return Promise.resolve();
    },
  };
}
