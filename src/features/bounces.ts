import { chatOf } from '../delivery/chat-name.ts';
import type { Address } from '../plugin/index.ts';
import type { Context } from '../router/context.ts';
import type { Feature } from '../router/feature.ts';
import { BOT_CONTACT } from '../session/bot.ts';
import type { Output } from '../session/mailbox.ts';
import type { UserSession } from '../session/user-session.ts';
import { childOf } from '../xml/element.ts';
import { NS_CLIENT, NS_STANZA_ERRORS } from '../xmpp/namespaces.ts';
import { readError } from '../xmpp/stanza-error.ts';

/** Conditions that are no better when the user is there: she, or her server, does not want it. */
const FINAL: ReadonlySet<string> = new Set([
  'bad-request',
  'feature-not-implemented',
  'forbidden',
  'jid-malformed',
  'not-acceptable',
  'not-allowed',
  'not-authorized',
  'policy-violation',
]);

/**
 * What the user's server sends back (RFC 6121 §8.5.2: she is not there, and nothing is kept for her) stays in the inbox
 * until she is. Nothing is ever answered to it.
 */
export function bounces(): Feature {
  return {
    routes: [
      {
        stanza: 'message',
        types: ['error'],
        targets: ['gateway', 'bot', 'network', 'contact', 'unknown'],
        handle: bounced,
      },
    ],
  };
}

function bounced({ stanza, target, id }: Context, session: UserSession): Output {
  const { inbox } = session;
  const error = childOf(stanza, 'error', NS_CLIENT);
  if (inbox === undefined || id === undefined || error === undefined) return undefined;
  const chat = chatIn(target);
  if (chat === undefined) return undefined;
  const isFinal = FINAL.has(readError(error, NS_STANZA_ERRORS).condition);
  inbox.bounced(chatOf(chat), id, isFinal);
  // Clients that the gateway has not seen come, it does not see go either.
  if (!isFinal && session.resources.size === 0) session.isHeard = false;
  return undefined;
}

function chatIn(target: Context['target']): Address | undefined {
  if (target.kind === 'bot') return { kind: 'contact', id: BOT_CONTACT };
  return target.kind === 'contact' || target.kind === 'network' ? target : undefined;
}
