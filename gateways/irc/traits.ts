import type { RoomTrait } from '../../src/plugin/index.ts';
import type { Channel } from './channel.ts';
import { encodeLine } from './encode-line.ts';
import { parseModes } from './parse-modes.ts';
import type { ServerLink } from './server-link.ts';

/**
 * RFC 2811 §4.2, and what most servers call a channel that stays when it is empty. COMPAT(Conversations): `i` does not make a
 * room members-only, for one that shows addresses, too, is one where it encrypts by default, and IRC carries nothing encrypted.
 */
const TRAITS: Readonly<Record<string, RoomTrait>> = {
  i: 'on-invitation',
  m: 'moderated',
  k: 'key',
  p: 'hidden',
  s: 'hidden',
  P: 'persistent',
};

/** Of the question for the modes of a channel. */
const REFUSALS: ReadonlySet<string> = new Set(['401', '403', '442', '477', '481', '482']);
/** The same, which name the command. */
const NAMELESS: ReadonlySet<string> = new Set(['263', '421']);

/** A mode of a channel has changed. What it is like now the server is asked, for it tells nobody who comes in. */
export function modeChanged(link: ServerLink, channel: Channel, mode: string): void {
  if (!Object.hasOwn(TRAITS, mode) || channel.phase !== 'in') return;
  const now = Date.now();
  // Some servers answer nothing at all to what they are asked too often.
  if (now - channel.modesAskedAt < link.context.timings.answerTimeoutMs) return;
  // Who changes modes without end must not use up what the user may send.
  const isAsked = link.sender?.aside(encodeLine(link.language, 'MODE', channel.name)) === true;
  channel.modesAskedAt = isAsked ? now : 0;
}

/** The server will not tell them, it may be: the next change asks again. */
export function modesRefused(
  link: ServerLink,
  numeric: string,
  names: readonly string[],
  params: readonly string[],
): void {
  if (NAMELESS.has(numeric) && params[1] === 'MODE') {
    for (const channel of link.channels) channel.modesAskedAt = 0;
  }
  if (!REFUSALS.has(numeric)) return;
  for (const name of names) {
    const channel = link.channels.get(name);
    if (channel !== undefined) channel.modesAskedAt = 0;
  }
}

/** 324: all modes of a channel. They are told only if they have changed. */
export function modesTold(
  link: ServerLink,
  channel: Channel,
  [text = '', ...values]: readonly string[],
): void {
  if (channel.modesAskedAt === 0) return;
  channel.modesAskedAt = 0;
  const traits = new Set<RoomTrait>();
  for (const { mode, isSet } of parseModes(text, values, link.features)) {
    const trait = isSet && Object.hasOwn(TRAITS, mode) ? TRAITS[mode] : undefined;
    if (trait !== undefined) traits.add(trait);
  }
  link.emit({ kind: 'traits', room: channel.room, traits: [...traits] });
}
