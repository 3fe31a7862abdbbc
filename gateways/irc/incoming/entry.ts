import { Channel } from '../channel.ts';
import { hasHistory, History, releaseHeld } from '../history.ts';
import { maskOf } from '../irc-message.ts';
import type { IrcMessage } from '../irc-message.ts';
import { isChannel } from '../names.ts';
import type { ServerLink } from '../server-link.ts';
import { channelOf, handlers } from './handler.ts';
import { accountOf, learnMask } from './people.ts';

/** Into more of them than these a server does not put a user by itself. */
const MOST_CHANNELS = 1_000;

/** How we and others come into channels (RFC 2812 §3.2.1, §5.1). */
export const entry = handlers({
  JOIN: joined,
  '353': (link, { params }) => {
    const channel = channelOf(link, params[2]);
    if (channel?.phase !== 'entering') return;
    channel.addNames(params[3] ?? '', link.people);
    link.limitCrowd();
  },
  '366': (link, { params }) => {
    const channel = channelOf(link, params[1]);
    if (channel !== undefined) entered(link, channel);
  },
});

function joined(link: ServerLink, message: IrcMessage): void {
  const { params, nick } = message;
  const [name = ''] = params;
  if (link.isSelf(nick)) return letIn(link, name, message);
  const folded = link.fold(nick);
  link.watch?.seen(folded, true);
  link.people.heard(folded, message);
  const channel = channelOf(link, name);
  if (channel === undefined) return;
  const person = link.people.of(nick, '', accountOf(message.params[1]));
  channel.set(person);
  if (link.limitCrowd() || channel.phase !== 'in') return;
  link.emit({ kind: 'joined', room: channel.room, member: person.member });
}

function letIn(link: ServerLink, name: string, message: IrcMessage): void {
  const folded = link.fold(name);
  const mask = maskOf(message);
  if (mask.includes('@')) learnMask(link, mask);
  // Left again before the server has let us in: PART is on its way.
  if (link.channels.isLeaving(folded)) return;
  let channel = link.channels.get(folded);
  if (channel === undefined) {
    if (!isChannel(name) || link.channels.size >= MOST_CHANNELS) return;
    channel = new Channel(link.roomOf(name), name, undefined, link.context.crowd);
    link.channels.add(channel);
  }
  channel.enter();
}

/** All that belongs to the state of the channel is known. */
function entered(link: ServerLink, channel: Channel): void {
  if (channel.phase !== 'entering' || !channel.has(link.fold(link.nick))) return;
  clearTimeout(channel.timer);
  channel.timer = undefined;
  channel.phase = 'in';
  const state = channel.state(link.nick);
  const { entry: waiting } = channel;
  channel.entry = undefined;
  const tell = (): void => {
    if (hasHistory(link)) (link.history ??= new History(link)).add(channel);
    else {
      channel.lostAt = undefined;
      releaseHeld(link, channel);
    }
  };
  if (waiting === undefined) {
    const kept = channel.isKept ? { isKept: true } : {};
    channel.isKept = false;
    link.emit({ kind: 'room', room: channel.room, state, ...kept });
    return tell();
  }
  waiting.resolve(state);
  link.afterTurn(tell);
}
