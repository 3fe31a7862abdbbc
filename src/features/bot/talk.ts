import type { Field, Language, Step } from '../../plugin/index.ts';
import type { Dialogue } from '../../session/dialogue.ts';
import { botTexts } from './bot-texts.ts';
import { leftOut, questionText, readAnswer } from './question.ts';
import { isWord } from './words.ts';

/** What is to happen after something was written: to be said, or to be given to the dialogue. */
export type Move =
  | { readonly say: string }
  | { readonly answers: ReadonlyMap<string, readonly string[]> }
  | { readonly act: 'back' };

/** One dialogue in words: goes through the fields of each step, one question at a time. */
export class Talk {
  readonly dialogue: Dialogue;
  #step: Step = { instructions: '', fields: [] };
  #index = 0;
  /** The user knows that nothing more is needed in this step. */
  #isRestTold = false;
  #values = new Map<string, readonly string[]>();

  constructor(dialogue: Dialogue) {
    this.dialogue = dialogue;
  }

  get language(): Language {
    return this.dialogue.language;
  }

  /** The dialogue asks: @returns what to say */
  ask(step: Step): string {
    // What was not taken is asked again, and what was written stays as it was unless it is written anew; of one answer
    // alone nothing is worth keeping.
    this.#step = step;
    this.#index = 0;
    this.#isRestTold = false;
    if (step.problem === undefined || step.fields.length === 1) this.#values = new Map();
    const { problem, title, instructions, link } = step;
    const isLinkShown = link === undefined || instructions.includes(link);
    const parts = [
      problem ?? title,
      instructions,
      isLinkShown ? undefined : link,
      this.#question(),
    ];
    return parts.filter((part) => part !== undefined && part !== '').join('\n\n');
  }

  /** Takes what the user wrote. */
  read(text: string): Move {
    const texts = botTexts(this.language);
    if (isWord(text, 'back')) {
      return this.#index > 0 ? this.#backOne() : this.#backStep(texts.noWayBack);
    }
    const field = this.#field(this.#index);
    if (field === undefined) {
      return isWord(text, 'done', 'skip', 'yes') ? { answers: this.#values } : { say: texts.go };
    }
    if (isWord(text, 'help')) return { say: this.#question() ?? texts.go };
    if (isWord(text, 'done') && this.#mayLeaveOut(this.#index) && field.kind !== 'flag') {
      return this.#leaveOutRest();
    }
    const reading = readAnswer(field, text, this.language);
    if ('problem' in reading) return { say: reading.problem };
    this.#values.set(field.name, reading.values);
    this.#index += 1;
    const next = this.#step.fields[this.#index];
    return next === undefined ? { answers: this.#values } : { say: this.#question() ?? '' };
  }

  #question(): string | undefined {
    const { fields } = this.#step;
    const texts = botTexts(this.language);
    const field = this.#field(this.#index);
    if (field === undefined) return texts.go;
    const lines = [questionText(field, this.language)];
    if (fields.length > 1) lines.unshift(texts.question(this.#index + 1, fields.length));
    const isMore = this.#index < fields.length - 1;
    if (isMore && !this.#isRestTold && this.#mayLeaveOut(this.#index)) {
      this.#isRestTold = true;
      lines.push(texts.restIsOptional);
    }
    return lines.join('\n');
  }

  /** Whether nothing from this field on has to be answered. */
  #mayLeaveOut(index: number): boolean {
    return this.#from(index).every((field) => 'values' in leftOut(field, ''));
  }

  /** A field, with what was written to it before. */
  #field(index: number): Field | undefined {
    const field = this.#step.fields[index];
    const earlier = field === undefined ? undefined : this.#values.get(field.name)?.join('\n');
    if (field === undefined || earlier === undefined || earlier === '') return field;
    return { ...field, value: earlier };
  }

  #from(index: number): Field[] {
    const rest = this.#step.fields.slice(index).map((_, offset) => this.#field(index + offset));
    return rest.filter((field) => field !== undefined);
  }

  #leaveOutRest(): Move {
    for (const field of this.#from(this.#index)) {
      const reading = leftOut(field, '');
      if ('values' in reading) this.#values.set(field.name, reading.values);
    }
    return { answers: this.#values };
  }

  #backOne(): Move {
    this.#index -= 1;
    return { say: this.#question() ?? '' };
  }

  #backStep(noWay: string): Move {
    return this.dialogue.mayGoBack ? { act: 'back' } : { say: noWay };
  }
}
