import { NetworkError, contactId } from '../../src/plugin/index.ts';
import type { ContactCard, Exclusion, Language, RoomListing } from '../../src/plugin/index.ts';
import { idText } from './address.ts';
import { ask } from './ask.ts';
import type { Channel } from './channel.ts';
import { stripFormatting } from './formatting.ts';
import { isChannel } from './names.ts';
import type { ServerLink } from './server-link.ts';
import { WhoisReport } from './whois.ts';

const LIST_TIMEOUT_MS = 40_000;
/** More channels are not shown; of a network with more, only those with some people in them are asked for. */
const MOST_ROOMS = 5_000;
/** More bans are not shown. */
const MOST_BANS = 5_000;
const LIST_LIFE_MS = 120_000;
const FEW_PEOPLE = 5;

/** What a user knows of the channels of a server, for a while. */
export interface RoomList {
  readonly at: number;
  readonly rooms: readonly RoomListing[];
}

/** RFC 2812 §3.2.6, with the filters of ELIST where there are any. @throws NetworkError */
export async function listRooms(link: ServerLink, name = ''): Promise<readonly RoomListing[]> {
  const { roomList } = link;
  if (roomList !== undefined && Date.now() - roomList.at < LIST_LIFE_MS) {
    return roomList.rooms.filter((room) => isNamed(room, name));
  }
  const rooms: RoomListing[] = [];
  let isWhole = true;
  await ask(link, {
    command: 'LIST',
    params: listFilter(link, name),
    timeoutMs: LIST_TIMEOUT_MS,
    hear: ({ command, params }) => {
      if (command === '322' && isChannel(params[1] ?? '')) {
        if (rooms.length < MOST_ROOMS) rooms.push(listing(link, params));
        else isWhole = false;
      }
      return command === '323';
    },
  });
  rooms.sort((one, two) => (two.size ?? 0) - (one.size ?? 0));
  if (isWhole && name === '') link.roomList = { at: Date.now(), rooms };
  return rooms.filter((room) => isNamed(room, name));
}

function listFilter(link: ServerLink, name: string): string[] {
  const { listFilters } = link.features;
  const isPlain = /^[^\s,*?<>!]+$/.test(name);
  if (isPlain && listFilters.includes('M')) return [`*${name}*`];
  return link.channelCount > MOST_ROOMS && listFilters.includes('U') ? [`>${FEW_PEOPLE}`] : [];
}

const isNamed = ({ name = '' }: RoomListing, part: string): boolean =>
  name.toLowerCase().includes(part.toLowerCase());

function listing(link: ServerLink, params: readonly string[]): RoomListing {
  const [, name = '', size, topic = ''] = params;
  // Some servers put the modes before the subject.
  const subject = stripFormatting(topic.replace(/^\[\+\S*(?: [^\]]*)?\] ?/, ''));
  return {
    id: link.roomOf(name),
    name,
    ...(Number.isInteger(Number(size)) ? { size: Number(size) } : {}),
    ...(subject === '' ? {} : { subject }),
  };
}

/** WHOIS (RFC 2812 §3.6.2). @throws NetworkError not-found */
export async function lookup(
  link: ServerLink,
  nick: string,
  language: Language,
): Promise<ContactCard> {
  const report = new WhoisReport(nick);
  const folded = link.fold(nick);
  await ask(link, {
    command: 'WHOIS',
    // Asked of the user's own server, which alone knows how long she has been idle.
    params: [nick, nick],
    names: [nick],
    hear: ({ command, params }) => {
      if (link.fold(params[1] ?? '') !== folded) return false;
      report.hear(command, params);
      return command === '318';
    },
  });
  if (!report.isFound) throw new NetworkError('not-found', link.troubles.noNickLikeThat);
  return report.card(language);
}

/** The ban list of a channel (RFC 2812 §3.2.3). */
export async function listBans(link: ServerLink, channel: Channel): Promise<Ban[]> {
  const bans: Ban[] = [];
  const folded = link.fold(channel.name);
  await ask(link, {
    command: 'MODE',
    params: [channel.name, 'b'],
    names: [channel.name],
    hear: ({ command, params }) => {
      if (link.fold(params[1] ?? '') !== folded) return false;
      if (command === '367' && bans.length < MOST_BANS)
        bans.push({ mask: params[2] ?? '', by: params[3] });
      return command === '368';
    },
  });
  return bans;
}

export interface Ban {
  readonly mask: string;
  readonly by: string | undefined;
}

export function exclusionOf(link: ServerLink, { mask, by }: Ban): Exclusion {
  const contact = contactId(idText(mask, link.context.settings.id));
  return { contact, ...(by === undefined ? {} : { reason: by.split('!', 1)[0] ?? by }) };
}

/** Where somebody comes from, for a ban that a new nick does not end; `undefined` when she is not there. */
export async function hostOf(link: ServerLink, nick: string): Promise<string | undefined> {
  let host: string | undefined;
  const folded = link.fold(nick);
  await ask(link, {
    command: 'USERHOST',
    params: [nick],
    hear: ({ command, params }) => {
      if (command !== '302') return false;
      for (const reply of (params.at(-1) ?? '').split(' ')) {
        const match = /^([^=*]+)\*?=[+-]([^@]*)@(\S+)$/.exec(reply);
        if (match === null || link.fold(match[1] ?? '') !== folded) continue;
        host = match[3];
        link.people.isAt(folded, `${match[2]}@${host}`);
      }
      return true;
    },
  });
  return host;
}
