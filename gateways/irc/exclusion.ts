import { NetworkError } from '../../src/plugin/index.ts';
import type { ContactId, Exclusion, RoomId } from '../../src/plugin/index.ts';
import { act, isModeOf } from './act.ts';
import { placeOf } from './address.ts';
import { ask } from './ask.ts';
import { maskFor } from './ban-mask.ts';
import { isNick } from './names.ts';
import { exclusionOf, listBans } from './queries.ts';
import type { ServerLink } from './server-link.ts';

/** Who may not enter a channel. */
export async function exclusions(link: ServerLink, room: RoomId): Promise<readonly Exclusion[]> {
  const bans = await listBans(link, link.joined(room));
  return bans.map((ban) => exclusionOf(link, ban));
}

/** Bans somebody, who need not be there. */
export async function exclude(link: ServerLink, room: RoomId, contact: ContactId): Promise<void> {
  const channel = link.joined(room);
  const mask = await maskFor(link, nameOn(link, contact));
  const bans = await listBans(link, channel).catch(() => []);
  // Servers say nothing to a ban that there is.
  if (bans.some((ban) => link.fold(ban.mask) === link.fold(mask))) return;
  await act(link, channel, ['MODE', channel.name, '+b', mask], isModeOf(link, channel));
}

/** Takes a ban back: that very mask, or all that keep a nick out. */
export async function readmit(link: ServerLink, room: RoomId, contact: ContactId): Promise<void> {
  const channel = link.joined(room);
  const name = nameOn(link, contact);
  const wanted = isNick(name) ? await masksOf(link, name) : [link.fold(name)];
  const bans = await listBans(link, channel);
  const lifted = bans.filter(({ mask }) => wanted.includes(link.fold(mask)));
  if (lifted.length === 0) throw new NetworkError('not-found', link.troubles.noBan);
  for (const { mask } of lifted) {
    await act(link, channel, ['MODE', channel.name, '-b', mask], isModeOf(link, channel));
  }
}

/** A nick, or a mask, of this server: on another, somebody else may have the same. */
function nameOn({ context, troubles }: ServerLink, contact: ContactId): string {
  const { name, server } = placeOf(contact);
  if (context.nameOf(server) === context.settings.id) return name;
  throw new NetworkError('not-found', troubles.onAnotherServer);
}

async function masksOf(link: ServerLink, nick: string): Promise<string[]> {
  const masks = [`${nick}!*@*`, nick, await maskFor(link, nick)];
  return masks.map((mask) => link.fold(mask));
}

/** RFC 2812 §3.2.7 */
export async function invite(link: ServerLink, room: RoomId, contact: ContactId): Promise<void> {
  const channel = link.joined(room);
  const name = nameOn(link, contact);
  if (!isNick(name)) throw new NetworkError('invalid', link.troubles.nobody);
  const folded = link.fold(channel.name);
  await ask(link, {
    command: 'INVITE',
    params: [name, channel.name],
    hear: ({ command, params }) =>
      command === '341' && params.some((one) => link.fold(one) === folded),
  });
}
