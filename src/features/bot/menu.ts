import type { Address } from '../../plugin/index.ts';
import type { GatewayDomain } from '../../session/gateway-domain.ts';
import type { UserSession } from '../../session/user-session.ts';
import type { Command, CommandPlace } from '../commands/command.ts';
import type { CommandList } from '../commands/command-list.ts';
import { writtenAddress } from '../written-address.ts';
import { botTexts } from './bot-texts.ts';
import { plainWord } from './words.ts';

const AT_ADDRESS = ['contact', 'room', 'network'] as const;
/** What somebody writes who has seen no menu may be in any of these. */
const LANGUAGES = ['en', 'de'];

/** All that the user can ask for, each with the word for it. */
export function helpText(domain: GatewayDomain, list: CommandList, session: UserSession): string {
  const { language } = session;
  const texts = botTexts(language);
  const described = (command: Command): string =>
    `${command.word(language)} – ${command.name(language)}`;
  const here = list.offered('gateway', session);
  const elsewhere = AT_ADDRESS.flatMap((place) => list.offered(place, session));
  return [
    texts.greeting(domain.name),
    here.map((command, index) => `${index + 1}. ${described(command)}`).join('\n'),
    elsewhere.length === 0 ? '' : [texts.atAddress, ...elsewhere.map(described)].join('\n'),
    texts.cancelHint,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The command that a text names, by its number, word, name or node, and what stands behind it. */
export function named(
  list: CommandList,
  session: UserSession,
  text: string,
): { readonly command: Command; readonly rest: string } | undefined {
  const whole = plainWord(text);
  const offered = list.offered('gateway', session);
  const numbered = /^\d+$/.test(whole) ? offered[Number(whole) - 1] : undefined;
  if (numbered !== undefined) return { command: numbered, rest: '' };
  const [first = '', ...others] = text.trim().split(/\s+/);
  const word = plainWord(first);
  const places: readonly CommandPlace[] = ['gateway', ...AT_ADDRESS];
  const all = places.flatMap((place) => list.all(place));
  const alone = all.find((command) => namesOf(command, session).has(whole));
  if (alone !== undefined) return { command: alone, rest: '' };
  const rest = others.join(' ');
  const alike = all
    .filter(({ at }) => at !== 'gateway')
    .filter((command) => namesOf(command, session).has(word));
  // The same word may be for rooms and for networks: what is written behind it tells.
  const command = alike.find(({ at }) => addressable(session, at, rest) !== undefined) ?? alike[0];
  return command === undefined ? undefined : { command, rest };
}

function namesOf(command: Command, { language }: UserSession): ReadonlySet<string> {
  const words = [...LANGUAGES, language].flatMap((each) => [
    command.word(each),
    command.name(each),
  ]);
  return new Set([...words, command.node].map((each) => each.toLowerCase()));
}

/** The address that a person wrote, if a command can be about such a one. */
export function addressable(
  session: Pick<UserSession, 'domain' | 'account'>,
  place: CommandPlace,
  text: string,
): Address | undefined {
  const address = writtenAddress(session, text);
  return address?.kind === place ? address : undefined;
}
