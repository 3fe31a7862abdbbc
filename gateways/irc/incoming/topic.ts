import { subjectOf } from '../channel.ts';
import type { IrcMessage } from '../irc-message.ts';
import type { ServerLink } from '../server-link.ts';
import { channelOf, handlers } from './handler.ts';

/** The subject of a channel (RFC 2812 §3.2.4). */
export const topic = handlers({
  TOPIC: changed,
  '331': (link, { params }) => {
    const channel = channelOf(link, params[1]);
    if (channel !== undefined) channel.subject = undefined;
  },
  '332': (link, { params }) => {
    const channel = channelOf(link, params[1]);
    if (channel !== undefined) channel.subject = subjectOf(params[2] ?? '');
  },
  '333': author,
});

function changed(link: ServerLink, { params, nick }: IrcMessage): void {
  const channel = channelOf(link, params[0]);
  if (channel === undefined) return;
  const subject = subjectOf(params[1] ?? '', nick, new Date());
  channel.subject = subject;
  if (channel.phase === 'in') link.emit({ kind: 'subject', room: channel.room, subject });
}

function author(link: ServerLink, { params }: IrcMessage): void {
  const [, name, mask = '', seconds] = params;
  const channel = channelOf(link, name);
  if (channel?.subject === undefined || channel.phase === 'in') return;
  const at = new Date(Number(seconds) * 1_000);
  const [by = mask] = mask.split('!', 1);
  const isDated = !Number.isNaN(at.getTime());
  channel.subject = subjectOf(channel.subject.text, by, isDated ? at : undefined);
}
