import { NetworkError } from '../../src/plugin/index.ts';
import type { Account, Answers, Field, SignIn, Step, Language } from '../../src/plugin/index.ts';
import { dial } from './dial.ts';
import { identityFor, text } from './identity.ts';
import { isNick } from './names.ts';
import type { IrcOptions } from './options.ts';
import { register } from './register.ts';
import { settingsOf } from './servers.ts';
import type { Surroundings } from './surroundings.ts';
import { signInTexts } from './sign-in-texts.ts';
import type { SignInTexts } from './sign-in-texts.ts';
import { troubleTexts } from './trouble-texts.ts';

/** With whom it is, and how to speak to her. */
export interface Applicant {
  readonly signal: AbortSignal;
  readonly language: Language;
  readonly user: string;
}

/** The registration: a nick; and for one of the servers, a password that is tried there. */
export async function* signIn(
  known: Account | undefined,
  applicant: Applicant,
  around: Surroundings,
): SignIn {
  const words = signInTexts(applicant.language);
  const servers = Object.entries(around.options.servers);
  const step: Step = {
    instructions: words.instructions,
    fields: fieldsOf(known, servers, words),
  };
  let problem: string | undefined;
  for (;;) {
    const answers = yield problem === undefined ? step : { ...step, problem };
    const [first] = servers;
    const account = accountFrom(answers, known, step.fields, first?.[0]);
    const needsServer =
      account['password'] !== undefined || account['server_password'] !== undefined;
    if (needsServer && account['server'] === undefined && first !== undefined) {
      [account['server']] = first;
    }
    problem = problemOf(account, needsServer, around.options, words);
    if (problem !== undefined) continue;
    if (needsServer) await verify(account, applicant, around);
    return account;
  }
}

/** What was answered; of what was not, the passwords that are kept. */
function accountFrom(
  answers: Answers,
  known: Account | undefined,
  fields: readonly Field[],
  first: string | undefined,
): Record<string, string> {
  const account: Record<string, string> = {};
  // A password that was kept is for its own server only.
  const server = answers['server'] ?? text(known, 'server') ?? first;
  const isSame = server === text(known, 'server');
  for (const { kind, name } of fields) {
    const kept = kind === 'secret' && isSame ? text(known, name) : undefined;
    const value = answers[name] ?? kept;
    if (value !== undefined) account[name] = value;
  }
  return account;
}

function fieldsOf(
  known: Account | undefined,
  servers: readonly (readonly [string, { readonly name?: string | undefined }])[],
  words: SignInTexts,
): Field[] {
  const field = (name: string, label: string, more: Partial<Field> = {}): Field => {
    const value = more.kind === 'secret' ? undefined : text(known, name);
    return { name, label, kind: 'text', ...(value === undefined ? {} : { value }), ...more };
  };
  const plain = [field('nick', words.nick, { isRequired: true }), field('name', words.realName)];
  if (servers.length === 0) return plain;
  const options = servers.map(([value, { name }]) => ({ value, label: name ?? value }));
  const first = text(known, 'server') ?? servers[0]?.[0] ?? '';
  return [
    ...plain,
    field('password', words.password, { kind: 'secret' }),
    field('server', words.server, { kind: 'choice', options, value: first }),
    field('account', words.account),
    field('server_password', words.serverPassword, { kind: 'secret' }),
  ];
}

function problemOf(
  account: Readonly<Record<string, string>>,
  needsServer: boolean,
  { servers }: IrcOptions,
  words: SignInTexts,
): string | undefined {
  if (!isNick(account['nick'] ?? '')) {
    return words.badNick;
  }
  if (needsServer && account['server'] === undefined) {
    return words.whichServer;
  }
  if (account['server'] !== undefined && !Object.hasOwn(servers, account['server'])) {
    return words.unknownServer;
  }
  return undefined;
}

const LONGEST_CHECK_MS = 45_000;

/**
 * Signs in for a moment, to see whether the server takes the password.
 * @throws NetworkError credentials, unreachable, unsupported
 */
async function verify(
  account: Account,
  { signal, language, user }: Applicant,
  around: Surroundings,
): Promise<void> {
  const settings = settingsOf(text(account, 'server') ?? '', around.options, language);
  const { connectTimeoutMs, registrationTimeoutMs, saslTimeoutMs } = around.timings;
  const wire = await dial(settings, { secure: around.secure, connectTimeoutMs, language }, signal);
  const identity = identityFor(account, text(account, 'nick') ?? '', settings, user);
  const { transport, release, isIdentified } = await register({
    wire,
    identity: { ...identity, mayVaryNick: true },
    timeoutMs: Math.min(registrationTimeoutMs, LONGEST_CHECK_MS),
    saslTimeoutMs,
    signal,
    language,
  });
  transport.writeLine('QUIT :Only checking');
  transport.close(false, around.timings.quitTimeoutMs);
  release();
  if (identity.credentials !== undefined && !isIdentified) {
    throw new NetworkError('unsupported', troubleTexts(language).noSasl);
  }
}
