import type { IrcMessage } from 'irc-framework';
import { NetworkError } from '../../src/plugin/index.ts';
import { deferred } from './deferred.ts';
import type { Deferred } from './deferred.ts';

interface Waiting {
  /** Folded names that a refusal may name. */
  readonly names: readonly string[];
  readonly isAnswer: (message: IrcMessage) => boolean;
  readonly answer: Deferred<void>;
  readonly timer: NodeJS.Timeout;
}

/** Who waits for the server to do or refuse something. Nobody waits for ever. */
export class Answers {
  #waiting: Waiting[] = [];

  async wait(
    names: readonly string[],
    timeoutMs: number,
    isAnswer: (message: IrcMessage) => boolean,
  ): Promise<void> {
    const answer = deferred<void>();
    const timer = setTimeout(
      () => answer.reject(new NetworkError('unreachable', 'The IRC server did not answer.')),
      timeoutMs,
    );
    const waiting: Waiting = { names, isAnswer, answer, timer };
    this.#waiting.push(waiting);
    try {
      await answer.promise;
    } finally {
      clearTimeout(timer);
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
    }
  }

  /** A line came that may be what somebody waits for. */
  heard(message: IrcMessage): void {
    for (const { isAnswer, answer } of this.#waiting) if (isAnswer(message)) answer.resolve();
  }

  /** A refusal came. @returns whether it was for somebody who waits */
  refused(names: readonly string[], error: NetworkError): boolean {
    const waiting = this.#waiting.find((one) => one.names.some((name) => names.includes(name)));
    waiting?.answer.reject(error);
    return waiting !== undefined;
  }

  fail(error: NetworkError): void {
    for (const { answer } of this.#waiting) answer.reject(error);
  }
}
