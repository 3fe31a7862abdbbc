import type { Fact } from '../../plugin/index.ts';
import type { Script } from '../../session/dialogue.ts';
import type { UserSession } from '../../session/user-session.ts';
import type { Jid } from '../../xmpp/jid.ts';
import type { CommandCall } from './command.ts';
import { userTexts } from './user-texts.ts';

const MAX_LISTED = 200;

/** How the user is connected, as far as the gateway knows. */
// oxlint-disable-next-line require-yield -- a dialogue without a step
export async function* status({ session, language }: CommandCall): Script {
  const texts = userTexts(language);
  const isOpen = session.link.session !== undefined;
  const yesOrNo = (is: boolean): string => (is ? texts.isYes : texts.isNo);
  const facts: Fact[] = [
    fact('registered', texts.registration, [yesOrNo(session.isRegistered)]),
    fact('connection', texts.connection, [isOpen ? texts.connected : texts.notConnected]),
  ];
  if (session.domain.gateway.networks.length > 0) {
    facts.push(fact('networks', texts.networks, networksOf(session)));
  }
  if (session.domain.gateway.features.includes('join')) {
    facts.push(fact('rooms', texts.rooms, roomsOf(session)));
  }
  return { text: '', facts };
}

export function fact(name: string, label: string, values: readonly string[]): Fact {
  return { name, label, values: values.slice(0, MAX_LISTED) };
}

export function networksOf({ domain, onlineNetworks }: UserSession): readonly string[] {
  const names = new Map(domain.gateway.networks.map(({ id, name }) => [id, name]));
  return [...onlineNetworks].map((id) => names.get(id) ?? id);
}

/** The clients of hers that show themselves to the gateway or are in a room, by full JID; who has not registered shows herself in rooms alone. */
export function clientsOf({ resources, rooms }: UserSession): ReadonlyMap<string, Jid> {
  const clients = new Map<string, Jid>();
  for (const { jid } of resources.values()) clients.set(jid.full, jid);
  for (const room of rooms.values()) {
    for (const jid of room.resources.values()) clients.set(jid.full, jid);
    for (const { jid } of room.joiners.values()) clients.set(jid.full, jid);
  }
  return clients;
}

export function roomsOf({ rooms }: UserSession): readonly string[] {
  return [...rooms.values()].map(({ jid, nick }) => `${jid} (${nick})`);
}
