import type { Answers } from './answers.ts';
import type { Given } from './flags.ts';
import { QUESTIONS } from './questions.ts';
import type { Question, Situation } from './questions.ts';

/** Somebody who answers: a terminal. */
export interface Asker {
  /** The answer as it was typed, `fallback` for an empty one. Without a fallback it is never empty. */
  ask(text: string, fallback: string | undefined): Promise<string>;
  /** The same, without showing it. */
  askSecret(text: string): Promise<string>;
  tell(text: string): void;
}

/** A secret that was typed, beside the answers. */
export const TYPED = 'typed-secret';

/**
 * The answers to all questions that matter: from the options, else from the terminal, else the defaults.
 * @param asker is absent where there is no terminal
 * @throws Error that names the option that is missing or wrong
 */
export async function collect(
  given: Given,
  situation: Situation,
  asker: Asker | undefined,
): Promise<Answers> {
  let answers: Answers = {};
  for (const question of QUESTIONS) {
    const { name } = question;
    const option = given[name];
    if (!question.isAsked(answers)) {
      if (option === undefined) continue;
      throw new Error(`--${name} has no meaning with the other options`);
    }
    if (option !== undefined) {
      const problem = problemOf(question, option, answers);
      if (problem !== undefined) throw new Error(`--${name}: ${problem}`);
      answers = { ...answers, [name]: option };
    } else if (asker === undefined) {
      answers = { ...answers, [name]: byDefault(question, answers, situation) };
    } else if (question.isSecret === true) {
      answers = { ...answers, [TYPED]: await asker.askSecret(question.text) };
    } else {
      answers = { ...answers, [name]: await askUntilGood(question, answers, { situation, asker }) };
    }
  }
  return answers;
}

function byDefault(question: Question, answers: Answers, situation: Situation): string {
  const fallback = question.fallback(answers, situation);
  if (fallback === undefined) {
    const { name, text, isSecret } = question;
    const asked = `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
    throw new Error(`--${name} is missing: ${isSecret === true ? 'a file with ' : ''}${asked}`);
  }
  return fallback;
}

async function askUntilGood(
  question: Question,
  answers: Answers,
  { asker, situation }: { readonly asker: Asker; readonly situation: Situation },
): Promise<string> {
  const fallback = question.fallback(answers, situation);
  for (;;) {
    const answer = await asker.ask(question.text, fallback);
    const problem = problemOf(question, answer, answers);
    if (problem === undefined) return answer;
    asker.tell(problem);
  }
}

function problemOf(question: Question, answer: string, answers: Answers): string | undefined {
  if (answer.trim() === '') return 'is empty';
  // The configuration would take it for an environment variable; a line would end in the middle.
  if (/\$\{|\p{C}/u.test(answer)) return 'has characters that cannot be in it';
  return question.problem(answer, answers);
}
