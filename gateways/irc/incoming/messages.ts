import { messageId } from '../../../src/plugin/index.ts';
import type { MessageId, Reply, RoomMessageEvent, Style } from '../../../src/plugin/index.ts';
import { pastOf } from '../batches.ts';
import type { Batch } from '../batches.ts';
import type { Channel } from '../channel.ts';
import { isEchoAlone } from '../capabilities.ts';
import { answerCtcp, parseCtcp } from '../ctcp.ts';
import type { Ctcp } from '../ctcp.ts';
import { readFormatting } from '../formatting.ts';
import { HELD_COUNT, releaseHeld, remember } from '../history.ts';
import { NO_TAGS } from '../irc-message.ts';
import type { IrcMessage } from '../irc-message.ts';
import { cleanName } from '../names.ts';
import type { ServerLink } from '../server-link.ts';
import { isComing, isLost } from './bouncer.ts';
import { learnAccount } from './people.ts';
import { tell } from './refusals.ts';

/** Older than this, a message comes from a bouncer's memory. */
const LATE_MS = 60_000;
/** At most one answer to a CTCP request in this time, so that nobody can make us flood. */
const ANSWER_MS = 2_000;
const CTCP = '\u0001';
/** Before what is said in a channel by NOTICE, as programs do. */
const NOTICE_MARK = '[notice] ';

/** What is said in channels and privately (RFC 2812 §3.3). */
export function hear(link: ServerLink, message: IrcMessage): void {
  const { command, nick, params } = message;
  const [target = '', body = ''] = params;
  let text = body;
  if (body.startsWith(CTCP)) {
    const ctcp = parseCtcp(body);
    if (ctcp?.command !== 'ACTION') {
      const isAsked = ctcp !== undefined && command === 'PRIVMSG';
      if (isAsked && pastOf(link, message) === undefined) answer(link, nick, ctcp);
      return;
    }
    text = `/me ${ctcp.text}`;
  }
  if (text === '' || isEcho(link, message)) return;
  const channel = channelIn(link, target);
  if (channel !== undefined) saidIn(link, channel, message, text);
  else saidPrivately(link, message, target, text);
}

/** It is taken for our own, until the server has turned that off: what it said back would be told once more. */
const isEcho = (link: ServerLink, message: IrcMessage): boolean =>
  isEchoAlone(link.capabilities) &&
  link.isSelf(message.nick) &&
  !link.isSelf(message.params[0] ?? '') &&
  (link.batches === undefined || pastOf(link, message) === undefined);

/** A server speaks, not a person. */
const isServer = (nick: string): boolean => nick === '' || nick.includes('.');

/** What is said while the members are being listed is told after them. */
function saidIn(link: ServerLink, channel: Channel, message: IrcMessage, body: string): void {
  const { command, nick, tags } = message;
  // What we say ourselves does not come back, but where another program says it (a bouncer).
  if (nick === link.nick && tags === NO_TAGS) return;
  const isNotice = command === 'NOTICE';
  if (tags !== NO_TAGS) learnAccount(link, channel, message);
  const folded = link.fold(nick);
  const identity = channel.person(folded)?.account;
  const event: RoomMessageEvent = {
    kind: 'room-message',
    room: channel.room,
    ...readFormatting(isNotice ? NOTICE_MARK + body : body),
    ...(isServer(nick) ? NOTHING : { nick }),
    ...(identity === undefined ? NOTHING : { identity }),
    ...origin(message),
  };
  if (event.text === '') return;
  const past = link.batches === undefined ? undefined : pastOf(link, message);
  if (past !== undefined) return saidBefore(link, channel, message, event, past);
  link.people.heard(folded, message);
  tellIn(link, channel, event);
}

function saidBefore(
  link: ServerLink,
  channel: Channel,
  message: IrcMessage,
  event: RoomMessageEvent,
  { page }: Batch,
): void {
  const told = { ...event, ...spokenAt(message), isPast: true };
  const isNothing = isComing(message);
  if (page !== undefined) remember(page, isNothing ? { ...told, kind: 'passed' } : told);
  else if (isNothing) return;
  else tellIn(link, channel, told);
}

function tellIn(link: ServerLink, channel: Channel, event: RoomMessageEvent): void {
  if (channel.phase === 'in' && channel.held === undefined) link.emit(event);
  else hold(link, channel, event);
}

/** Until the members are known, and what was said before. */
function hold(link: ServerLink, channel: Channel, event: RoomMessageEvent): void {
  if (channel.phase !== 'in' && channel.phase !== 'entering') return;
  channel.held ??= [];
  if (channel.held.length < HELD_COUNT) channel.held.push(event);
  else if (channel.phase === 'in') {
    releaseHeld(link, channel);
    link.emit(event);
  }
}

/** What was said before has its time in every case, though none that is yet to come. */
function spokenAt({ tags }: IrcMessage): { readonly at?: Date } {
  const time = Date.parse(tags.get('time') ?? '');
  return time > 0 ? { at: new Date(Math.min(time, Date.now())) } : NOTHING;
}

function saidPrivately(link: ServerLink, message: IrcMessage, target: string, body: string): void {
  const { nick } = message;
  const formatted = readFormatting(body);
  if (formatted.text === '') return;
  const isForUs = link.isSelf(target);
  if (isServer(nick)) return isForUs ? tell(link, formatted.text) : undefined;
  const isOwn = link.isSelf(nick) && !isForUs;
  if ((!isForUs && !isOwn) || isLost(link, message, formatted.text)) return;
  const other = isOwn ? cleanName(target) : nick;
  link.emit({
    kind: 'message',
    from: link.contactOf(other),
    nick: other,
    ...formatted,
    ...(isOwn ? { isOwn } : NOTHING),
    ...origin(message),
  });
}

/** STATUSMSG: what goes to the operators of a channel alone is said in the channel, too. */
export function channelIn(link: ServerLink, target: string): Channel | undefined {
  const { statusPrefixes } = link.features;
  const isForSome = statusPrefixes !== '' && statusPrefixes.includes(target[0] ?? ' ');
  return link.channels.named(isForSome ? target.slice(1) : target);
}

interface Origin {
  readonly id?: MessageId;
  readonly at?: Date;
  readonly reply?: Reply;
  readonly styles?: readonly Style[];
}

const NOTHING = {};

/** Id and time, where the server gives them (IRCv3 message-ids, server-time); the time only if it is not now. */
function origin({ tags }: IrcMessage): Origin {
  if (tags === NO_TAGS) return NOTHING;
  const time = tags.get('time');
  const id = tags.get('msgid') ?? '';
  const answered = tags.get('+draft/reply') ?? tags.get('+reply') ?? '';
  const at = time === undefined ? undefined : new Date(time);
  const isLate = at !== undefined && at.getTime() > 0 && Date.now() - at.getTime() > LATE_MS;
  return {
    ...(id === '' ? NOTHING : { id: messageId(id) }),
    ...(isLate ? { at } : NOTHING),
    ...(answered === '' ? NOTHING : { reply: { id: messageId(answered) } }),
  };
}

function answer(link: ServerLink, nick: string, request: Ctcp): void {
  const now = Date.now();
  if (now - link.answeredAt < ANSWER_MS || link.isSelf(nick)) return;
  const text = answerCtcp(request, new Date(now));
  if (text === undefined || nick === '') return;
  link.answeredAt = now;
  link.sender?.command('NOTICE', nick, text);
}
