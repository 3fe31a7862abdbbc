import type { Context } from '../router/context.ts';
import type { Feature } from '../router/feature.ts';
import type { Surroundings } from '../router/surroundings.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import type { IqAccess, Permissions } from '../session/privileges.ts';
import { childOf, childrenOf, elementsOf, xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import type { Jid } from '../xmpp/jid.ts';
import { NS_CLIENT, NS_FORWARD, NS_PRIVILEGE_1, NS_PRIVILEGE_2 } from '../xmpp/namespaces.ts';
import { errorIn, StanzaError } from '../xmpp/stanza-error.ts';
import { newStanzaId } from '../xmpp/stanza.ts';

/** Both versions of the protocol, the newer first. */
const NAMESPACES = [NS_PRIVILEGE_2, NS_PRIVILEGE_1];
const MAX_IQ_NAMESPACES = 100;

/** XEP-0356: what servers let us do in the names of their users. Both versions are read; what was not announced is not tried. */
export function privilege(domain: GatewayDomain): Feature {
  return {
    routes: [
      {
        stanza: 'message',
        types: ['normal'],
        targets: ['gateway'],
        // What users write to the gateway is for its bot.
        isFor: ({ from }) => from.local === undefined,
        handle: (context) => {
          const announced = announcement(domain, context);
          if (announced === undefined) throw new StanzaError('service-unavailable');
          const server = context.from.domain;
          domain.privileges.take(server, announced);
          domain.log.info({ server, ...summary(announced) }, 'the server gave privileges');
          return undefined;
        },
      },
    ],
    attached: () => domain.privileges.forget(),
  };
}

/**
 * XEP-0356 §4.2: only a server speaks for its users, and only for them. What another domain announces counts for nobody
 * else; what a user says counts for nobody.
 */
function announcement(
  { policy }: GatewayDomain,
  { from, stanza }: Context,
): Permissions | undefined {
  if (from.local !== undefined || from.resource !== undefined) return undefined;
  if (!policy.serves(from.domain)) return undefined;
  return permissionsOf(stanza);
}

/** XEP-0356 §4.2: what a message announces; `undefined` when it announces nothing. */
export function permissionsOf(message: XmlElement): Permissions | undefined {
  for (const namespace of NAMESPACES) {
    const element = childOf(message, 'privilege', namespace);
    if (element !== undefined) return permissionsIn(element);
  }
  return undefined;
}

function permissionsIn({ namespace, children }: XmlElement): Permissions {
  let roster: IqAccess = 'none';
  let push: string | undefined;
  let sendsMessages = false;
  let tellsPresence = false;
  const iqs = new Map<string, IqAccess>();
  for (const perm of children) {
    if (typeof perm === 'string' || perm.name !== 'perm') continue;
    const { access, type } = perm.attributes;
    if (access === 'roster') {
      roster = accessOf(type);
      push = perm.attributes['push'];
    } else if (access === 'message') sendsMessages = type === 'outgoing';
    else if (access === 'presence') tellsPresence = type === 'managed_entity' || type === 'roster';
    else if (access === 'iq') {
      for (const { attributes } of childrenOf(perm, 'namespace', namespace)) {
        if (attributes['ns'] === undefined || iqs.size >= MAX_IQ_NAMESPACES) continue;
        iqs.set(attributes['ns'], accessOf(attributes['type']));
      }
    }
  }
  const hearsOfRosters = roster === 'get' || roster === 'both';
  const pushesRosters = hearsOfRosters && push !== 'false' && push !== '0';
  return { namespace, roster, pushesRosters, sendsMessages, tellsPresence, iqs };
}

function accessOf(type: string | undefined): IqAccess {
  return type === 'get' || type === 'set' || type === 'both' ? type : 'none';
}

function summary(permissions: Permissions): object {
  const { roster, sendsMessages, tellsPresence, iqs } = permissions;
  return { roster, sendsMessages, tellsPresence, iqs: [...iqs.keys()] };
}

/** XEP-0356 §5.3: a message that a user has written, for her server to send. Nothing where it does not let us. */
export function writtenAs(
  { domain, privileges }: GatewayDomain,
  user: Jid,
  message: XmlElement,
): XmlElement[] | undefined {
  const server = privileges.of(user.domain);
  if (server?.sendsMessages !== true) return undefined;
  const forwarded = xml('forwarded', NS_FORWARD, {}, [message]);
  const attributes = { from: domain, to: user.domain, id: newStanzaId() };
  return [
    xml('message', NS_CLIENT, attributes, [xml('privilege', server.namespace, {}, [forwarded])]),
  ];
}

/**
 * XEP-0356 §6.3: asks something in the name of a user, of whom she could ask it.
 * @returns the payload of the answer, if it has one
 * @throws StanzaError what is answered; `forbidden` without the privilege; `remote-server-timeout` when nothing is
 */
export async function askAs(
  { domain, requests }: Surroundings,
  user: Jid,
  question: { readonly type: 'get' | 'set'; readonly to?: string; readonly payload: XmlElement },
): Promise<XmlElement | undefined> {
  const { type, to = user.bare, payload } = question;
  const server = domain.privileges.of(user.domain);
  if (server === undefined || !domain.privileges.mayAsk(user.domain, type, payload.namespace)) {
    throw new StanzaError('forbidden');
  }
  const inner = xml('iq', NS_CLIENT, { type, from: user.bare, to, id: newStanzaId() }, [payload]);
  const answer = await requests.ask({
    type,
    from: domain.domain,
    to: user.bare,
    payload: xml('privileged_iq', server.namespace, {}, [inner]),
  });
  const forwarded = answer === undefined ? undefined : childOf(answer, 'forwarded', NS_FORWARD);
  const iq = forwarded === undefined ? undefined : childOf(forwarded, 'iq', NS_CLIENT);
  if (iq === undefined) throw new StanzaError('undefined-condition', 'No answer was forwarded.');
  if (iq.attributes['type'] !== 'result') throw errorIn(iq);
  return elementsOf(iq)[0];
}
