import type { Rank } from '../../src/plugin/index.ts';
import type { ServerFeatures } from './server-features.ts';

type Prefixes = ServerFeatures['prefixes'];

const rankOfMode: Readonly<Record<string, Rank>> = {
  q: 'owner',
  a: 'owner',
  o: 'admin',
  h: 'moderator',
  v: 'member',
};

const modeOfRank: Readonly<Record<Rank, string | undefined>> = {
  owner: 'q',
  admin: 'o',
  moderator: 'h',
  member: 'v',
  participant: '',
  visitor: '',
};

/** The rank that the highest of the modes gives. */
export function rankOf(modes: string, prefixes: Prefixes): Rank {
  const highest = prefixes.find((prefix) => modes.includes(prefix.mode));
  if (highest === undefined) return 'participant';
  return rankOfMode[highest.mode] ?? (prefixes.indexOf(highest) === 0 ? 'owner' : 'moderator');
}

/**
 * The mode changes that give a member another rank: those above it go, its own comes.
 * `undefined` when the server has no such rank.
 */
export function changesFor(rank: Rank, modes: string, prefixes: Prefixes): string[] | undefined {
  const wanted = modeOfRank[rank];
  const place = prefixes.findIndex((prefix) => prefix.mode === wanted);
  if (wanted === undefined || (wanted !== '' && place < 0)) return undefined;
  const above = wanted === '' ? prefixes : prefixes.slice(0, place);
  const removed = above.filter((prefix) => modes.includes(prefix.mode));
  const added = wanted === '' || modes.includes(wanted) ? [] : [`+${wanted}`];
  return [...added, ...removed.map((prefix) => `-${prefix.mode}`)];
}
