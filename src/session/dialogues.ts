import { Dialogue } from './dialogue.ts';
import type { DialogueOptions } from './dialogue.ts';

const MAX_OPEN = 5;
const MAX_REMEMBERED = 50;

/** The dialogues that are under way with one user, and for a while which ones were. */
export class Dialogues {
  readonly #open = new Map<string, Dialogue>();
  readonly #past = new Set<string>();

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  /**
   * Makes one. It takes the place of an unfinished one about the same if there can be but one, and that of the oldest when
   * there are many. @returns `undefined` when those that stand in the way are busy
   */
  open(options: DialogueOptions & { readonly isSingle: boolean }): Dialogue | undefined {
    const alike = [...this.#open.values()].filter(({ node }) => node === options.node);
    const rivals = options.isSingle ? alike : [];
    if (rivals.some(({ isBusy }) => isBusy)) return undefined;
    for (const rival of rivals) rival.end();
    if (this.#open.size >= MAX_OPEN) {
      const oldest = [...this.#open.values()].find(({ isBusy }) => !isBusy);
      if (oldest === undefined) return undefined;
      oldest.end();
    }
    const dialogue = new Dialogue(options, ({ id }) => this.#forget(id));
    this.#open.set(dialogue.id, dialogue);
    return dialogue;
  }

  find(id: string): Dialogue | undefined {
    return this.#open.get(id);
  }

  /** Whether there was one of this id not long ago. */
  isPast(id: string): boolean {
    return this.#past.has(id);
  }

  /** Ends all, or those that a test finds. */
  end(test: (dialogue: Dialogue) => boolean = () => true): void {
    for (const dialogue of this.#open.values()) if (test(dialogue)) dialogue.end();
  }

  #forget(id: string): void {
    this.#open.delete(id);
    this.#past.add(id);
    const [oldest] = this.#past;
    if (this.#past.size > MAX_REMEMBERED && oldest !== undefined) this.#past.delete(oldest);
  }
}
