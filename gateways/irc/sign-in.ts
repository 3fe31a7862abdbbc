import { NetworkError } from '../../src/plugin/index.ts';
import type { Account, Answers, Field, SignIn, Step } from '../../src/plugin/index.ts';
import { dial } from './dial.ts';
import { isNick } from './names.ts';
import type { IrcOptions } from './options.ts';
import { register } from './register.ts';
import type { Identity } from './register.ts';
import type { SecureContexts } from './secure-contexts.ts';
import { settingsOf } from './servers.ts';
import type { ServerSettings } from './servers.ts';
import type { Timings } from './timings.ts';

const text = (account: Account | undefined, name: string): string | undefined => {
  const value = account?.[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** What of a registration goes to one server: passwords only to the one that they are for. */
export function identityFor(
  account: Account | undefined,
  nick: string,
  settings: ServerSettings,
): Omit<Identity, 'mayVaryNick'> {
  const realName = text(account, 'name') ?? nick;
  const isTheirs = settings.preset !== undefined && text(account, 'server') === settings.preset;
  const password = isTheirs ? text(account, 'password') : undefined;
  const serverPassword = isTheirs ? text(account, 'server_password') : undefined;
  const name = text(account, 'account') ?? text(account, 'nick') ?? nick;
  return {
    nick,
    realName,
    ...(password === undefined ? {} : { account: { name, password } }),
    ...(serverPassword === undefined ? {} : { serverPassword }),
  };
}

export interface SignInParts {
  readonly options: IrcOptions;
  readonly secure: SecureContexts;
  readonly timings: Timings;
}

/** The registration: a nick; and for one of the servers, a password that is tried there. */
export async function* signIn(
  known: Account | undefined,
  signal: AbortSignal,
  parts: SignInParts,
): SignIn {
  const servers = Object.entries(parts.options.servers);
  const step: Step = {
    instructions: 'Choose the nick that you want to have on IRC.',
    fields: fieldsOf(known, servers),
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
    problem = problemOf(account, needsServer, parts.options);
    if (problem !== undefined) continue;
    if (needsServer) await verify(account, signal, parts);
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
): Field[] {
  const field = (name: string, label: string, more: Partial<Field> = {}): Field => {
    const value = more.kind === 'secret' ? undefined : text(known, name);
    return { name, label, kind: 'text', ...(value === undefined ? {} : { value }), ...more };
  };
  const plain = [
    field('nick', 'Nick', { isRequired: true }),
    field('name', 'Real name, which others can see'),
  ];
  if (servers.length === 0) return plain;
  const options = servers.map(([value, { name }]) => ({ value, label: name ?? value }));
  const first = text(known, 'server') ?? servers[0]?.[0] ?? '';
  return [
    ...plain,
    field('password', 'Password of your account (NickServ), if you have one', { kind: 'secret' }),
    field('server', 'Server that the password is for', { kind: 'choice', options, value: first }),
    field('account', 'Name of the account, if it is not the nick'),
    field('server_password', 'Password of the server itself, if it has one', { kind: 'secret' }),
  ];
}

function problemOf(
  account: Readonly<Record<string, string>>,
  needsServer: boolean,
  { servers }: IrcOptions,
): string | undefined {
  if (!isNick(account['nick'] ?? '')) {
    return 'This cannot be a nick: it must not hold spaces or signs like ! @ , : and must not begin with #.';
  }
  if (needsServer && account['server'] === undefined) {
    return 'Say which server the password is for.';
  }
  if (account['server'] !== undefined && !Object.hasOwn(servers, account['server'])) {
    return 'Choose one of the known servers.';
  }
  return undefined;
}

/**
 * Signs in for a moment, to see whether the server takes the password.
 * @throws NetworkError credentials, unreachable, unsupported
 */
async function verify(account: Account, signal: AbortSignal, parts: SignInParts): Promise<void> {
  const settings = settingsOf(text(account, 'server') ?? '', parts.options);
  const { connectTimeoutMs, registrationTimeoutMs } = parts.timings;
  const socket = await dial(settings, { secure: parts.secure, connectTimeoutMs }, signal);
  const identity = identityFor(account, text(account, 'nick') ?? '', settings);
  const serverPassword = identity.serverPassword ?? settings.password;
  const connection = await register(
    {
      socket,
      identity: {
        ...identity,
        mayVaryNick: true,
        ...(serverPassword === undefined ? {} : { serverPassword }),
      },
      timeoutMs: Math.min(registrationTimeoutMs, 45_000),
      signal,
    },
    { message: () => undefined, closed: () => undefined, badLine: () => undefined },
  );
  connection.transport.writeLine('QUIT :Only checking');
  connection.transport.close(false, parts.timings.quitTimeoutMs);
  if (identity.account !== undefined && !connection.isIdentified) {
    throw new NetworkError('unsupported', 'That server does not take passwords by SASL.');
  }
}
