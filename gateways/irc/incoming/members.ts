import { NetworkError } from '../../../src/plugin/index.ts';
import type { Departure } from '../../../src/plugin/index.ts';
import { isIn } from '../batches.ts';
import type { Channel } from '../channel.ts';
import { stripFormatting } from '../formatting.ts';
import { releaseHeld } from '../history.ts';
import type { IrcMessage } from '../irc-message.ts';
import { refuseEntry } from '../membership.ts';
import { cleanName } from '../names.ts';
import { parseModes } from '../parse-modes.ts';
import type { ModeChange } from '../parse-modes.ts';
import type { ServerLink } from '../server-link.ts';
import { modeChanged, modesTold } from '../traits.ts';
import { channelOf, handlers } from './handler.ts';
import { refused } from './refusals.ts';

/** How people leave channels, and what changes about them while they are there (RFC 2812 §3.1, §3.2). */
export const members = handlers({
  PART: parted,
  KICK: kicked,
  QUIT: quit,
  NICK: renamed,
  MODE: modes,
  '324': (link, message) => {
    const [, name, ...rest] = message.params;
    const channel = channelOf(link, name);
    if (channel !== undefined) modesTold(link, channel, rest);
    refused(link, message);
  },
});

function parted(link: ServerLink, { params, nick }: IrcMessage): void {
  const [name = '', reason] = params;
  if (link.isSelf(nick) && link.channels.hasLeft(link.fold(name))) return;
  const channel = channelOf(link, name);
  if (channel !== undefined) takeOut(link, channel, { nick, how: 'left', reason });
}

interface Leaving {
  readonly nick: string;
  readonly how: Departure;
  readonly by?: string;
  readonly reason: string | undefined;
}

function takeOut(link: ServerLink, channel: Channel, leaving: Leaving): void {
  const { nick, how, by, reason } = leaving;
  const isSelf = link.isSelf(nick);
  if (isSelf && channel.phase !== 'in') return refuseEntry(link, channel, putOut(link, leaving));
  if (isSelf) releaseHeld(link, channel);
  const person = channel.remove(link.fold(nick));
  if (isSelf) link.forget(channel);
  if (person === undefined || channel.phase !== 'in') return;
  link.emit({
    kind: 'left',
    room: channel.room,
    nick: person.nick,
    how,
    ...(by === undefined ? {} : { by }),
    ...(reason === undefined || reason === '' ? {} : { reason: stripFormatting(reason) }),
  });
}

/** Before all was known of the channel. */
function putOut({ troubles }: ServerLink, { by, reason = '' }: Leaving): NetworkError {
  if (by === undefined) return new NetworkError('not-joined', troubles.leftChannel);
  return new NetworkError('refused', troubles.putOut(by, stripFormatting(reason)));
}

function kicked(link: ServerLink, { params, nick: by }: IrcMessage): void {
  const [name = '', nick = '', reason] = params;
  if (link.isSelf(nick) && link.channels.isLeaving(link.fold(name))) return;
  const channel = channelOf(link, name);
  if (channel === undefined) return;
  const folded = link.fold(nick);
  const address = link.isSelf(nick) && link.mask !== '' ? link.mask : link.people.addressOf(folded);
  const known = address === undefined ? undefined : link.fold(address);
  const how = channel.isBanned(folded, known, by) ? 'banned' : 'kicked';
  takeOut(link, channel, { nick, how, by, reason });
}

/** Two servers' names and nothing else are the sign of a connection between them that broke. */
const NETSPLIT = /^[\w.*-]+\.[\w*-]+ [\w.*-]+\.[\w*-]+$/;

function quit(link: ServerLink, message: IrcMessage): void {
  const { params, nick } = message;
  // Some servers tell the user herself, before they hang up: that the connection is lost is what matters.
  if (link.isSelf(nick)) return;
  const [reason] = params;
  const isSplit = NETSPLIT.test(reason ?? '') || isIn(link, message, 'netsplit');
  const how = isSplit ? 'lost' : 'quit';
  const folded = link.fold(nick);
  for (const channel of link.channels) {
    if (channel.has(folded)) takeOut(link, channel, { nick, how, reason });
  }
  link.watch?.seen(folded, false);
  link.people.gone(folded);
  link.freed(nick);
}

function renamed(link: ServerLink, message: IrcMessage): void {
  const { params, nick } = message;
  const next = cleanName(params[0] ?? '');
  const isSelf = link.isSelf(nick);
  const folded = link.fold(nick);
  for (const channel of link.channels) {
    const person = channel.remove(folded);
    if (person === undefined) continue;
    const after = link.people.changed(person, { nick: next });
    channel.set(after);
    if (channel.phase !== 'in') continue;
    link.emit({ kind: 'renamed', room: channel.room, nick: person.nick, member: after.member });
  }
  link.watch?.seen(folded, false);
  link.watch?.seen(link.fold(next), true);
  link.people.gone(folded);
  link.people.heard(link.fold(next), message);
  if (isSelf) link.nick = next;
  else link.freed(nick);
}

function modes(link: ServerLink, { params, nick: by }: IrcMessage): void {
  const [name, text = '', ...values] = params;
  const channel = channelOf(link, name);
  if (channel === undefined) return;
  for (const change of parseModes(text, values, link.features)) {
    const { isSet, mode, value } = change;
    modeChanged(link, channel, mode);
    if (value === undefined) continue;
    if (mode === 'b' && isSet) channel.banned(link.fold(value), by);
    else if (mode === 'b') channel.readmitted(link.fold(value));
    rankChanged(link, channel, change, by);
  }
}

function rankChanged(
  link: ServerLink,
  channel: Channel,
  { isSet, mode, value = '' }: ModeChange,
  by: string,
): void {
  if (!link.features.prefixes.some((prefix) => prefix.mode === mode)) return;
  const person = channel.person(link.fold(value));
  if (person === undefined) return;
  const rest = person.modes.replaceAll(mode, '');
  const after = link.people.changed(person, { modes: isSet ? rest + mode : rest });
  channel.set(after);
  if (channel.phase !== 'in' || after.member.rank === person.member.rank) return;
  link.emit({ kind: 'member', room: channel.room, member: after.member, by });
}
