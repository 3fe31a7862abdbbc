import type { TargetKind } from '../router/context.ts';
import type { Feature, Identity, IqReply } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_DISCO_INFO, NS_DISCO_ITEMS } from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';

const TARGETS: readonly TargetKind[] = ['gateway', 'network', 'room', 'occupant', 'contact'];

/** XEP-0030. What is told is gathered from the features themselves. */
export function disco(domain: GatewayDomain, features: readonly Feature[]): Feature {
  const own: Feature = {
    namespaces: Object.fromEntries(
      TARGETS.map((target) => [target, [NS_DISCO_INFO, NS_DISCO_ITEMS]]),
    ),
  };
  const bodies = new Map<TargetKind, readonly XmlElement[]>();
  for (const target of TARGETS) bodies.set(target, infoOf(target, [...features, own]));

  return {
    ...own,
    routes: [
      {
        stanza: 'iq',
        type: 'get',
        payload: { name: 'query', namespace: NS_DISCO_INFO },
        targets: TARGETS,
        handle: ({ target }, query) => {
          refuseNode(query);
          return { payload: xml('query', NS_DISCO_INFO, {}, bodies.get(target.kind)) };
        },
      },
      {
        stanza: 'iq',
        type: 'get',
        payload: { name: 'query', namespace: NS_DISCO_ITEMS },
        targets: TARGETS,
        handle: ({ target }, query) => {
          refuseNode(query);
          return target.kind === 'gateway' ? networkItems(domain) : noItems();
        },
      },
    ],
  };
}

/** No node of ours has a meaning yet (XEP-0030 §3.2). */
function refuseNode(query: XmlElement): void {
  if ((query.attributes['node'] ?? '') !== '') throw new StanzaError('item-not-found');
}

function infoOf(target: TargetKind, features: readonly Feature[]): XmlElement[] {
  const identities: Identity[] = features.flatMap((feature) => feature.identities?.[target] ?? []);
  const namespaces = new Set(features.flatMap((feature) => feature.namespaces?.[target] ?? []));
  return [
    ...identities.map(({ category, type, name }) =>
      xml('identity', NS_DISCO_INFO, { category, type, name }),
    ),
    ...[...namespaces].map((namespace) => xml('feature', NS_DISCO_INFO, { var: namespace })),
  ];
}

function networkItems(domain: GatewayDomain): IqReply {
  const items = domain.gateway.networks.map(({ id, name }) =>
    xml('item', NS_DISCO_ITEMS, { jid: domain.jidOf({ kind: 'network', id }), name }),
  );
  return { payload: xml('query', NS_DISCO_ITEMS, {}, items) };
}

function noItems(): IqReply {
  return { payload: xml('query', NS_DISCO_ITEMS) };
}
