import { NetworkError } from '../../src/plugin/index.ts';
import { act, isModeOf } from './act.ts';
import { ask } from './ask.ts';
import type { Channel } from './channel.ts';
import { isKey } from './names.ts';
import { parseModes } from './parse-modes.ts';
import type { ServerLink } from './server-link.ts';

/** What a channel is like, as its modes say (RFC 2811 §4.2). */
export interface ChannelModes {
  /** Its modes without a value that the server knows and the channel has. */
  readonly flags: ReadonlySet<Flag>;
  readonly hasKey: boolean;
  /** How many it takes at most; absent for no limit. */
  readonly limit?: number;
}

/** Only operators set the topic; only voices speak; only who is invited enters; in no list. */
export const FLAGS = ['t', 'm', 'i', 's'] as const;
export type Flag = (typeof FLAGS)[number];

export interface WantedModes extends ChannelModes {
  /** A new key; absent to keep the one that there is. */
  readonly key?: string;
}

/** @throws NetworkError what the server says; unreachable when it does not */
export async function channelModes(link: ServerLink, channel: Channel): Promise<ChannelModes> {
  let known: ChannelModes = { flags: new Set(), hasKey: false };
  await ask(link, {
    command: 'MODE',
    params: [channel.name],
    hear: ({ command, params }) => {
      const [, name = '', text = '', ...values] = params;
      if (command !== '324' || link.fold(name) !== link.fold(channel.name)) return false;
      known = modesIn(link, text, values);
      return true;
    },
  });
  return known;
}

function modesIn(link: ServerLink, text: string, values: readonly string[]): ChannelModes {
  const set = parseModes(text, values, link.features).filter(({ isSet }) => isSet);
  const limit = Number(set.find(({ mode }) => mode === 'l')?.value);
  return {
    flags: new Set(FLAGS.filter((flag) => set.some(({ mode }) => mode === flag))),
    hasKey: set.some(({ mode }) => mode === 'k'),
    ...(limit > 0 ? { limit } : {}),
  };
}

/** Changes what differs, one mode after another: the server refuses each by itself. @throws NetworkError */
export async function setChannelModes(
  link: ServerLink,
  channel: Channel,
  wanted: WantedModes,
): Promise<void> {
  if (wanted.key !== undefined && !isKey(wanted.key)) {
    throw new NetworkError('invalid', link.troubles.badKey);
  }
  const known = await channelModes(link, channel);
  for (const change of changesBetween(known, wanted, channel.key)) {
    await act(link, channel, ['MODE', channel.name, ...change], isModeOf(link, channel));
  }
}

function changesBetween(
  known: ChannelModes,
  wanted: WantedModes,
  key = '*',
): (readonly [string, ...string[]])[] {
  const changes: (readonly [string, ...string[]])[] = [];
  for (const flag of FLAGS) {
    if (known.flags.has(flag) === wanted.flags.has(flag)) continue;
    changes.push([`${wanted.flags.has(flag) ? '+' : '-'}${flag}`]);
  }
  // RFC 2811 §4.2.10: a key is not replaced, it is taken away and set.
  const isNewKey = wanted.hasKey && wanted.key !== undefined;
  if (known.hasKey && (!wanted.hasKey || isNewKey)) changes.push(['-k', key]);
  if (isNewKey) changes.push(['+k', wanted.key]);
  if (wanted.limit !== known.limit) {
    changes.push(wanted.limit === undefined ? ['-l'] : ['+l', String(wanted.limit)]);
  }
  return changes;
}
