import type { Feature } from '../router/feature.ts';
import type { Surroundings } from '../router/surroundings.ts';
import { addresses } from './addresses.ts';
import { avatars } from './avatars.ts';
import { bounces } from './bounces.ts';
import { bot } from './bot/bot.ts';
import { botPresence } from './bot/bot-presence.ts';
import { Conversations } from './bot/conversations.ts';
import { chatStates } from './chat-states.ts';
import { chat } from './chat.ts';
import { ClientFeatures } from './client-features.ts';
import { contacts } from './contacts.ts';
import { adminCommands } from './commands/admin-commands.ts';
import { CommandList } from './commands/command-list.ts';
import { commands } from './commands/commands.ts';
import { gatewayCommands } from './commands/gateway-commands.ts';
import { roomCommands, userCommands } from './commands/user-commands.ts';
import { correction } from './correction.ts';
import { dataPolicy } from './data-policy.ts';
import { disco } from './disco.ts';
import { files } from './files.ts';
import { gatewayPrompt } from './gateway-prompt.ts';
import { identity } from './identity.ts';
import { markers } from './markers.ts';
import { moderation } from './moderation.ts';
import { admin } from './muc/admin.ts';
import { invitations } from './muc/invitations.ts';
import { Bookmarks } from './muc/bookmarks.ts';
import { join } from './muc/join.ts';
import { leave } from './muc/leave.ts';
import { mam } from './muc/mam.ts';
import { members } from './muc/members.ts';
import { messages } from './muc/messages.ts';
import { multicast } from './multicast.ts';
import { nick } from './muc/nick.ts';
import { owner } from './muc/owner.ts';
import { roomInfo } from './muc/room-info.ts';
import { Nicknames } from './nick.ts';
import { ping } from './ping.ts';
import { presence } from './presence.ts';
import { privilege } from './privilege.ts';
import { pubsub } from './pubsub.ts';
import { reactions } from './reactions.ts';
import { receipts } from './receipts.ts';
import { registration } from './registration.ts';
import { replies } from './replies.ts';
import { retraction } from './retraction.ts';
import { rosterPushes } from './roster/pushes.ts';
import { RosterWriter } from './roster/writer.ts';
import { styling } from './styling.ts';
import { subscription } from './subscription.ts';
import { vcard } from './vcard.ts';
import { version } from './version.ts';

/** Everything that a domain can do. */
export function allFeatures(surroundings: Surroundings): readonly Feature[] {
  const { domain, sessions } = surroundings;
  const list = new CommandList(domain, [
    ...userCommands,
    ...(domain.gateway.features.includes('join') ? roomCommands : []),
    ...adminCommands(surroundings),
    ...gatewayCommands(domain),
  ]);
  const conversations = new Conversations(list);
  const clients = new ClientFeatures(surroundings);
  const roster = new RosterWriter(surroundings, clients);
  const bookmarks = new Bookmarks(surroundings);
  const features: readonly Feature[] = [
    identity(domain),
    dataPolicy(domain),
    registration(domain, sessions, conversations),
    commands(surroundings, list),
    // These take some of what is sent to the gateway, and the bot the rest.
    privilege(domain),
    multicast(domain),
    bot(surroundings, conversations),
    botPresence(surroundings),
    gatewayPrompt(surroundings),
    presence(roster),
    subscription(surroundings),
    contacts(roster),
    rosterPushes(domain, sessions),
    chat(new Nicknames(clients)),
    chatStates(domain),
    receipts(domain),
    markers(domain),
    correction(domain),
    retraction(domain),
    moderation(domain, sessions),
    reactions(domain),
    replies(domain),
    styling(domain),
    files(domain),
    addresses(domain),
    bounces(),
    join(domain, bookmarks),
    invitations(domain, sessions),
    leave(),
    nick(),
    members(bookmarks),
    messages(),
    admin(domain, sessions),
    owner(surroundings, list),
    roomInfo(surroundings),
    mam(surroundings),
    ping(sessions),
    version(domain),
    vcard(domain, sessions),
    avatars(sessions),
    pubsub(),
  ];
  return [...features, disco(surroundings, features)];
}
