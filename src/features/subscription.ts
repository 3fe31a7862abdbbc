import { NetworkError } from '../plugin/index.ts';
import type { ContactAsksEvent, ContactId } from '../plugin/index.ts';
import type { Context } from '../router/context.ts';
import type { Feature } from '../router/feature.ts';
import { nobodyThere } from '../router/nobody-there.ts';
import type { Surroundings } from '../router/surroundings.ts';
import type { Output } from '../session/mailbox.ts';
import type { UserSession } from '../session/user-session.ts';
import { childText, xml } from '../xml/element.ts';
import type { XmlContent, XmlElement } from '../xml/element.ts';
import { NS_CLIENT, NS_NICK } from '../xmpp/namespaces.ts';
import { inLanguage } from '../xmpp/stanza.ts';
import { contactGone, contactPresence } from './contact-presence.ts';
import { nickElement } from './nick.ts';
import { can } from './place.ts';
import { presenceTexts } from './presence-texts.ts';
import { presenceOf } from './presence.ts';

const TARGETS = ['gateway', 'network', 'contact'] as const;
const MAX_NAME = 200;
/** A contact that asks again and again is not let through more often. */
const ASK_AGAIN_MS = 3_600_000;

/** Subscriptions to the gateway, its networks and its contacts, and theirs to the user (RFC 6121 §3, XEP-0100 §4.1, 4.6, 4.7, 5.1). */
export function subscription(surroundings: Surroundings): Feature {
  return {
    routes: [
      {
        stanza: 'presence',
        types: ['subscribe'],
        targets: TARGETS,
        needs: 'account',
        handle: subscribe,
      },
      {
        stanza: 'presence',
        types: ['subscribe'],
        targets: ['room', 'occupant', 'unknown'],
        handle: (context) => {
          if (context.target.kind === 'unknown') throw nobodyThere(surroundings, context);
          return [reply(context, 'unsubscribed')];
        },
      },
      { stanza: 'presence', types: ['unsubscribe'], targets: TARGETS, handle: unsubscribe },
      { stanza: 'presence', types: ['subscribed'], targets: TARGETS, handle: subscribed },
      { stanza: 'presence', types: ['unsubscribed'], targets: TARGETS, handle: unsubscribed },
    ],
  };
}

/** Whether who is on the user's list is the network's business. */
function hasList(session: UserSession): boolean {
  return session.isRegistered && can(session, 'changeContact');
}

async function subscribe(context: Context, session: UserSession): Promise<Output> {
  const local = context.to.local ?? '';
  const { target } = context;
  if (target.kind === 'contact' && hasList(session)) {
    session.answered(local, true);
    const contact = session.contacts.change(target.id, { isDismissed: false });
    if (contact.isListed || session.subscriptions.of(local).fromUser) {
      return accepted(session, target.id);
    }
    add(context, session, target.id);
    return undefined;
  }
  await session.subscriptions.change(local, { fromUser: true });
  session.answered(local, true);
  return [reply(context, 'subscribed'), presenceOf(session, local, session.user.bare)];
}

/** XEP-0100 §4.6.1: the network is asked, and the user gets its answer. */
function add({ stanza }: Context, session: UserSession, id: ContactId): void {
  if (session.adding.has(id)) return;
  session.adding.add(id);
  const text = childText(stanza, 'status', NS_CLIENT);
  const name = childText(stanza, 'nick', NS_NICK)?.slice(0, MAX_NAME);
  const details = {
    ...(text === undefined || text === '' ? {} : { text }),
    ...(name === undefined || name === '' ? {} : { name }),
  };
  session
    .network()
    .changeContact?.(id, 'add', details)
    .then(
      () =>
        session.mailbox.post(() => {
          const { show, isListed } = session.contacts.get(id) ?? {};
          const isKnown = show !== undefined || isListed === true;
          return isKnown && session.adding.delete(id) ? accepted(session, id) : undefined;
        }),
      (error: unknown) => {
        session.log.debug({ err: error }, 'the network does not add the contact');
        session.mailbox.post(() => {
          session.adding.delete(id);
          return refusedByNetwork(session, id, error instanceof NetworkError ? error.message : '');
        });
      },
    );
}

/** XEP-0100 §4.6.1: `subscribed`, then the contact's presence, then its own wish to see the user's, if it does not yet. */
export async function accepted(session: UserSession, id: ContactId): Promise<Output> {
  const local = session.domain.localOf({ kind: 'contact', id });
  const entry = session.contacts.get(id)?.entry ?? { way: 'subscription', name: '', groups: [] };
  session.contacts.change(id, { entry, isListed: true, isDismissed: false });
  session.saveContacts();
  await session.subscriptions.change(local, { fromUser: true });
  const stanzas = [
    puppetStanza(session, id, 'subscribed'),
    contactPresence(session, id, session.user.bare),
  ];
  if (!session.subscriptions.of(local).toUser) stanzas.push(subscribeRequest(session, id));
  return stanzas;
}

/** XEP-0100 §4.6.2; with the words of the network, if it has any. */
export function refusedByNetwork(session: UserSession, id: ContactId, reason = ''): Output {
  const words = reason === '' ? presenceTexts(session.language).refused : reason;
  const status = xml('status', NS_CLIENT, {}, [words]);
  return [inLanguage(puppetStanza(session, id, 'unsubscribed', [status]), session.language)];
}

/** The wish of a contact to see the user's presence, under its name (XEP-0172 §4.2). */
export function subscribeRequest(session: UserSession, id: ContactId, status?: string): XmlElement {
  const name = session.contacts.get(id)?.name;
  return puppetStanza(session, id, 'subscribe', [
    status === undefined ? undefined : xml('status', NS_CLIENT, {}, [status]),
    nickElement(name),
  ]);
}

/** XEP-0100 §5.1: a contact asks. It never says `subscribed` by itself. */
export function asking(session: UserSession, event: ContactAsksEvent): Output {
  const { contact: id, name, text } = event;
  const local = session.domain.localOf({ kind: 'contact', id });
  const named = name === undefined || name === '' ? {} : { name: name.slice(0, MAX_NAME) };
  if (session.subscriptions.of(local).toUser) {
    session.contacts.change(id, named);
    answer(session, id, 'accept');
    return undefined;
  }
  const wasAsking = session.contacts.get(id)?.isAsking === true;
  const contact = session.contacts.change(id, { ...named, isAsking: true });
  session.saveContacts();
  const now = session.domain.now();
  const askedAt = session.askedAt.get(id);
  const isTooOften = askedAt !== undefined && now - askedAt < ASK_AGAIN_MS;
  if (isTooOften || (wasAsking && askedAt !== undefined)) return undefined;
  if (session.askedAt.size >= MAX_ASKED) session.askedAt.clear();
  session.askedAt.set(id, now);
  const shown =
    contact.name === ''
      ? session.domain.gateway.addresses.format({ kind: 'contact', id })
      : contact.name;
  if (text !== undefined && text !== '') return [subscribeRequest(session, id, text)];
  const { language } = session;
  const request = subscribeRequest(session, id, presenceTexts(language).asks(shown));
  return [inLanguage(request, language)];
}

const MAX_ASKED = 1_000;

/** XEP-0100 §5.2: the contact is gone from the user's list, or she from its. */
export async function parted(session: UserSession, id: ContactId): Promise<Output> {
  const local = session.domain.localOf({ kind: 'contact', id });
  const { fromUser, toUser } = session.subscriptions.of(local);
  const wasAsking = session.contacts.get(id)?.isAsking === true;
  session.contacts.change(id, { isAsking: false, show: undefined, status: undefined });
  session.saveContacts();
  if (!fromUser && !toUser && !wasAsking) return undefined;
  await session.subscriptions.change(local, { fromUser: false, toUser: false });
  return [
    puppetStanza(session, id, 'unsubscribe'),
    puppetStanza(session, id, 'unsubscribed'),
    contactGone(session, local),
  ];
}

/** XEP-0100 §4.7. */
async function unsubscribe(context: Context, session: UserSession): Promise<Output> {
  const local = context.to.local ?? '';
  const wasSubscribed = session.subscriptions.of(local).fromUser;
  await session.subscriptions.change(local, { fromUser: false });
  const { target } = context;
  if (target.kind === 'contact') {
    session.adding.delete(target.id);
    letGo(session, local, target.id);
  }
  if (!wasSubscribed) return undefined;
  const gone =
    target.kind === 'contact' ? contactGone(session, local) : reply(context, 'unavailable');
  session.shown.delete(local);
  return [gone, reply(context, 'unsubscribed')];
}

/** Only where we asked, and only of the registered, so that nobody is made to tell us. */
async function subscribed({ to, target }: Context, session: UserSession): Promise<undefined> {
  if (to.local !== undefined) session.answered(to.local, true);
  if (!session.isRegistered) return undefined;
  if (target.kind === 'gateway') await session.subscriptions.change('', { toUser: true });
  if (target.kind !== 'contact' || to.local === undefined) return undefined;
  const contact = session.contacts.get(target.id);
  if (contact?.entry === undefined && contact?.isAsking !== true) return undefined;
  await session.subscriptions.change(to.local, { toUser: true });
  if (contact.isAsking) {
    session.contacts.change(target.id, { isAsking: false, isDismissed: false });
    session.saveContacts();
    answer(session, target.id, 'accept');
  }
  return undefined;
}

async function unsubscribed({ to, target }: Context, session: UserSession): Promise<undefined> {
  const local = to.local ?? '';
  if (to.local !== undefined) session.answered(to.local, false);
  await session.subscriptions.change(local, { toUser: false });
  if (target.kind !== 'contact') return undefined;
  if (session.contacts.get(target.id)?.isAsking === true) {
    session.contacts.change(target.id, { isAsking: false });
    answer(session, target.id, 'refuse');
  }
  letGo(session, local, target.id);
  return undefined;
}

/** With neither side left the user has taken the contact off her roster: the network is told, and it is not offered again. */
function letGo(session: UserSession, local: string, id: ContactId): void {
  const { fromUser, toUser } = session.subscriptions.of(local);
  const contact = session.contacts.get(id);
  if (fromUser || toUser || contact === undefined || !session.isRegistered) return;
  if (contact.isListed || contact.entry !== undefined) {
    session.contacts.change(id, { isDismissed: true, isListed: false, entry: undefined });
    session.roster.changed(local, undefined);
    if (contact.isListed) answer(session, id, 'remove');
  }
  session.saveContacts();
}

/** Tells the network what the user has decided; that she hears no error of it matters less than that nothing waits for it. */
function answer(session: UserSession, id: ContactId, change: 'accept' | 'refuse' | 'remove'): void {
  if (!can(session, 'changeContact')) return;
  session
    .network()
    .changeContact?.(id, change)
    .catch((error: unknown) =>
      session.log.warn({ err: error, change }, 'a contact is not changed'),
    );
}

export function puppetStanza(
  { domain, user }: UserSession,
  id: ContactId,
  type: string,
  content: XmlContent = [],
): XmlElement {
  const from = domain.jidOf({ kind: 'contact', id });
  return xml('presence', NS_CLIENT, { from, to: user.bare, type }, content);
}

function reply({ from, to }: Context, type: string): XmlElement {
  return xml('presence', NS_CLIENT, { from: to.bare, to: from.bare, type });
}
