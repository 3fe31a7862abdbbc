import { NetworkError } from '../../src/plugin/index.ts';
import { isMask, isNick } from './names.ts';
import { hostOf } from './queries.ts';
import type { ServerLink } from './server-link.ts';

/** The mask that keeps somebody out: by host where that is known, so that a new nick is no way in. */
export async function maskFor(link: ServerLink, name: string): Promise<string> {
  if (!isNick(name)) {
    if (isMask(name)) return name;
    throw new NetworkError('invalid', link.troubles.notBannable);
  }
  const host = await hostOf(link, name).catch(() => undefined);
  return host === undefined ? `${name}!*@*` : `*!*@${host}`;
}
