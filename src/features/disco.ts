import type { Language } from '../plugin/index.ts';
import type { TargetKind } from '../router/context.ts';
import type { DiscoQuestion, Feature, Identity, InfoPart, IqReply } from '../router/feature.ts';
import type { Surroundings } from '../router/surroundings.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_CAPS, NS_DISCO_INFO, NS_DISCO_ITEMS } from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { capsHash, isCapsNode } from './caps.ts';

const TARGETS: readonly TargetKind[] = ['gateway', 'bot', 'network', 'room', 'occupant', 'contact'];

/** XEP-0030. What is told is gathered from the features themselves. */
export function disco({ domain, sessions }: Surroundings, others: readonly Feature[]): Feature {
  const own: Feature = {
    namespaces: Object.fromEntries(
      TARGETS.map((target) => [target, [NS_DISCO_INFO, NS_DISCO_ITEMS, NS_CAPS]]),
    ),
    items: ({ context, node }) =>
      context.target.kind === 'gateway' && node === '' ? networkItems(domain) : undefined,
  };
  const features = [...others, own];
  const fixed = new Map(TARGETS.map((target) => [target, fixedInfo(target, features)]));
  for (const [target, parts] of fixed) {
    const hash = capsHash(infoElement([parts]));
    if (hash === undefined) throw new Error(`what disco says of a ${target} is not well-formed`);
    domain.capsHashes.set(target, hash);
  }
  const ask = (context: DiscoQuestion['context'], query: XmlElement): DiscoQuestion => ({
    context,
    query,
    node: query.attributes['node'] ?? '',
    session: sessions.find(context.from),
  });
  return {
    ...own,
    routes: [
      {
        stanza: 'iq',
        type: 'get',
        payload: { name: 'query', namespace: NS_DISCO_INFO },
        targets: TARGETS,
        handle: (context, query) => {
          const question = ask(context, query);
          const parts = fixed.get(context.target.kind) ?? {};
          if (isCapsNode(domain, context.target.kind, question.node)) {
            return { payload: infoElement([parts], nodeOf(question)) };
          }
          return info(features, parts, question);
        },
      },
      {
        stanza: 'iq',
        type: 'get',
        payload: { name: 'query', namespace: NS_DISCO_ITEMS },
        targets: TARGETS,
        handle: (context, query) => items(features, ask(context, query)),
      },
    ],
  };
}

function fixedInfo(target: TargetKind, features: readonly Feature[]): InfoPart {
  return {
    identities: features.flatMap((feature) => feature.identities?.[target] ?? []),
    namespaces: features.flatMap((feature) => feature.namespaces?.[target] ?? []),
  };
}

async function info(
  features: readonly Feature[],
  fixed: InfoPart,
  question: DiscoQuestion,
): Promise<IqReply> {
  const isNode = question.node !== '';
  const parts: InfoPart[] = isNode ? [] : [fixed];
  for (const feature of features) {
    const part = await feature.info?.(question);
    if (part !== undefined) parts.push(part);
  }
  if (parts.length === 0) throw new StanzaError('item-not-found');
  return { payload: infoElement(parts, nodeOf(question), question.context.language) };
}

/** XEP-0030 §3.1. Each feature stands there once. */
export function infoElement(
  parts: readonly InfoPart[],
  attributes: Readonly<Record<string, string>> = {},
  language: Language = 'en',
): XmlElement {
  const identities = parts.flatMap((part): readonly Identity[] => part.identities ?? []);
  const namespaces = new Set(parts.flatMap((part) => part.namespaces ?? []));
  return xml('query', NS_DISCO_INFO, attributes, [
    ...identities.map(({ category, type, name, named }) =>
      xml('identity', NS_DISCO_INFO, { category, type, name: named?.(language) ?? name }),
    ),
    ...[...namespaces].map((namespace) => xml('feature', NS_DISCO_INFO, { var: namespace })),
    ...parts.flatMap((part) => part.forms ?? []),
  ]);
}

async function items(features: readonly Feature[], question: DiscoQuestion): Promise<IqReply> {
  const elements: XmlElement[] = [];
  let isKnown = question.node === '';
  let set: XmlElement | undefined;
  for (const feature of features) {
    const part = await feature.items?.(question);
    if (part === undefined) continue;
    isKnown = true;
    set ??= part.set;
    for (const { jid, name, node } of part.items) {
      elements.push(xml('item', NS_DISCO_ITEMS, { jid, name, node }));
    }
  }
  if (!isKnown) throw new StanzaError('item-not-found');
  return { payload: xml('query', NS_DISCO_ITEMS, nodeOf(question), [...elements, set]) };
}

/** A node that was asked for is said again (XEP-0030 §3.2). */
function nodeOf({ node }: DiscoQuestion): Readonly<Record<string, string>> {
  return node === '' ? {} : { node };
}

function networkItems(domain: GatewayDomain): ReturnType<NonNullable<Feature['items']>> {
  return {
    items: domain.gateway.networks.map(({ id, name }) => ({
      jid: domain.jidOf({ kind: 'network', id }),
      name,
    })),
  };
}
