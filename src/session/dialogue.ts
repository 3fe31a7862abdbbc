import { randomBytes } from 'node:crypto';
import { NetworkError } from '../plugin/index.ts';
import type { Answers, CommandResult, Language, Step } from '../plugin/index.ts';
import type { XmlElement } from '../xml/element.ts';
import { answerTexts } from './answer-texts.ts';
import { checkAnswers, flagOf } from './answers.ts';
import type { Values } from './answers.ts';

/** A dialogue that nobody answers ends after this time. */
const IDLE_MS = 3_600_000;
/** From answers to the next question; an IQ has to be answered within 90 s. */
const TURN_MS = 75_000;

/** How a dialogue ended. */
export interface Outcome extends CommandResult {
  /** Stanzas that follow once the user has been told. */
  readonly after?: readonly XmlElement[];
}

export type Script = AsyncGenerator<Step, Outcome, Answers>;

export interface DialogueOptions {
  /** The command that it is about. */
  readonly node: string;
  /** Who may answer, and to whom: two JIDs. */
  readonly parties: string;
  /** One for all of it (XEP-0050 §3.7). */
  readonly language: Language;
  /** Begins it, again perhaps. The signal aborts when nobody waits for it any more. */
  run(signal: AbortSignal): Script;
}

/** Where a dialogue stands: it asks something, or is over. */
export type Turn =
  | { readonly kind: 'asks'; readonly step: Step; readonly mayGoBack: boolean }
  | { readonly kind: 'done'; readonly outcome: Outcome };

/** One run of a command with one user, in whatever it is shown to her: forms or words. */
export class Dialogue {
  /** Nobody can guess it, and no other has it. */
  readonly id = randomBytes(18).toString('base64url');
  readonly node: string;
  readonly parties: string;
  readonly language: Language;
  readonly #run: DialogueOptions['run'];
  #idle: NodeJS.Timeout | undefined;
  readonly #ended: (dialogue: Dialogue) => void;
  #abort = new AbortController();
  #script: Script | undefined;
  #step: Step | undefined;
  /** How many steps were answered as they should be. */
  #passed = 0;
  #firstAnswers: Answers = {};
  #isBusy = false;
  #isOver = false;

  /** @param ended is called once, when it is over, for whatever reason. */
  constructor(options: DialogueOptions, ended: (dialogue: Dialogue) => void) {
    this.node = options.node;
    this.parties = options.parties;
    this.language = options.language;
    this.#run = (signal) => options.run(signal);
    this.#ended = ended;
    this.#rest();
  }

  /** A turn is under way; another one must not begin. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** What it asks at present. */
  get step(): Step | undefined {
    return this.#step;
  }

  /** From the second step one can go back to the first. What came later cannot be undone. */
  get mayGoBack(): boolean {
    return this.#passed === 1;
  }

  /** @throws NetworkError what went wrong, in words for the user; the dialogue is then over */
  start(): Promise<Turn> {
    return this.#turn(() => this.#begin());
  }

  /**
   * Gives answers to what it asks; it asks again, with a `problem`, when they cannot be taken.
   * @throws NetworkError as `start`
   */
  answer(values: Values): Promise<Turn> {
    const step = this.#step;
    const script = this.#script;
    if (step === undefined || script === undefined) {
      return Promise.reject(new NetworkError('unreachable', answerTexts(this.language).ended));
    }
    const checked = checkAnswers(step, values, this.language);
    if ('problem' in checked) {
      this.#rest();
      return Promise.resolve(this.#ask({ ...withValues(step, values), problem: checked.problem }));
    }
    if (this.#passed === 0) this.#firstAnswers = checked.answers;
    return this.#turn(async () => {
      const next = await script.next(checked.answers);
      if (next.done === true || next.value.problem === undefined) return next;
      // Who asks again says what is wrong, and need not say what was right. Of one answer alone nothing was.
      return next.value.fields.length === 1 ? next : { value: withValues(next.value, values) };
    });
  }

  /** Asks the first step again, with what was answered in it. */
  back(): Promise<Turn> {
    const values = new Map(
      Object.entries(this.#firstAnswers).map(([name, text]) => [name, [text]]),
    );
    this.#leave();
    return this.#turn(async () => {
      const next = await this.#begin();
      return next.done === true ? next : { value: withValues(next.value, values) };
    });
  }

  /** Ends it; what runs is told by its signal. Safe to call twice. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#idle);
    this.#leave();
    this.#ended(this);
  }

  /** From now on it waits for the user, so long and no longer. */
  #rest(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.end(), IDLE_MS);
    this.#idle.unref();
  }

  #begin(): Promise<IteratorResult<Step, Outcome>> {
    this.#abort = new AbortController();
    this.#script = this.#run(this.#abort.signal);
    return this.#script.next();
  }

  #leave(): void {
    this.#abort.abort();
    // What a script does once it is left concerns nobody any more.
    this.#script?.return({ text: '' }).catch(() => undefined);
    this.#script = undefined;
    this.#step = undefined;
    this.#passed = 0;
  }

  async #turn(act: () => Promise<IteratorResult<Step, Outcome>>): Promise<Turn> {
    this.#isBusy = true;
    this.#rest();
    try {
      const next = await this.#inTime(act());
      if (next.done !== true) {
        if (next.value.problem === undefined && this.#step !== undefined) this.#passed += 1;
        return this.#ask(next.value);
      }
      this.end();
      return { kind: 'done', outcome: next.value };
    } catch (error) {
      this.end();
      throw error;
    } finally {
      this.#isBusy = false;
    }
  }

  #ask(step: Step): Turn {
    this.#step = step;
    return { kind: 'asks', step, mayGoBack: this.mayGoBack };
  }

  async #inTime<Next>(pending: Promise<Next>): Promise<Next> {
    const { signal } = this.#abort;
    const texts = answerTexts(this.language);
    let fail = (_reason: string): void => undefined;
    const failed = new Promise<never>((_, reject) => {
      fail = (reason) => reject(new NetworkError('unreachable', reason));
    });
    const aborted = (): void => fail(texts.ended);
    const timer = setTimeout(() => fail(texts.tooSlow), TURN_MS);
    signal.addEventListener('abort', aborted);
    try {
      return await Promise.race([pending, failed]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
    }
  }
}

/** A step with what was written in it, so that nobody has to write it twice; secrets are not shown. */
function withValues(step: Step, values: Values): Step {
  const fields = step.fields.map((field) => {
    const given = values.get(field.name);
    if (field.kind === 'secret' || given === undefined) return field;
    const { kind, options } = field;
    if (kind === 'flag')
      return { ...field, value: flagOf(given[0] ?? '') ?? field.value ?? 'false' };
    const isOffered = (value: string): boolean => !!options?.some((one) => one.value === value);
    if (options !== undefined && !given.every(isOffered)) return field;
    return { ...field, value: given.join('\n').slice(0, MAX_SHOWN) };
  });
  return { ...step, fields };
}

/** Of what was too long to be an answer, this much is shown again. */
const MAX_SHOWN = 1_000;
