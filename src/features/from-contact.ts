import type { ContactId } from '../plugin/index.ts';
import { BOT, BOT_CONTACT } from '../session/bot.ts';
import type { UserSession } from '../session/user-session.ts';
import { xml } from '../xml/element.ts';
import type { XmlContent, XmlElement } from '../xml/element.ts';
import { NS_CLIENT } from '../xmpp/namespaces.ts';
import { whisperWay } from './whispers.ts';

/** A message of a contact to the user: to all her resources, or by way of the room where they whisper. */
export function fromContact(
  session: UserSession,
  contact: ContactId,
  id: string,
  content: XmlContent,
): XmlElement[] {
  const way = whisperWay(session, contact);
  if (way === undefined) {
    const { domain } = session;
    const isBot = contact === BOT_CONTACT;
    const from = isBot ? `${BOT}@${domain.domain}` : domain.jidOf({ kind: 'contact', id: contact });
    return [xml('message', NS_CLIENT, { from, to: session.user.bare, type: 'chat', id }, content)];
  }
  return way.to.map((to) =>
    xml('message', NS_CLIENT, { from: way.from, to, type: 'chat', id }, [...content, ...way.marks]),
  );
}
