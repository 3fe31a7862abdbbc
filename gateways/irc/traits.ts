import type { RoomTrait } from '../../src/plugin/index.ts';
import type { Channel } from './channel.ts';
import { encodeLine } from './encode-line.ts';
import { parseModes } from './parse-modes.ts';
import type { ServerLink } from './server-link.ts';

/**
 * RFC 2811 §4.2, and what most servers call a channel that stays when it is empty. COMPAT(Conversations): `i` is not among
 * them, for a room that is members-only and shows addresses is one where it encrypts by default, and IRC carries nothing encrypted.
 */
const TRAITS: Readonly<Record<string, RoomTrait>> = {
  m: 'moderated',
  k: 'key',
  p: 'hidden',
  s: 'hidden',
  P: 'persistent',
};

/** A mode of a channel has changed. What it is like now the server is asked, for it tells nobody who comes in. */
export function modeChanged(link: ServerLink, channel: Channel, mode: string): void {
  if (!Object.hasOwn(TRAITS, mode) || channel.phase !== 'in' || channel.asksModes) return;
  // Who changes modes without end must not use up what the user may send.
  channel.asksModes = link.sender?.aside(encodeLine(link.language, 'MODE', channel.name)) === true;
}

/** 324: all modes of a channel. They are told only if they have changed. */
export function modesTold(
  link: ServerLink,
  channel: Channel,
  [text = '', ...values]: readonly string[],
): void {
  if (!channel.asksModes) return;
  channel.asksModes = false;
  const traits = new Set<RoomTrait>();
  for (const { mode, isSet } of parseModes(text, values, link.features)) {
    const trait = isSet && Object.hasOwn(TRAITS, mode) ? TRAITS[mode] : undefined;
    if (trait !== undefined) traits.add(trait);
  }
  link.emit({ kind: 'traits', room: channel.room, traits: [...traits] });
}
