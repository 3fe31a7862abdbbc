import { NetworkError } from '../../src/plugin/index.ts';
import type { Moderation, RoomId } from '../../src/plugin/index.ts';
import { act, isAbout, isModeOf } from './act.ts';
import { maskFor } from './ban-mask.ts';
import type { Channel } from './channel.ts';
import { channelModes } from './channel-modes.ts';
import { cutBytes, oneLine } from './encode-line.ts';
import { stripFormatting } from './formatting.ts';
import { isNick } from './names.ts';
import { loadPreferences } from './preferences.ts';
import { changesFor } from './rank.ts';
import type { ServerLink } from './server-link.ts';

/** @throws NetworkError conflict, invalid, too-fast */
export async function rename(link: ServerLink, nick: string): Promise<void> {
  if (!isNick(nick)) throw new NetworkError('invalid', link.troubles.badNick(nick));
  const sender = link.uplink.senderNow();
  const folded = link.fold(nick);
  const taken = [folded, link.fold(shortOf(link, nick))];
  await link.answers.wait(
    'NICK',
    [folded, '*nick*'],
    link.context.timings.answerTimeoutMs,
    ({ command, params }) => command === 'NICK' && taken.includes(link.fold(params[0] ?? '')),
    sender.written('NICK', nick),
  );
  link.wantedNick = nick;
}

/**
 * Takes the nick with which the user comes to a channel, as long as she is in no other and keeps none for this server.
 * @throws NetworkError conflict, invalid, too-fast
 */
export async function comeAs(link: ServerLink, nick: string): Promise<void> {
  const { sender, channels, context } = link;
  if (sender === undefined || channels.size > 0) return;
  if ([nick, shortOf(link, nick)].includes(link.nick)) return;
  const kept = await loadPreferences(context.host.memory, context.settings.names);
  if (kept.nick !== undefined) return;
  try {
    await rename(link, nick);
  } catch (error) {
    // Who has come with it before was given another one, by a bouncer for instance, and is let in under that again.
    if (nick !== link.wantedNick) throw error;
  }
}

/** What many servers make of a nick that is too long; to one that comes to the same they answer nothing. */
const shortOf = ({ features }: ServerLink, nick: string): string =>
  cutBytes(nick, features.nickBytes);

export async function setSubject(link: ServerLink, room: RoomId, text: string): Promise<void> {
  const channel = link.joined(room);
  const { subject } = channel;
  const wanted = stripFormatting(cutBytes(oneLine(text), link.features.topicBytes));
  // Servers say nothing to a topic that is set to what it is.
  if (channel.phase === 'in' && wanted === (subject?.text ?? '')) {
    link.emit({ kind: 'subject', room, subject: subject ?? { text: '' } });
    return;
  }
  await act(link, channel, ['TOPIC', channel.name, text], ({ command, params }) =>
    isAbout(link, channel, command === 'TOPIC', params[0]),
  );
}

export async function moderate(
  link: ServerLink,
  room: RoomId,
  moderation: Extract<Moderation, { nick: string }>,
): Promise<void> {
  const channel = link.joined(room);
  const nick = link.fold(moderation.nick);
  const person = channel.person(nick);
  if (person === undefined) {
    throw new NetworkError('not-found', link.troubles.notThere(moderation.nick));
  }
  if (moderation.kind === 'rank') {
    const isMode = isModeOf(link, channel);
    const changes = changesFor(moderation.rank, person.modes, link.features.prefixes);
    if (changes === undefined) throw new NetworkError('unsupported', link.troubles.noRank);
    if (moderation.rank === 'visitor' && changes.length === 0) await mustBeModerated(link, channel);
    for (const change of changes) {
      await act(link, channel, ['MODE', channel.name, change, moderation.nick], isMode);
    }
    return;
  }
  if (moderation.kind === 'ban') {
    const mask = await maskFor(link, person.nick);
    link.uplink.senderNow().command('MODE', channel.name, '+b', mask);
  }
  const reason = cutBytes(moderation.reason ?? '', link.features.kickBytes);
  await act(
    link,
    channel,
    ['KICK', channel.name, moderation.nick, reason],
    ({ command, params }) =>
      isAbout(link, channel, command === 'KICK', params[0]) && link.fold(params[1] ?? '') === nick,
  );
}

/** Who has no rank may speak all the same, unless the channel says otherwise. @throws NetworkError unsupported */
async function mustBeModerated(link: ServerLink, channel: Channel): Promise<void> {
  const { flags } = await channelModes(link, channel);
  if (!flags.has('m')) throw new NetworkError('unsupported', link.troubles.allSpeak);
}
