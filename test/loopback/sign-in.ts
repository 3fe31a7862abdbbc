import { NetworkError, catalogue } from 'causeway/plugin';
import type { Account, Answers, Field, Language, SignIn, Step } from 'causeway/plugin';
import { nameOf } from './address.ts';
import type { LoopbackNetwork } from './network.ts';
import type { LoopbackOptions } from './options.ts';

const PAGE = 'https://loopback.invalid/consent';

const texts = catalogue(
  {
    start: 'Choose your name on the loopback network.',
    nick: 'Name',
    fullName: 'Full name',
    password: 'Password, if the name has one',
    noName: 'That cannot be a name: use letters, digits and . _ ~ + -',
    isTaken: (name: string) => `${name} is somebody else's name.`,
    refused: 'The loopback network does not take that password.',
    details: 'Say something about yourself.',
    about: 'About you, in some lines',
    visible: 'Others may find you',
    colour: 'Colour',
    red: 'Red',
    blue: 'Blue',
    interests: 'Interests',
    chess: 'Chess',
    music: 'Music',
    pin: 'PIN',
    noPin: 'A PIN has digits only.',
    link: 'Open the page and write here what it says.',
    code: 'Code',
    noCode: 'The page says something else.',
  },
  {
    de: {
      start: 'Wähle einen Namen für das Loopback-Netz.',
      nick: 'Name',
      fullName: 'Voller Name',
      password: 'Passwort, falls der Name eines hat',
      noName: 'Das kann kein Name sein: Buchstaben, Ziffern und . _ ~ + - sind erlaubt.',
      isTaken: (name: string) => `${name} heißt schon jemand anders.`,
      refused: 'Das Loopback-Netz nimmt dieses Passwort nicht an.',
      details: 'Erzähle etwas von dir.',
      about: 'Über dich, in einigen Zeilen',
      visible: 'Andere dürfen dich finden',
      colour: 'Farbe',
      red: 'Rot',
      blue: 'Blau',
      interests: 'Interessen',
      chess: 'Schach',
      music: 'Musik',
      pin: 'PIN',
      noPin: 'Eine PIN besteht nur aus Ziffern.',
      link: 'Öffne die Seite und schreibe hier, was dort steht.',
      code: 'Code',
      noCode: 'Auf der Seite steht etwas anderes.',
    },
  },
);

export interface SignInParts {
  readonly network: LoopbackNetwork;
  readonly needs: LoopbackOptions['needs'];
  readonly page: LoopbackOptions['page'];
  readonly steps: LoopbackOptions['steps'];
  readonly language: Language;
  readonly signal: AbortSignal;
}

/** The registration: a name with its password; details and a page with a code where they are wanted. */
export async function* signIn(known: Account | undefined, parts: SignInParts): SignIn {
  let account = yield* begin(known, parts);
  for (const step of parts.steps) {
    account =
      step === 'details'
        ? yield* details({ ...known, ...account }, parts)
        : yield* consent(account, parts);
  }
  return account;
}

async function* begin(
  known: Account | undefined,
  { network, needs, page, language, signal }: SignInParts,
): SignIn {
  const words = texts(language);
  const more = needs.filter((name) => name !== 'name');
  const step: Step = {
    title: 'Loopback',
    instructions: words.start,
    ...(page ? { link: PAGE } : {}),
    fields: [
      field(known, 'nick', words.nick, { isRequired: true }),
      field(known, 'name', words.fullName, needs.includes('name') ? { isRequired: true } : {}),
      field(known, 'password', words.password, { kind: 'secret' }),
      ...more.map((name) => field(known, name, name, { isRequired: true })),
    ],
  };
  const answers = yield* asked(step, ({ nick = '' }) =>
    nameOf(nick) === undefined ? words.noName : undefined,
  );
  const account = answered(known, step, answers);
  const nick = nameOf(answers['nick'] ?? '') ?? '';
  await network.calls.enter({ user: nick, method: 'signIn', args: [answers] });
  signal.throwIfAborted();
  if (network.isOnline(nick) && known?.['nick'] !== nick) {
    throw new NetworkError('conflict', words.isTaken(nick));
  }
  const password = network.passwords.get(nick);
  if (password !== undefined && account['password'] !== password) {
    throw new NetworkError('credentials', words.refused);
  }
  return { ...account, nick };
}

async function* details(account: Account, { language }: SignInParts): SignIn {
  const words = texts(language);
  const step: Step = {
    instructions: words.details,
    fields: [
      field(account, 'about', words.about, { kind: 'lines' }),
      field(account, 'visible', words.visible, {
        kind: 'flag',
        value: typeof account['visible'] === 'string' ? account['visible'] : 'true',
      }),
      field(account, 'colour', words.colour, {
        kind: 'choice',
        options: [
          { value: 'red', label: words.red },
          { value: 'blue', label: words.blue },
        ],
      }),
      field(account, 'interests', words.interests, {
        kind: 'choices',
        options: [
          { value: 'chess', label: words.chess },
          { value: 'music', label: words.music },
        ],
      }),
      field(account, 'pin', words.pin, { kind: 'secret' }),
    ],
  };
  const answers = yield* asked(step, ({ pin }) =>
    pin === undefined || /^\d+$/.test(pin) ? undefined : words.noPin,
  );
  return { ...account, ...answered(account, step, answers) };
}

async function* consent(account: Account, { network, language }: SignInParts): SignIn {
  const words = texts(language);
  const step: Step = {
    instructions: words.link,
    link: PAGE,
    fields: [field(undefined, 'code', words.code, { isRequired: true })],
  };
  yield* asked(step, ({ code }) => (code === network.consentCode ? undefined : words.noCode));
  return account;
}

/** Asks until there is nothing wrong with the answers. */
async function* asked(
  step: Step,
  check: (answers: Answers) => string | undefined,
): AsyncGenerator<Step, Answers, Answers> {
  let answers = yield step;
  let problem = check(answers);
  while (problem !== undefined) {
    answers = yield { ...step, problem };
    problem = check(answers);
  }
  return answers;
}

/** A question; what the account has of it stands there already, unless it is a secret. */
function field(
  known: Account | undefined,
  name: string,
  label: string,
  more: Partial<Field> = {},
): Field {
  const value = known?.[name];
  const isShown = typeof value === 'string' && more.kind !== 'secret';
  return { name, label, kind: 'text', ...(isShown ? { value } : {}), ...more };
}

/** What was answered; a secret that was left empty stays as it was. */
function answered(known: Account | undefined, step: Step, answers: Answers): Account {
  const account: Record<string, string> = {};
  for (const { name, kind } of step.fields) {
    const kept = kind === 'secret' ? known?.[name] : undefined;
    const value = answers[name] ?? (typeof kept === 'string' ? kept : undefined);
    if (value !== undefined) account[name] = value;
  }
  return account;
}
