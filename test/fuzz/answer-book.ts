import { serialize } from '../harness/xml-element.ts';
import type { Element } from '../harness/xml-element.ts';

interface Entry {
  readonly stanza: Element;
  answers: number;
}

/** What was asked, and what came of it: a question gets one answer, an answer none (RFC 6120 §8.2.3, §8.3.1). */
export class AnswerBook {
  readonly #entries = new Map<string, Entry>();
  readonly #isSender: (jid: string) => boolean;

  /** @param isSender tells who can be answered at all */
  constructor(isSender: (jid: string) => boolean) {
    this.#isSender = isSender;
  }

  sent(stanza: Element, id: string): void {
    this.#entries.set(id, { stanza, answers: 0 });
  }

  /** Takes what came back. @returns what is wrong with it */
  received(stanza: Element): string | undefined {
    const entry = this.#entries.get(stanza.attrs['id'] ?? '');
    if (entry?.stanza.name !== stanza.name || !isAnswer(stanza)) return undefined;
    entry.answers += 1;
    const fault = this.#faultOf(entry, stanza);
    if (fault === undefined) return undefined;
    return `${fault}:\n${serialize(entry.stanza).slice(0, 3_000)}\n${serialize(stanza)}`;
  }

  unanswered(): Element[] {
    return [...this.#entries.values()]
      .filter(({ stanza, answers }) => answers === 0 && this.#isQuestion(stanza))
      .map(({ stanza }) => stanza);
  }

  clear(): void {
    this.#entries.clear();
  }

  #faultOf({ stanza: asked, answers }: Entry, answer: Element): string | undefined {
    if (isAnswer(asked)) return 'an answer was answered';
    if (answers > 1) return 'answered twice';
    const isFromHer = answer.attrs['to'] === asked.attrs['from'];
    return asked.name === 'iq' && !isFromHer ? 'answered to somebody else' : undefined;
  }

  #isQuestion({ name, attrs }: Element): boolean {
    const { type, id, from = '' } = attrs;
    if (name !== 'iq' || id === undefined || !this.#isSender(from)) return false;
    return type === 'get' || type === 'set';
  }
}

function isAnswer({ name, attrs }: Element): boolean {
  return attrs['type'] === 'error' || (name === 'iq' && attrs['type'] === 'result');
}
