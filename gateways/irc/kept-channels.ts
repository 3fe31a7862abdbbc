import * as z from 'zod';
import { roomId } from '../../src/plugin/index.ts';
import type { Memory } from '../../src/plugin/index.ts';
import type { ServerLink } from './server-link.ts';

const KEY = 'channels';

const channels = z.array(
  z.object({
    room: z.string().transform(roomId),
    nick: z.string(),
    key: z.string().optional(),
  }),
);

/** A channel to come back to when the gateway starts again. */
export type KeptChannel = z.output<typeof channels>[number];

export async function loadChannels(memory: Memory): Promise<readonly KeptChannel[]> {
  const kept = await memory.get(KEY);
  if (kept === undefined) return [];
  const decoded = channels.safeParse(JSON.parse(kept));
  return decoded.success ? decoded.data : [];
}

/** @param text is what {@link textOf} has made of them. */
export const saveChannels = (memory: Memory, text: string): Promise<void> => memory.set(KEY, text);

export const textOf = (kept: readonly KeptChannel[]): string => JSON.stringify(kept);

/** The channels of a link to come back to when the gateway starts again. */
export const keptOf = ({ channels, wantedNick: nick }: ServerLink): KeptChannel[] =>
  [...channels].map(({ room, key }) => ({
    room,
    nick,
    ...(key === undefined ? {} : { key }),
  }));
