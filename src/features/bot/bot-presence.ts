import { BOT } from '../../session/bot.ts';
import type { Context } from '../../router/context.ts';
import type { Feature } from '../../router/feature.ts';
import type { Surroundings } from '../../router/surroundings.ts';
import type { GatewayDomain } from '../../session/gateway-domain.ts';
import type { Output } from '../../session/mailbox.ts';
import type { UserSession } from '../../session/user-session.ts';
import { xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { NS_CLIENT } from '../../xmpp/namespaces.ts';
import { capsElement } from '../caps.ts';

const PER_TICK = 20;
const TICK_MS = 250;
const TARGETS = ['bot'] as const;

/** RFC 6121 §3-4: the bot is there whenever the gateway is, for everybody who may use it and has it on the list. */
export function botPresence(surroundings: Surroundings): Feature {
  const stanza = 'presence';
  return {
    routes: [
      { stanza, types: ['subscribe'], targets: TARGETS, needs: 'allowed', handle: subscribe },
      { stanza, types: ['unsubscribe'], targets: TARGETS, handle: unsubscribe },
      { stanza, types: ['subscribed'], targets: TARGETS, handle: seen(true) },
      { stanza, types: ['unsubscribed'], targets: TARGETS, handle: seen(false) },
      { stanza, types: ['probe'], targets: TARGETS, handle: probe },
    ],
    attached: greeter(surroundings),
  };
}

async function subscribe(context: Context, session: UserSession): Promise<Output> {
  await session.subscriptions.change(BOT, { fromUser: true });
  const to = context.from.bare;
  const answer = [presence(session, to, 'subscribed'), presence(session, to)];
  // Many clients can have no domain on their list: then it is the bot by which they tell that their user is there.
  return session.subscriptions.of(BOT).toUser
    ? answer
    : [...answer, presence(session, to, 'subscribe')];
}

/** An answer, of which only what was asked for counts. */
function seen(toUser: boolean): (context: Context, session: UserSession) => Promise<Output> {
  return async (_context, session) => {
    const isAsked = session.subscriptions.of(BOT).fromUser;
    if (isAsked || !toUser) await session.subscriptions.change(BOT, { toUser });
    return undefined;
  };
}

async function unsubscribe({ from }: Context, session: UserSession): Promise<Output> {
  if (!session.subscriptions.of(BOT).fromUser) return undefined;
  await session.subscriptions.change(BOT, { fromUser: false });
  return [
    presence(session, from.bare, 'unavailable'),
    presence(session, from.bare, 'unsubscribed'),
  ];
}

function probe({ from }: Context, session: UserSession): Output {
  const isWatching = session.subscriptions.of(BOT).fromUser;
  return [presence(session, from.full, isWatching ? undefined : 'unsubscribed')];
}

function presence({ domain }: UserSession, to: string, type?: string): XmlElement {
  if (type === undefined) return available(domain, to);
  return xml('presence', NS_CLIENT, { from: `${BOT}@${domain.domain}`, to, type });
}

function available(domain: GatewayDomain, to: string): XmlElement {
  const from = `${BOT}@${domain.domain}`;
  return xml('presence', NS_CLIENT, { from, to }, [capsElement(domain, 'bot')]);
}

/** Tells everybody who has the bot on the list that it is there, a few at a time. */
function greeter({ domain, write }: Surroundings): () => void {
  let ticking: NodeJS.Timeout | undefined;
  return () => {
    clearInterval(ticking);
    domain.store.subscriptions.watchers(domain.domain, BOT).then(
      (users) => {
        clearInterval(ticking);
        if (users.length === 0) return;
        ticking = setInterval(() => {
          write(users.splice(0, PER_TICK).map((to) => available(domain, to)));
          if (users.length === 0) clearInterval(ticking);
        }, TICK_MS);
        ticking.unref();
      },
      (error: unknown) => domain.log.error({ err: error }, 'the watchers could not be read'),
    );
  };
}
