import { JABBER_SERVERS } from '../../stream/server-snippets.ts';
import {
  domainProblem,
  hostProblem,
  ircServerProblem,
  listOf,
  mailServerProblem,
  numberProblem,
  oneOf,
  placeProblem,
  portProblem,
  urlProblem,
  userProblem,
} from './answers.ts';
import type { Answers } from './answers.ts';
import type { INIT_FLAGS } from './flags.ts';

/** What is known of this machine before anything was asked. */
export interface Guesses {
  readonly server: string | undefined;
  readonly domain: string | undefined;
  readonly region: string | undefined;
}

/** Those who look at the terminal can say no to a default. */
export interface Situation {
  readonly guesses: Guesses;
  readonly isTerminal: boolean;
}

export interface Question {
  /** That of the option that answers it, too. */
  readonly name: keyof typeof INIT_FLAGS;
  readonly text: string;
  /** Whether it matters, after what was answered before. */
  isAsked(answers: Answers): boolean;
  /** `undefined` where there has to be an answer. */
  fallback(answers: Answers, situation: Situation): string | undefined;
  /** What is wrong with an answer, in words; `undefined` when it is good. */
  problem(answer: string, answers: Answers): string | undefined;
  /** On the terminal a secret itself is asked for, and not shown; the option has the file that it is in. */
  readonly isSecret?: boolean;
}

export const KINDS = ['irc', 'email', 'sms'] as const;
export type Kind = (typeof KINDS)[number];
export const SMS_PROVIDERS = ['twilio', 'smpp', 'kannel', 'gammu'] as const;

export const has = (answers: Answers, kind: Kind): boolean =>
  listOf(answers['networks'] ?? '').includes(kind);

const always = (): boolean => true;
const anything = (): undefined => undefined;
const isSms = (...providers: readonly string[]) => {
  return (answers: Answers): boolean =>
    has(answers, 'sms') && providers.includes(answers['sms-provider'] ?? '');
};
const each = (check: (part: string) => string | undefined) => {
  return (answer: string): string | undefined =>
    listOf(answer)
      .map(check)
      .find((problem) => problem !== undefined);
};

/** In the order in which they are asked. */
export const QUESTIONS: readonly Question[] = [
  {
    name: 'server',
    text: `Your Jabber server (${JABBER_SERVERS.join(', ')})`,
    isAsked: always,
    fallback: (_answers, { guesses }) => guesses.server ?? 'prosody',
    problem: oneOf(JABBER_SERVERS),
  },
  {
    name: 'domain',
    text: 'The domain of your users, as in alice@<domain>',
    isAsked: always,
    fallback: (_answers, { guesses, isTerminal }) => (isTerminal ? guesses.domain : undefined),
    problem: domainProblem,
  },
  {
    name: 'host',
    text: 'Where the Jabber server listens for components',
    isAsked: always,
    fallback: () => '127.0.0.1',
    problem: hostProblem,
  },
  {
    name: 'port',
    text: 'Its port for components',
    isAsked: always,
    fallback: () => '5347',
    problem: portProblem,
  },
  {
    name: 'networks',
    text: `Networks to switch on (of ${KINDS.join(', ')})`,
    isAsked: always,
    fallback: () => 'irc',
    problem: (answer) =>
      listOf(answer).length === 0 ? 'at least one is needed' : each(oneOf(KINDS))(answer),
  },
  ...KINDS.map((kind): Question => ({
    name: `${kind}-domain`,
    text: `The domain of the gateway for ${kind}`,
    isAsked: (answers) => has(answers, kind),
    fallback: ({ domain = '' }) => `${kind}.${domain}`,
    problem: (answer, answers) =>
      domainProblem(answer) ??
      (KINDS.some((other) => other !== kind && answers[`${other}-domain`] === answer)
        ? 'another gateway has this domain'
        : answer === answers['domain']
          ? 'is the domain of your users; a gateway has one of its own'
          : undefined),
  })),
  {
    name: 'admin',
    text: 'Administrators, by Jabber address (- for nobody)',
    isAsked: always,
    fallback: ({ domain = '' }, { isTerminal }) => (isTerminal ? `admin@${domain}` : '-'),
    problem: (answer) => (answer === '-' ? undefined : each(userProblem)(answer)),
  },
  {
    name: 'irc-server',
    text: 'IRC servers with short names',
    isAsked: (answers) => has(answers, 'irc'),
    fallback: () => 'libera=irc.libera.chat:6697',
    problem: each(ircServerProblem),
  },
  {
    name: 'email-imap',
    text: 'The IMAP server of mailboxes at your domain (- for none)',
    isAsked: (answers) => has(answers, 'email'),
    fallback: () => '-',
    problem: mailServerProblem,
  },
  {
    name: 'email-smtp',
    text: 'The SMTP server that takes their mail',
    isAsked: (answers) => has(answers, 'email') && answers['email-imap'] !== '-',
    fallback: ({ domain = '' }) => `smtp.${domain}:465`,
    problem: (answer) => (answer === '-' ? 'is needed beside IMAP' : mailServerProblem(answer)),
  },
  {
    name: 'sms-provider',
    text: `Who carries the texts (${SMS_PROVIDERS.join(', ')})`,
    isAsked: (answers) => has(answers, 'sms'),
    fallback: () => 'twilio',
    problem: oneOf(SMS_PROVIDERS),
  },
  {
    name: 'sms-server',
    text: 'Its server: host:port of SMPP, the URL of sendsms of Kannel',
    isAsked: isSms('smpp', 'kannel'),
    fallback: (answers) =>
      answers['sms-provider'] === 'kannel'
        ? 'http://127.0.0.1:13013/cgi-bin/sendsms'
        : '127.0.0.1:2775',
    problem: (answer, answers) =>
      answers['sms-provider'] === 'kannel' ? urlProblem(answer) : placeProblem(answer),
  },
  {
    name: 'sms-account',
    text: 'Account there (SID, system_id, user name)',
    isAsked: isSms('twilio', 'smpp', 'kannel'),
    fallback: anything,
    problem: (answer, answers) =>
      answers['sms-provider'] === 'smpp' && answer.length > 15
        ? 'has at most 15 characters'
        : undefined,
  },
  {
    name: 'sms-password-file',
    text: 'Its auth token or password',
    isAsked: isSms('twilio', 'smpp', 'kannel'),
    fallback: anything,
    problem: anything,
    isSecret: true,
  },
  {
    name: 'sms-region',
    text: 'Country in which numbers are read (two letters)',
    isAsked: (answers) => has(answers, 'sms'),
    fallback: (_answers, { guesses }) => guesses.region ?? 'US',
    problem: (answer) =>
      /^[A-Z]{2}$/.test(answer) ? undefined : 'has to be two capital letters, such as US',
  },
  {
    name: 'sms-number',
    text: 'Your numbers, as +15005550006=alice@example.org',
    isAsked: (answers) => has(answers, 'sms'),
    fallback: anything,
    problem: (answer, answers) => each((part) => numberProblem(part, answers))(answer),
  },
  {
    name: 'public-url',
    text: 'Public address for files and webhooks, https://… (- for none yet)',
    isAsked: (answers) => has(answers, 'email') || has(answers, 'sms'),
    fallback: () => '-',
    problem: (answer) => (answer === '-' ? undefined : urlProblem(answer)),
  },
];
