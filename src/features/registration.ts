import { NetworkError } from '../plugin/index.ts';
import type { Account, Language, Step } from '../plugin/index.ts';
import type { Feature, IqReply } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import type { Sessions } from '../session/sessions.ts';
import type { UserSession } from '../session/user-session.ts';
import { childOf, elementsOf, xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_CLIENT, NS_REGISTER } from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { farewells } from './farewell.ts';
import { rejoinRooms } from './muc/rejoin.ts';
import { checkedAnswers, registrationQuery, valuesFor } from './registration-fields.ts';

/** Checking an account with its network takes no longer than this. */
const CHECK_TIMEOUT_MS = 75_000;

/** XEP-0077 with the life cycle of XEP-0100 §4.1-4.3. */
export function registration(domain: GatewayDomain, sessions: Sessions): Feature {
  const payload = { name: 'query', namespace: NS_REGISTER };
  const targets = ['gateway'] as const;
  return {
    namespaces: { gateway: [NS_REGISTER] },
    routes: [
      {
        stanza: 'iq',
        type: 'get',
        payload,
        targets,
        needs: 'allowed',
        handle: async ({ from, language }) => {
          const session = await loaded(sessions.of(from));
          const step = await firstStep(session, language);
          return { payload: registrationQuery(step, session.isRegistered) };
        },
      },
      {
        stanza: 'iq',
        type: 'set',
        payload,
        targets,
        needs: 'allowed',
        handle: async (context, query) => {
          const session = await loaded(sessions.of(context.from));
          if (session.isRegistering) {
            throw new StanzaError('resource-constraint', 'Another registration is under way.');
          }
          session.isRegistering = true;
          session.language = context.language;
          try {
            return await change(domain, session, query);
          } finally {
            session.isRegistering = false;
          }
        },
      },
    ],
  };
}

/** Waits until what is kept of the user has been read. */
async function loaded(session: UserSession): Promise<UserSession> {
  await inMailbox(session, () => undefined);
  return session;
}

/** Does a piece of work when the user's mailbox comes to it. */
function inMailbox(session: UserSession, work: () => Promise<void> | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    session.mailbox.post(async () => {
      try {
        await work();
        resolve();
      } catch (error) {
        reject(error instanceof Error ? error : new Error('unknown failure', { cause: error }));
      }
      return undefined;
    });
  });
}

async function firstStep(
  { domain, account, user }: UserSession,
  language: Language,
): Promise<Step> {
  const signal = AbortSignal.timeout(CHECK_TIMEOUT_MS);
  const dialogue = domain.gateway.signIn(account, signal, language, user.bare);
  try {
    const first = await dialogue.next();
    if (first.done === true) throw new Error('a sign-in returned without asking anything');
    return first.value;
  } finally {
    await dialogue.return({});
  }
}

async function change(
  domain: GatewayDomain,
  session: UserSession,
  query: XmlElement,
): Promise<IqReply> {
  if (childOf(query, 'remove', NS_REGISTER) !== undefined) return remove(domain, session, query);
  const account = await signIn(domain, session, query);
  if (account === undefined) return {};
  const isNew = !session.isRegistered;
  await inMailbox(session, async () => {
    await domain.store.registrations.save(domain.domain, session.user.bare, account);
    session.account = account;
    await session.link.close();
  });
  rejoinRooms(session);
  session.log.info(isNew ? 'registered' : 'changed the registration');
  const { toUser } = session.subscription('');
  return { after: toUser ? [] : [presenceTo(session, 'subscribe')] };
}

/** Goes through the dialogue with one set of answers; `undefined` when the user cancelled. */
async function signIn(
  domain: GatewayDomain,
  session: UserSession,
  query: XmlElement,
): Promise<Account | undefined> {
  const signal = AbortSignal.timeout(CHECK_TIMEOUT_MS);
  const { account, language, user } = session;
  const dialogue = domain.gateway.signIn(account, signal, language, user.bare);
  try {
    const first = await dialogue.next();
    if (first.done === true) throw new Error('a sign-in returned without asking anything');
    const values = valuesFor(first.value, query, session.isRegistered);
    if (values === undefined) return undefined;
    const next = await dialogue.next(checkedAnswers(first.value, values));
    if (next.done === true) return next.value;
    throw new StanzaError('not-acceptable', next.value.problem ?? next.value.instructions);
  } catch (error) {
    // XEP-0100 §4.1.2: credentials that the network refuses are data that is not acceptable.
    if (error instanceof NetworkError && error.kind === 'credentials') {
      throw new StanzaError('not-acceptable', error.message, { type: 'modify' });
    }
    throw error;
  } finally {
    await dialogue.return({});
  }
}

/** XEP-0077 §3.2, in the order of XEP-0100 §4.3. */
async function remove(
  domain: GatewayDomain,
  session: UserSession,
  query: XmlElement,
): Promise<IqReply> {
  if (elementsOf(query).length > 1) throw new StanzaError('bad-request');
  if (!session.isRegistered) throw new StanzaError('registration-required');
  const stanzas: XmlElement[] = [];
  await inMailbox(session, async () => {
    stanzas.push(...farewells(session, 'Unregistered'));
    await domain.store.registrations.remove(domain.domain, session.user.bare);
    await domain.store.subscriptions.removeAll(domain.domain, session.user.bare);
    await domain.store.memory.removeAll(domain.domain, session.user.bare);
    await Promise.all([session.contacts.clear(), session.settings.clear()]);
    domain.store.archives.removeUser(domain.domain, session.user.bare);
    session.account = undefined;
    const addresses = new Set(['', ...session.subscriptions.keys()]);
    for (const address of addresses) {
      stanzas.unshift(
        presenceTo(session, 'unsubscribe', address),
        presenceTo(session, 'unsubscribed', address),
      );
    }
    session.subscriptions.clear();
    session.resources.clear();
    await session.link.close();
  });
  session.log.info('unregistered');
  return { after: stanzas };
}

function presenceTo(session: UserSession, type: string, local = ''): XmlElement {
  const { domain } = session.domain;
  const from = local === '' ? domain : `${local}@${domain}`;
  return xml('presence', NS_CLIENT, { from, to: session.user.bare, type });
}
