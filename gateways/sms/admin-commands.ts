import type { CommandRequest, CommandResult, Step } from '../../src/plugin/index.ts';
import type { Dialogue } from './commands.ts';
import type { Office } from './office.ts';
import type { Texts } from './texts.ts';

const USER = /^[^@\s]+@[^@\s/]+$/;
const PREFIX = /^\+?\d+$/;
const TRIES = 3;
const OWN = /^(\+[1-9]\d{5,14}|\d{2,8})$/;

const linesOf = (text = ''): string[] =>
  text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

const asText = (lines: readonly string[], words: Texts): CommandResult => ({
  text: lines.length === 0 ? words.none : lines.join('\n'),
});

/** Whoever gives no good answer wants something else. */
const failed = (problem = ''): CommandResult => ({ text: problem, isFailed: true });

export async function* assign(office: Office, _: CommandRequest, words: Texts): Dialogue {
  const step: Step = {
    title: words.assign,
    instructions: words.assignStep,
    fields: [
      { name: 'number', label: words.assignNumber, kind: 'text', isRequired: true },
      { name: 'users', label: words.assignUsers, kind: 'lines' },
    ],
  };
  let problem: string | undefined;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const answers = yield problem === undefined ? step : { ...step, problem };
    const number = office.owners.normal(answers['number'] ?? '');
    // No address has a space in it; beginnings of numbers may have.
    const users = linesOf(answers['users']?.replaceAll(/\s+/g, '\n'));
    const wrong = users.find((user) => !USER.test(user));
    if (!OWN.test(number)) problem = words.notANumber;
    else if (wrong !== undefined) problem = words.assignNoUser(wrong);
    else if (!(await office.owners.assign(number, users))) {
      return { text: words.assignFixed(number), isFailed: true };
    } else {
      office.context.log.info({ number, users }, 'a number was assigned');
      return {
        text:
          users.length === 0
            ? words.assignNobody(number)
            : words.assignIs(number, users.join(', ')),
      };
    }
  }
  return failed(problem);
}

// oxlint-disable-next-line require-yield -- a dialogue without a step
export async function* numbers(office: Office, _: CommandRequest, words: Texts): Dialogue {
  const all = await office.owners.all();
  return asText(
    all.map(({ number, users }) => `${number}: ${users.join(', ')}`),
    words,
  );
}

export async function* quota(office: Office, _: CommandRequest, words: Texts): Dialogue {
  const step: Step = {
    title: words.quota,
    instructions: words.quotaStep,
    fields: [
      { name: 'user', label: words.quotaUser, kind: 'text', isRequired: true },
      { name: 'day', label: words.quotaPerDay, kind: 'text' },
      { name: 'month', label: words.quotaPerMonth, kind: 'text' },
    ],
  };
  let problem: string | undefined;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { user = '', day, month } = yield problem === undefined ? step : { ...step, problem };
    if (!USER.test(user)) problem = words.assignNoUser(user);
    else if ([day, month].some((count) => count !== undefined && !/^\d{1,9}$/.test(count))) {
      problem = words.notANumberOf;
    } else {
      await office.setQuota(user, countOf(day), countOf(month));
      const { segmentsPerDay, segmentsPerMonth } = await office.quotaOf(user);
      return { text: words.quotaIs(user, segmentsPerDay, segmentsPerMonth) };
    }
  }
  return failed(problem);
}

const countOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

export async function* block(office: Office, _: CommandRequest, words: Texts): Dialogue {
  const step: Step = {
    title: words.block,
    instructions: words.blockStep,
    fields: [
      {
        name: 'prefixes',
        label: words.blockPrefixes,
        kind: 'lines',
        value: (await office.blocked()).join('\n'),
      },
    ],
  };
  let problem: string | undefined;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const answers = yield problem === undefined ? step : { ...step, problem };
    const prefixes = linesOf(answers['prefixes']);
    const wrong = prefixes.find((prefix) => !PREFIX.test(prefix));
    if (wrong === undefined) {
      await office.block(prefixes);
      return { text: words.blockIs(prefixes.length) };
    }
    problem = words.blockWrong(wrong);
  }
  return failed(problem);
}

// oxlint-disable-next-line require-yield -- a dialogue without a step
export async function* providers(office: Office, _: CommandRequest, words: Texts): Dialogue {
  const lines = office.carriers.all.map(({ name, provider }) => {
    const { isUp, text } = provider.health();
    return `${name}: ${isUp ? 'OK' : '!!'} ${text}`;
  });
  return asText(lines, words);
}
