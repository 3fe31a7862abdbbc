import { NetworkError } from '../../src/plugin/index.ts';
import type { Language } from '../../src/plugin/index.ts';
import { deferred } from './deferred.ts';
import type { Deferred } from './deferred.ts';
import type { IrcMessage } from './irc-message.ts';
import { troubleTexts } from './trouble-texts.ts';

/** Which refusals can be the answer to which command, besides those that name it. */
const REFUSALS: Readonly<Record<string, ReadonlySet<string>>> = {
  NICK: new Set('431 432 433 436 437 438 447 484 485'.split(' ')),
  TOPIC: new Set('403 404 442 477 482 972'.split(' ')),
  MODE: new Set('401 403 441 442 472 478 481 482 499 696 972'.split(' ')),
  KICK: new Set('401 403 441 442 481 482 484 485 499 972'.split(' ')),
  INVITE: new Set('401 403 442 443 482 518 263'.split(' ')),
  WHOIS: new Set('401 402 406 263'.split(' ')),
  LIST: new Set('263 416 421'.split(' ')),
  CHATHISTORY: new Set('403 421 461'.split(' ')),
  REDACT: new Set('403 404 421'.split(' ')),
};
/** The names in these refusals are not those of what was asked for. */
const NAMELESS = new Set(['263', '416', '421', 'CHATHISTORY']);

interface Waiting {
  readonly command: string;
  /** Folded names that a refusal may name. */
  readonly names: readonly string[];
  readonly numerics: ReadonlySet<string>;
  readonly isAnswer: (message: IrcMessage) => boolean;
  readonly answer: Deferred<void>;
}

/** Who waits for the server to do or refuse something. Nobody waits for ever. */
export class Answers {
  readonly #language: () => Language;
  #waiting: Waiting[] = [];

  constructor(language: () => Language) {
    this.#language = language;
  }

  /**
   * @param written settles when the command has had its turn among all that goes out: then the time begins
   * @throws NetworkError what the server answers; unreachable when it does not
   */
  async wait(
    command: string,
    names: readonly string[],
    timeoutMs: number,
    isAnswer: (message: IrcMessage) => boolean,
    written: Promise<void>,
  ): Promise<void> {
    const answer = deferred<void>();
    let timer: NodeJS.Timeout | undefined;
    const numerics = REFUSALS[command] ?? new Set();
    const waiting: Waiting = { command, names, numerics, isAnswer, answer };
    this.#waiting.push(waiting);
    written.then(
      () => {
        if (!this.#waiting.includes(waiting)) return;
        const error = new NetworkError('unreachable', troubleTexts(this.#language()).noAnswer);
        timer = setTimeout(() => answer.reject(error), timeoutMs);
      },
      (error: Error) => answer.reject(error),
    );
    try {
      await answer.promise;
    } finally {
      clearTimeout(timer);
      this.#drop(waiting);
    }
  }

  /** A line came that may be what somebody waits for. */
  heard(message: IrcMessage): void {
    if (this.#waiting.length === 0) return;
    const answered = this.#waiting.filter(({ isAnswer }) => isAnswer(message));
    for (const one of answered) {
      this.#drop(one);
      one.answer.resolve();
    }
  }

  /**
   * A refusal came.
   * @param reason is its numeric, or the command that it names
   * @param names are those in it; one without any, of a command, is for the one who waits longest for that
   * @param anyName is for the one who waits longest, if it is for nobody by name
   * @returns whether it was for somebody who waits
   */
  refused(
    reason: string,
    names: readonly string[],
    error: NetworkError,
    anyName?: string,
  ): boolean {
    const waiting =
      this.#find(reason, names) ??
      (anyName === undefined ? undefined : this.#find(reason, [anyName]));
    if (waiting === undefined) return false;
    this.#drop(waiting);
    waiting.answer.reject(error);
    return true;
  }

  fail(error: NetworkError): void {
    for (const { answer } of this.#waiting) answer.reject(error);
  }

  #find(reason: string, names: readonly string[]): Waiting | undefined {
    return this.#waiting.find((one) => {
      const isNamed = one.names.some((name) => names.includes(name));
      if (one.command === reason) return isNamed || names.length === 0 || NAMELESS.has(reason);
      return one.numerics.has(reason) && (isNamed || NAMELESS.has(reason));
    });
  }

  /** At once: the next line, which may have come with this one, is for others. */
  #drop(waiting: Waiting): void {
    this.#waiting = this.#waiting.filter((other) => other !== waiting);
  }
}
