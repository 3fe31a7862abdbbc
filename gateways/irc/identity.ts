import type { Account } from '../../src/plugin/index.ts';
import type { Preferences } from './preferences.ts';
import type { Identity } from './register.ts';
import type { ServerSettings } from './servers.ts';
import { webircLine } from './webirc.ts';

/** A text of an account. */
export const text = (account: Account | undefined, name: string): string | undefined => {
  const value = account?.[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** What of a registration goes to one server: passwords only to the one that they are for. */
export function identityFor(
  account: Account | undefined,
  nick: string,
  settings: ServerSettings,
  user: string,
): Omit<Identity, 'mayVaryNick'> {
  const { webircPassword } = settings;
  const realName = text(account, 'name') ?? nick;
  const isTheirs = settings.preset !== undefined && text(account, 'server') === settings.preset;
  const password = isTheirs ? text(account, 'password') : undefined;
  const ownPassword = isTheirs ? text(account, 'server_password') : undefined;
  const serverPassword = ownPassword ?? settings.password;
  const name = text(account, 'account') ?? text(account, 'nick') ?? nick;
  return {
    nick,
    userName: userNameOf(nick),
    realName,
    ...credentialsOf(name, password, settings),
    ...(serverPassword === undefined ? {} : { serverPassword }),
    ...(webircPassword === undefined ? {} : { webirc: webircLine(webircPassword, user) }),
  };
}

/** With the password, or else by the certificate that we show. */
function credentialsOf(
  account: string,
  password: string | undefined,
  { certificate }: ServerSettings,
): Pick<Identity, 'credentials'> {
  if (password !== undefined) return { credentials: { mechanism: 'PLAIN', account, password } };
  return certificate === undefined ? {} : { credentials: { mechanism: 'EXTERNAL', account: '' } };
}

const LONGEST_USER_NAME = 10;

/** What most servers take (RFC 2812 §2.3.1). */
function userNameOf(nick: string): string {
  return nick.replace(/[^A-Za-z0-9]/g, '').slice(0, LONGEST_USER_NAME) || 'user';
}

/** What the user has set for that server goes before what she registered with. */
export function withPreferences(
  identity: Omit<Identity, 'mayVaryNick'>,
  nick: string,
  preferences: Preferences,
): Omit<Identity, 'mayVaryNick'> {
  const { serverPassword, userName, realName } = preferences;
  return {
    ...identity,
    nick,
    userName: userName === undefined ? identity.userName : userNameOf(userName),
    realName: realName ?? identity.realName,
    ...(serverPassword === undefined ? {} : { serverPassword }),
    ...ownCredentials(nick, preferences),
  };
}

/** With the password, or else by the certificate, that the user has set for that server. */
function ownCredentials(
  nick: string,
  { account, certificate, password }: Preferences,
): Pick<Identity, 'credentials'> {
  if (password !== undefined) {
    return { credentials: { mechanism: 'PLAIN', account: account ?? nick, password } };
  }
  if (certificate === undefined) return {};
  return { credentials: { mechanism: 'EXTERNAL', account: account ?? '' } };
}

/** A password goes to a server of the user's choice over TLS alone. */
export function portsFor(
  settings: ServerSettings,
  { credentials, serverPassword }: Pick<Identity, 'credentials' | 'serverPassword'>,
): ServerSettings {
  const hasSecret = credentials !== undefined || serverPassword !== undefined;
  if (!hasSecret || settings.preset !== undefined) return settings;
  return { ...settings, ports: settings.ports.filter(({ isTls }) => isTls) };
}
