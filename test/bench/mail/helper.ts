import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cpuSeconds, residentKilobytes } from '../process-figures.ts';

/** A program of the bench in a process of its own, which answers one question at a time. */
export class Helper<Question extends object, Answer> {
  readonly #child: ChildProcess;

  /** @param program is a file beside this one that ends with a call of {@link answerQuestions} */
  constructor(program: string) {
    const file = fileURLToPath(new URL(program, import.meta.url));
    this.#child = fork(file, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 2, 2, 'ipc'] });
  }

  /** @throws Error what went wrong there */
  async ask(question: Question): Promise<Answer> {
    this.#child.send(question);
    const answered: Promise<unknown[]> = once(this.#child, 'message');
    const ended = once(this.#child, 'exit').then(() => {
      throw new Error('a program of the bench has ended');
    });
    ended.catch(() => undefined);
    const [answer] = await Promise.race([answered, ended]);
    const { error, value } = answer as { error?: string; value: Answer };
    if (error !== undefined) throw new Error(error);
    return value;
  }

  cpuSeconds(): number {
    return cpuSeconds(this.#child.pid ?? 0);
  }

  residentKilobytes(): number {
    return residentKilobytes(this.#child.pid ?? 0);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}

/** The other side of {@link Helper}. */
export function answerQuestions<Question, Answer>(
  answer: (question: Question) => Promise<Answer>,
): void {
  process.on('message', (question: Question) => {
    answer(question).then(
      (value) => process.send?.({ value }),
      (error: unknown) => process.send?.({ error: String(error) }),
    );
  });
}
