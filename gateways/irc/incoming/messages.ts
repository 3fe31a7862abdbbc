import { contactId, messageId } from '../../../src/plugin/index.ts';
import type { MessageId, RoomMessageEvent } from '../../../src/plugin/index.ts';
import { idText } from '../address.ts';
import type { Channel } from '../channel.ts';
import { answerCtcp, parseCtcp } from '../ctcp.ts';
import type { Ctcp } from '../ctcp.ts';
import { stripFormatting } from '../formatting.ts';
import { NO_TAGS } from '../irc-message.ts';
import type { IrcMessage } from '../irc-message.ts';
import type { ServerLink } from '../server-link.ts';
import { handlers } from './handler.ts';

/** Older than this, a message comes from a bouncer's memory. */
const LATE_MS = 60_000;
/** More is not kept of what is said while members are listed. */
const HELD_COUNT = 500;
/** At most one answer to a CTCP request in this time, so that nobody can make us flood. */
const ANSWER_MS = 2_000;
const CTCP = '\u0001';

/** What is said in channels and privately (RFC 2812 §3.3). */
export const messages = handlers({ PRIVMSG: said, NOTICE: said });

function said(link: ServerLink, message: IrcMessage): void {
  const { command, nick, params } = message;
  const [target = '', body = ''] = params;
  let text = body;
  if (body.startsWith(CTCP)) {
    const ctcp = parseCtcp(body);
    if (ctcp?.command !== 'ACTION') {
      if (ctcp !== undefined && command === 'PRIVMSG') answer(link, nick, ctcp);
      return;
    }
    text = `/me ${ctcp.text}`;
  }
  text = stripFormatting(text);
  if (text === '') return;
  const channel = channelOf(link, target);
  const author = nick !== '' && !nick.includes('.') ? { nick } : {};
  if (channel !== undefined) {
    if (!link.isSelf(nick)) saidIn(link, channel, { text, ...author, ...origin(message) });
  } else if (link.isSelf(target) && nick === author.nick) {
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
  else if (channel.phase === 'entering') {
    channel.held ??= [];
    if (channel.held.length < HELD_COUNT) channel.held.push(event);
  }
}

/** STATUSMSG: what goes to the operators of a channel alone is said in the channel, too. */
function channelOf(link: ServerLink, target: string): Channel | undefined {
  const { statusPrefixes } = link.features;
  const isForSome = statusPrefixes !== '' && statusPrefixes.includes(target[0] ?? ' ');
  return link.channels.get(link.fold(isForSome ? target.slice(1) : target));
}

const NOTHING = {};

/** Id and time, where the server gives them (IRCv3 message-ids, server-time); the time only if it is not now. */
function origin({ tags }: IrcMessage): { readonly id?: MessageId; readonly at?: Date } {
  if (tags === NO_TAGS) return NOTHING;
  const time = tags.get('time');
  const id = tags.get('msgid');
  const at = time === undefined ? undefined : new Date(time);
  const isLate = at !== undefined && Math.abs(Date.now() - at.getTime()) > LATE_MS;
  return {
    ...(id === undefined || id === '' ? {} : { id: messageId(id) }),
    ...(isLate ? { at } : {}),
  };
}

function answer(link: ServerLink, nick: string, request: Ctcp): void {
  const now = Date.now();
  if (now - link.answeredAt < ANSWER_MS) return;
  const text = answerCtcp(request, new Date(now));
  if (text === undefined || nick === '') return;
  link.answeredAt = now;
  link.sender?.command('NOTICE', nick, text);
}
