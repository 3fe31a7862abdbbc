import type { Language } from '../../plugin/index.ts';
import { inMailbox } from '../../session/in-mailbox.ts';
import type { UserSession } from '../../session/user-session.ts';
import { xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { NS_CLIENT, NS_REGISTER } from '../../xmpp/namespaces.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';
import { farewells } from '../farewell.ts';
import { failure } from '../undelivered.ts';
import { accountTexts } from './texts.ts';

/**
 * Ends the registration of a user and deletes all that is kept of her, in the order of XEP-0100 §4.3.
 * @returns what the user's server is told once the user has been answered
 */
export async function unregister(session: UserSession, language: Language): Promise<XmlElement[]> {
  let stanzas: XmlElement[] = [];
  await inMailbox(session, async () => {
    try {
      stanzas = await removeAll(session, language);
    } catch (error) {
      await session.outbox?.restore();
      throw error;
    }
  });
  // The one that asks for this is busy with it. No other must bring her back.
  session.dialogues.end(({ isBusy, node }) => !isBusy || node === NS_REGISTER);
  session.log.info('unregistered');
  return stanzas;
}

async function removeAll(session: UserSession, language: Language): Promise<XmlElement[]> {
  const { domain, store } = session.domain;
  const { bare } = session.user;
  await session.outbox?.retire();
  const stanzas = await unsent(session, language);
  const goodbye = farewells(session, accountTexts(language).farewell);
  stanzas.push(...(await session.leave()), ...goodbye);
  session.unregistering();
  await store.registrations.remove(domain, bare);
  await store.subscriptions.removeAll(domain, bare);
  await store.memory.removeAll(domain, bare);
  await store.accountKeys.removeAll(domain, bare);
  await Promise.all([session.outbox?.clear(), session.inbox?.clear()]);
  await session.domain.files.forget(bare);
  await Promise.all([session.contacts.clear(), session.settings.clear()]);
  await store.archives.removeUser(domain, bare);
  session.account = undefined;
  const known = [...session.subscriptions].map(([local]) => local);
  for (const local of new Set(['', ...known])) {
    const from = local === '' ? domain : `${local}@${domain}`;
    const presence = (type: string): XmlElement =>
      xml('presence', NS_CLIENT, { from, to: bare, type });
    stanzas.unshift(presence('unsubscribe'), presence('unsubscribed'));
  }
  session.subscriptions.forget();
  session.resources.clear();
  await session.link.close();
  // What the gateway has noted at the end of the session.
  await store.memory.removeAll(domain, bare);
  return stanzas;
}

/** What still waits for the network never gets there: its senders are told. */
async function unsent(session: UserSession, language: Language): Promise<XmlElement[]> {
  const error = new StanzaError('registration-required', accountTexts(language).unsent, {
    language,
  });
  const errors: XmlElement[] = [];
  if (session.outbox === undefined) return errors;
  for await (const head of session.outbox.unsent()) {
    const stanza = xml('message', NS_CLIENT, { ...head });
    errors.push(...(failure(session, stanza, error) ?? []));
  }
  return errors;
}
