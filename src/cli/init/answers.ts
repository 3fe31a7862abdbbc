import { isIP } from 'node:net';
import { parseJid } from '../../xmpp/jid.ts';

/*
 * What is wrong with answers, in words for whoever gave them: `undefined` when nothing is. And the parts that answers have.
 */

/** By the name of the question. */
export type Answers = Readonly<Record<string, string>>;

/** The parts of an answer that may have several. */
export const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

export function oneOf(names: readonly string[]): (answer: string) => string | undefined {
  return (answer) => (names.includes(answer) ? undefined : `has to be one of ${names.join(', ')}`);
}

export function domainProblem(answer: string): string | undefined {
  const jid = parseJid(answer);
  const isDomain = jid?.full === answer && jid.local === undefined && jid.resource === undefined;
  return isDomain ? undefined : `${answer} is not a domain in lower case`;
}

export function userProblem(answer: string): string | undefined {
  const jid = parseJid(answer);
  const isUser = jid?.local !== undefined && jid.resource === undefined;
  return isUser ? undefined : `${answer} is not a Jabber address such as alice@example.org`;
}

export const hostProblem = (answer: string): string | undefined =>
  isIP(answer) !== 0 || /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9])?$/i.test(answer)
    ? undefined
    : `${answer} is neither a host name nor an IP address`;

export const portProblem = (answer: string): string | undefined =>
  /^\d{1,5}$/.test(answer) && Number(answer) >= 1 && Number(answer) <= 65_535
    ? undefined
    : 'has to be a number from 1 to 65535';

export const urlProblem = (answer: string): string | undefined =>
  /^https?:\/\/[^\s"']+$/.test(answer) && URL.canParse(answer)
    ? undefined
    : `${answer} is not an address such as https://gw.example.org`;

/** "host" and "port"; the port may be left out where there is a usual one. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

export function placeIn(text: string, usualPort = 0): Place {
  const [, host = text, port] = /^(.*):(\d+)$/.exec(text) ?? [];
  return {
    host: host.replace(/^\[|\]$/g, ''),
    port: port === undefined ? usualPort : Number(port),
  };
}

export function placeProblem(answer: string, usualPort?: number): string | undefined {
  const { host, port } = placeIn(answer, usualPort);
  if (port === 0) return `${answer} has no port: write host:port`;
  return hostProblem(host) ?? portProblem(String(port));
}

export const mailServerProblem = (answer: string): string | undefined =>
  answer === '-' ? undefined : placeProblem(answer, 1);

/** Its parts: "name=host:port", "host". */
export function ircServerIn(text: string): Place & { readonly name: string } {
  const [, given, place = text] = /^([^=]*)=(.*)$/.exec(text) ?? [];
  const { host, port } = placeIn(place, 6_697);
  const name = given ?? host.toLowerCase().split('.').at(-2) ?? host.toLowerCase();
  return { name, host, port };
}

export function ircServerProblem(answer: string): string | undefined {
  const { name, host, port } = ircServerIn(answer);
  if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name)) {
    return `${name} is no short name: lower case letters, digits, "-" and "."`;
  }
  return hostProblem(host) ?? portProblem(String(port));
}

/** Whose it is: as given, else the first administrator's. */
export function numberIn(text: string, answers: Answers): readonly [number: string, user: string] {
  const [number = '', user] = text.split('=', 2);
  const [admin = ''] = listOf(answers['admin'] ?? '').filter((jid) => jid !== '-');
  return [number.replace(/[\s()-]/g, ''), user ?? admin];
}

export function numberProblem(part: string, answers: Answers): string | undefined {
  const [number, user] = numberIn(part, answers);
  if (!/^\+[1-9]\d{5,14}$/.test(number))
    return `${part} does not begin with a number such as +15005550006`;
  return user === '' ? `whose is it? Write ${number}=alice@example.org` : userProblem(user);
}
