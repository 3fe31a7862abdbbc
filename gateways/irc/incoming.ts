import type { IrcMessage } from 'irc-framework';
import { contactId, messageId, networkId, roomId } from '../../src/plugin/index.ts';
import type { Departure, MessageId, RoomMessageEvent } from '../../src/plugin/index.ts';
import { idText } from './address.ts';
import { Channel, subjectOf } from './channel.ts';
import { answerCtcp, parseCtcp } from './ctcp.ts';
import { stripFormatting } from './formatting.ts';
import { refusalOf } from './numerics.ts';
import { parseModes } from './parse-modes.ts';
import type { ServerLink } from './server-link.ts';

/** Older than this, a message comes from a bouncer's memory. */
const LATE_MS = 60_000;

/** A kick so soon after a ban is part of it. */
const BAN_MS = 10_000;
/** More is not kept of what is said while members are listed. */
const HELD_COUNT = 500;

type Handler = (link: ServerLink, message: IrcMessage) => void;

/** What a line from the server means, by its command (RFC 2812 §3, §5). */
const HANDLERS: Readonly<Record<string, Handler>> = {
  JOIN: joined,
  PART: (link, message) => gone(link, message, message.nick, 'left'),
  KICK: kicked,
  QUIT: quit,
  NICK: renamed,
  MODE: modes,
  TOPIC: topic,
  PRIVMSG: said,
  NOTICE: said,
  INVITE: invited,
  '005': (link) => link.rekey(),
  '331': (link, { params }) =>
    withChannel(link, params[1], (channel) => (channel.subject = undefined)),
  '332': (link, { params }) =>
    withChannel(link, params[1], (channel) => (channel.subject = subjectOf(params[2] ?? ''))),
  '333': topicAuthor,
  '353': (link, { params }) =>
    withChannel(link, params[2], (channel) => {
      if (channel.phase !== 'entering') return;
      channel.addNames(params[3] ?? '', link.features, (nick) => link.fold(nick));
    }),
  '366': (link, { params }) => withChannel(link, params[1], (channel) => entered(link, channel)),
};

/** Takes one line. */
export function handleMessage(link: ServerLink, message: IrcMessage): void {
  const handler = Object.hasOwn(HANDLERS, message.command) ? HANDLERS[message.command] : undefined;
  if (handler !== undefined) handler(link, message);
  else refused(link, message);
  link.answers.heard(message);
}

function withChannel(
  link: ServerLink,
  name: string | undefined,
  work: (channel: Channel) => void,
): void {
  const channel = link.channels.get(link.fold(name ?? ''));
  if (channel !== undefined) work(channel);
}

function joined(link: ServerLink, { params, nick, ident, hostname }: IrcMessage): void {
  const [name = ''] = params;
  const folded = link.fold(name);
  if (link.isSelf(nick)) {
    if (link.sender !== undefined && hostname !== '') {
      link.sender.maskBytes = Buffer.byteLength(`:!${ident}@${hostname} `);
    }
    // Left again before the server has let us in: PART is on its way.
    if (link.leaving.has(folded)) return;
    let channel = link.channels.get(folded);
    if (channel === undefined) {
      const { id } = link.context.settings;
      channel = new Channel(roomId(idText(name, id)), name, id, undefined);
      link.channels.set(folded, channel);
    }
    return channel.enter();
  }
  const channel = link.channels.get(folded);
  if (channel === undefined) return;
  const person = { nick, modes: '' };
  channel.set(link.fold(nick), person);
  if (channel.phase !== 'in') return;
  const member = channel.member(person, link.features);
  link.emit({ kind: 'joined', room: channel.room, member });
}

/** All that belongs to the state of the channel is known. */
function entered(link: ServerLink, channel: Channel): void {
  if (channel.phase !== 'entering' || !channel.has(link.fold(link.nick))) return;
  clearTimeout(channel.timer);
  channel.phase = 'in';
  const state = channel.state(link.nick, link.features);
  const { entry } = channel;
  channel.entry = undefined;
  const held = channel.held.splice(0);
  const tell = (): void => {
    for (const event of held) link.emit(event);
  };
  if (entry === undefined) {
    link.emit({ kind: 'room', room: channel.room, state });
    return tell();
  }
  entry.resolve(state);
  link.afterTurn(tell);
}

/** RFC 2812 §3.2.7 */
function invited(link: ServerLink, { params, nick }: IrcMessage): void {
  const [target = '', channel = ''] = params;
  if (!link.isSelf(target) || channel === '') return;
  const { id } = link.context.settings;
  const text = `${nick} invites you to ${idText(channel, id)}.`;
  link.emit({ kind: 'notice', network: networkId(id), text });
}

function gone(link: ServerLink, { params }: IrcMessage, nick: string, how: Departure): void {
  if (link.isSelf(nick) && link.leaving.delete(link.fold(params[0] ?? ''))) return;
  withChannel(link, params[0], (channel) =>
    takeOut(link, channel, { nick, how, reason: params[1] }),
  );
}

interface Leaving {
  readonly nick: string;
  readonly how: Departure;
  readonly by?: string;
  readonly reason: string | undefined;
}

function takeOut(link: ServerLink, channel: Channel, { nick, how, by, reason }: Leaving): void {
  const person = channel.remove(link.fold(nick));
  const isSelf = link.isSelf(nick);
  if (isSelf) link.forget(channel);
  if (person === undefined || (channel.phase !== 'in' && !isSelf)) return;
  link.emit({
    kind: 'left',
    room: channel.room,
    nick: person.nick,
    how,
    ...(by === undefined ? {} : { by }),
    ...(reason === undefined || reason === '' ? {} : { reason: stripFormatting(reason) }),
  });
}

function kicked(link: ServerLink, { params, nick }: IrcMessage): void {
  const [name, target = '', reason] = params;
  withChannel(link, name, (channel) => {
    const bannedAt = channel.bans.get(link.fold(target)) ?? 0;
    channel.bans.delete(link.fold(target));
    const how = Date.now() - bannedAt < BAN_MS ? 'banned' : 'kicked';
    takeOut(link, channel, { nick: target, how, by: nick, reason });
  });
}

/** Two servers' names and nothing else are the sign of a connection between them that broke. */
const NETSPLIT = /^[\w.*-]+\.[\w*-]+ [\w.*-]+\.[\w*-]+$/;

function quit(link: ServerLink, { params, nick }: IrcMessage): void {
  const [reason] = params;
  const how = NETSPLIT.test(reason ?? '') ? 'lost' : 'quit';
  for (const channel of link.channels.values()) {
    if (channel.has(link.fold(nick))) takeOut(link, channel, { nick, how, reason });
  }
  link.freed(nick);
}

function renamed(link: ServerLink, { params, nick }: IrcMessage): void {
  const [next = ''] = params;
  const isSelf = link.isSelf(nick);
  for (const channel of link.channels.values()) {
    const person = channel.remove(link.fold(nick));
    if (person === undefined) continue;
    const after = { nick: next, modes: person.modes };
    channel.set(link.fold(next), after);
    if (channel.phase !== 'in') continue;
    const member = channel.member(after, link.features);
    link.emit({ kind: 'renamed', room: channel.room, nick: person.nick, member });
  }
  if (isSelf) link.nick = next;
  else link.freed(nick);
}

function modes(link: ServerLink, { params, nick: by }: IrcMessage): void {
  const [name, text = '', ...values] = params;
  withChannel(link, name, (channel) => {
    const { features } = link;
    for (const { isSet, mode, value } of parseModes(text, values, features)) {
      if (value === undefined) continue;
      if (mode === 'b' && isSet) {
        const [nick = ''] = value.split('!', 1);
        channel.bans.clear();
        channel.bans.set(link.fold(nick), Date.now());
      }
      const isRank = features.prefixes.some((prefix) => prefix.mode === mode);
      const person = isRank ? channel.person(link.fold(value)) : undefined;
      if (person === undefined) continue;
      const rest = person.modes.replaceAll(mode, '');
      const after = { nick: person.nick, modes: isSet ? rest + mode : rest };
      channel.set(link.fold(value), after);
      const member = channel.member(after, features);
      if (channel.phase !== 'in' || member.rank === channel.member(person, features).rank) continue;
      link.emit({ kind: 'member', room: channel.room, member, by });
    }
  });
}

function topic(link: ServerLink, { params, nick }: IrcMessage): void {
  withChannel(link, params[0], (channel) => {
    channel.subject = subjectOf(params[1] ?? '', nick, new Date());
    if (channel.phase === 'in')
      link.emit({ kind: 'subject', room: channel.room, subject: channel.subject });
  });
}

function topicAuthor(link: ServerLink, { params }: IrcMessage): void {
  const [, name, author = '', seconds] = params;
  withChannel(link, name, (channel) => {
    if (channel.subject === undefined || channel.phase === 'in') return;
    const at = new Date(Number(seconds) * 1_000);
    const [by = author] = author.split('!', 1);
    channel.subject = subjectOf(
      channel.subject.text,
      by,
      Number.isNaN(at.getTime()) ? undefined : at,
    );
  });
}

function said(link: ServerLink, message: IrcMessage): void {
  const { command, nick, params } = message;
  const [target = '', body = ''] = params;
  const ctcp = parseCtcp(body);
  if (ctcp !== undefined && ctcp.command !== 'ACTION') {
    if (command === 'PRIVMSG') answerRequest(link, nick, ctcp);
    return;
  }
  const text = stripFormatting(ctcp === undefined ? body : `/me ${ctcp.text}`);
  if (text === '') return;
  const channel = channelOf(link, target);
  const author = nick !== '' && !nick.includes('.') ? { nick } : {};
  if (channel !== undefined) {
    if (!link.isSelf(nick)) saidIn(link, channel, { text, ...author, ...origin(message) });
  } else if (link.isSelf(target) && 'nick' in author) {
    const from = contactId(idText(nick, link.context.settings.id));
    link.emit({ kind: 'message', from, text, ...author, ...origin(message) });
  }
}

/** What is said while the members are being listed is told after them. */
function saidIn(
  link: ServerLink,
  channel: Channel,
  words: Omit<RoomMessageEvent, 'kind' | 'room'>,
): void {
  const event = { kind: 'room-message', room: channel.room, ...words } as const;
  if (channel.phase === 'in') link.emit(event);
  else if (channel.phase === 'entering' && channel.held.length < HELD_COUNT) {
    channel.held.push(event);
  }
}

/** STATUSMSG: what goes to the operators of a channel alone is said in the channel, too. */
function channelOf(link: ServerLink, target: string): Channel | undefined {
  const { statusPrefixes } = link.features;
  const name = statusPrefixes.includes(target[0] ?? ' ') ? target.slice(1) : target;
  return link.channels.get(link.fold(name));
}

/** Id and time, where the server gives them (IRCv3 message-ids, server-time); the time only if it is not now. */
function origin({ tags }: IrcMessage): { readonly id?: MessageId; readonly at?: Date } {
  const at = tags['time'] === undefined ? undefined : new Date(tags['time']);
  const isLate = at !== undefined && Math.abs(Date.now() - at.getTime()) > LATE_MS;
  return {
    ...(tags['msgid'] === undefined ? {} : { id: messageId(tags['msgid']) }),
    ...(isLate ? { at } : {}),
  };
}

/** At most one answer every two seconds, so that nobody can make us flood. */
const lastAnswers = new WeakMap<ServerLink, number>();

function answerRequest(
  link: ServerLink,
  nick: string,
  request: Parameters<typeof answerCtcp>[0],
): void {
  const now = Date.now();
  if (now - (lastAnswers.get(link) ?? 0) < 2_000) return;
  const answer = answerCtcp(request, new Date(now));
  if (answer === undefined || nick === '') return;
  lastAnswers.set(link, now);
  link.sender?.command('NOTICE', nick, answer);
}

/** A numeric: a refusal of something that somebody waits for or has sent, or nothing that matters. */
function refused(link: ServerLink, { command, params }: IrcMessage): void {
  const error = refusalOf(command, params.at(-1));
  if (error === undefined) return;
  const names = params.slice(1, -1).map((name) => link.fold(name));
  for (const name of names) {
    const channel = link.channels.get(name);
    if (link.leaving.has(name)) {
      if (command === '442' || command === '403') link.leaving.delete(name);
      return;
    }
    if (channel?.phase === 'asked' && channel.isJoinSent) {
      return link.refuseEntry(channel, error);
    }
  }
  const isAboutNick = ['431', '432', '433', '436', '437', '438', '447'].includes(command);
  if (link.answers.refused(command, isAboutNick ? [...names, '*nick*'] : names, error)) return;
  if (isAboutNick && link.isAlias) return;
  for (const name of names) {
    if (link.sender?.refused(name, error) === true) return;
  }
  const network = networkId(link.context.settings.id);
  link.emit({ kind: 'notice', network, text: error.message });
}
