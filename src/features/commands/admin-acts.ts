import { BOT } from '../../session/bot.ts';
import type { Surroundings } from '../../router/surroundings.ts';
import type { Script } from '../../session/dialogue.ts';
import { inMailbox, loaded } from '../../session/in-mailbox.ts';
import type { Sessions } from '../../session/sessions.ts';
import type { UserSession } from '../../session/user-session.ts';
import { xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import type { Jid } from '../../xmpp/jid.ts';
import { NS_CLIENT } from '../../xmpp/namespaces.ts';
import { newStanzaId } from '../../xmpp/stanza.ts';
import { unregister } from '../account/unregister.ts';
import { farewells } from '../farewell.ts';
import { clientGone } from '../presence.ts';
import { adminTexts } from './admin-texts.ts';
import { askJids } from './ask-jids.ts';
import type { CommandCall } from './command.ts';
import { connected } from './connected.ts';
import { clientsOf } from './status.ts';

/** XEP-0133 §4.5: ends the sessions of users with the network, or of one of their clients. They may come back. */
export async function* endSessions({ domain, sessions }: Surroundings, call: CommandCall): Script {
  const texts = adminTexts(call.language);
  const jids = yield* askJids(domain, call, {
    instructions: texts.whichUsers,
    refuse: (given) => {
      const absent = given.filter((jid) => !isThere(sessions, jid));
      const names = absent.map(({ full }) => full).join(', ');
      return absent.length === 0 ? undefined : texts.notConnected(names);
    },
  });
  for (const jid of jids) {
    const session = sessions.find(jid);
    if (session !== undefined) await end(session, jid);
  }
  return { text: texts.ended(jids.length) };
}

function isThere(sessions: Sessions, { bare, full, resource }: Jid): boolean {
  const session = [...sessions.all()].find(({ user }) => user.bare === bare);
  if (session === undefined) return false;
  return resource === undefined ? session.link.session !== undefined : clientsOf(session).has(full);
}

async function end(session: UserSession, jid: Jid): Promise<void> {
  if (jid.resource !== undefined) {
    session.mailbox.post(() => clientGone(session, jid));
    return;
  }
  session.mailbox.post(() => farewells(session, adminTexts(session.language).farewell));
  await inMailbox(session, async () => {
    session.resources.clear();
    await session.link.close();
  });
  session.log.info('disconnected by an administrator');
}

/** XEP-0133 §4.2. */
export async function* deleteUsers(surroundings: Surroundings, call: CommandCall): Script {
  const { domain, sessions, write } = surroundings;
  const texts = adminTexts(call.language);
  const jids = yield* askJids(domain, call, { instructions: texts.whichUsers, hasMore: true });
  const names = jids.map(({ bare }) => bare).join(', ');
  const { sure } = yield {
    instructions: texts.reallyDelete(names),
    fields: [{ name: 'sure', label: texts.yes, kind: 'flag', value: 'false' }],
    isLast: true,
  };
  if (sure !== 'true') return { text: texts.stays };
  for (const jid of jids) {
    call.signal.throwIfAborted();
    const session = await loaded(sessions.of(jid));
    if (session.isRegistered) write(await unregister(session, session.language));
  }
  return { text: texts.deleted(jids.length) };
}

/** XEP-0133 §4.23: to all who have a session. */
export async function* announce(
  { domain, sessions, write }: Surroundings,
  call: CommandCall,
): Script {
  const texts = adminTexts(call.language);
  const { announcement = '' } = yield {
    instructions: texts.askAnnouncement,
    fields: [{ name: 'announcement', label: texts.announcement, kind: 'lines', isRequired: true }],
    isLast: true,
  };
  const from = `${BOT}@${domain.domain}`;
  const message = (to: string): XmlElement =>
    xml('message', NS_CLIENT, { from, to, type: 'chat', id: newStanzaId() }, [
      xml('body', NS_CLIENT, {}, [announcement]),
    ]);
  const receivers = connected(sessions);
  write(receivers.map(({ user }) => message(user.bare)));
  return { text: texts.announced(receivers.length) };
}
