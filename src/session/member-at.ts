import type { Member } from '../plugin/index.ts';
import { parseJid } from '../xmpp/jid.ts';
import { PLAIN_NICK } from './gateway-domain.ts';
import type { GatewayDomain } from './gateway-domain.ts';
import type { Room } from './room.ts';

/**
 * Who is meant by an address in a room: the one of this nick, else one whose nick looks like this as a resource, as servers
 * prepare what we send (RFC 6122 §2.4) and `occupantJid` leaves out what they would not take.
 */
export function memberAt(domain: GatewayDomain, room: Room, resource: string): Member | undefined {
  const known = room.members.get(resource);
  if (known !== undefined) return known;
  for (const member of room.members.values()) {
    if (PLAIN_NICK.test(member.nick)) continue;
    const shown = parseJid(domain.occupantJid(room.jid, member.nick));
    if (shown?.resource === resource) return member;
  }
  return undefined;
}
