import { messageId } from '../../../src/plugin/index.ts';
import type { Address, TypingState } from '../../../src/plugin/index.ts';
import { stripFormatting } from '../formatting.ts';
import type { IrcMessage } from '../irc-message.ts';
import type { ServerLink } from '../server-link.ts';
import { handlers } from './handler.ts';
import { channelIn } from './messages.ts';

/** What people do besides speaking: IRCv3 client tags (+typing, +draft/react) and draft/message-redaction. */
export const tagged = handlers({
  TAGMSG: (link, message) => {
    const where = placeOf(link, message);
    if (where === undefined || link.isSelf(message.nick)) return;
    typed(link, message, where);
    reacted(link, message, where);
  },
  REDACT: (link, message) => {
    const [, id = '', reason] = message.params;
    const where = placeOf(link, message);
    if (where === undefined || id === '') return;
    link.emit({
      kind: 'retracted',
      ...where,
      id: messageId(id),
      ...(reason === undefined || reason === '' ? {} : { reason: stripFormatting(reason) }),
    });
  },
});

interface Where {
  readonly chat: Address;
  /** In a channel: who. */
  readonly nick?: string;
}

function placeOf(link: ServerLink, { nick, params }: IrcMessage): Where | undefined {
  const [target = ''] = params;
  const channel = channelIn(link, target);
  if (channel !== undefined) {
    return channel.phase === 'in' ? { chat: { kind: 'room', id: channel.room }, nick } : undefined;
  }
  if (!link.isSelf(target) || nick === '' || nick.includes('.')) return undefined;
  return { chat: { kind: 'contact', id: link.contactOf(nick) } };
}

const STATES: Readonly<Record<string, TypingState>> = {
  active: 'typing',
  paused: 'paused',
  done: 'done',
};

function typed(link: ServerLink, { tags }: IrcMessage, where: Where): void {
  const state = STATES[tags.get('+typing') ?? ''];
  if (state !== undefined) link.emit({ kind: 'typing', ...where, state });
}

const LONGEST_REACTION = 64;

function reacted(link: ServerLink, { tags, nick }: IrcMessage, where: Where): void {
  const id = tags.get('+draft/reply') ?? tags.get('+reply');
  const added = tags.get('+draft/react');
  const removed = tags.get('+draft/unreact');
  const emoji = stripFormatting(added ?? removed ?? '').trim();
  if (id === undefined || emoji === '' || emoji.length > LONGEST_REACTION) return;
  const place = `${where.chat.id} ${id} ${link.fold(nick)}`;
  const all = link.reactions.change(place, emoji, added !== undefined);
  link.emit({ kind: 'reaction', ...where, id: messageId(id), emoji: all });
}
