import { permissionsOf } from '../../features/privilege.ts';
import { findUploadService } from '../../media/upload.ts';
import type { Finding } from '../../plugin/index.ts';
import { Unanswered } from '../../router/requests.ts';
import type { Permissions } from '../../session/privileges.ts';
import { xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { NS_PING } from '../../xmpp/namespaces.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';
import type { Visit } from './visit.ts';

const ANSWER_MS = 1_500;
/** Servers that know no ping say so, and are there. */
const ANSWERS: ReadonlySet<string> = new Set(['service-unavailable', 'feature-not-implemented']);

/** What the server of some users answers to an attached domain, and what it lets that do. */
export async function examineServer(
  visit: Visit,
  domain: string,
  server: string,
): Promise<readonly Finding[]> {
  const ask = (to: string, payload: XmlElement): Promise<XmlElement | undefined> =>
    visit.ask({ type: 'get', from: domain, to, payload, timeoutMs: ANSWER_MS });
  const found = (verdict: Finding['verdict'], text: string, advice?: string): Finding => ({
    verdict,
    about: domain,
    text: `${server} ${text}`,
    ...(advice === undefined ? {} : { advice }),
  });
  const problem = await ping(ask, server);
  if (problem !== undefined) {
    const advice =
      'registration.allow (by default the domain above that of the gateway) has to name the domain of your users';
    return [found('trouble', problem, advice)];
  }
  // It announces them right behind the handshake, and so before this answer.
  const [permissions] = visit.announcements.flatMap((message) => {
    const { from, to } = message.attributes;
    return from === server && to === domain ? (permissionsOf(message) ?? []) : [];
  });
  return [
    found('ok', 'answers'),
    found('ok', `gives ${privilegeWords(permissions)}`),
    found('ok', await uploadWords(ask, server)),
  ];
}

async function ping(
  ask: (to: string, payload: XmlElement) => Promise<unknown>,
  server: string,
): Promise<string | undefined> {
  try {
    await ask(server, xml('ping', NS_PING));
    return undefined;
  } catch (error) {
    if (error instanceof Unanswered) return 'does not answer';
    if (!(error instanceof StanzaError)) throw error;
    const { condition, text } = error;
    if (ANSWERS.has(condition)) return undefined;
    return `is not there: ${condition}${text === undefined ? '' : ` (${text})`}`;
  }
}

function privilegeWords(permissions: Permissions | undefined): string {
  if (permissions === undefined) return 'no privileges (none is needed)';
  const { roster, sendsMessages, tellsPresence, iqs } = permissions;
  const words = [
    ...(roster === 'none' ? [] : [`roster (${roster})`]),
    ...(sendsMessages ? ['message'] : []),
    ...(tellsPresence ? ['presence'] : []),
    ...[...iqs].map(([namespace, access]) => `iq ${namespace} (${access})`),
  ];
  return words.length === 0 ? 'no privileges (none is needed)' : `privileges: ${words.join(', ')}`;
}

async function uploadWords(
  ask: (to: string, payload: XmlElement) => Promise<XmlElement | undefined>,
  server: string,
): Promise<string> {
  const service = await findUploadService(server, ask).catch(() => undefined);
  if (service === undefined) return 'has no service for files (http.publicUrl takes its place)';
  const { jid, maxBytes } = service;
  const size = maxBytes === Infinity ? '' : `, up to ${Math.floor(maxBytes / 1_000_000)} MB each`;
  return `has files at ${jid}${size}`;
}
