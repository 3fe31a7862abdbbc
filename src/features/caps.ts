import { createHash } from 'node:crypto';
import type { TargetKind } from '../router/context.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import { childOf, childrenOf, textOf, xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_CAPS, NS_DATA_FORM, NS_DISCO_INFO } from '../xmpp/namespaces.ts';

/** The node of this program; with `#` and the hash behind it, that of one set of features. */
const NODE = 'urn:causeway';

/** XEP-0115 §4: in each available presence of ours, so that clients need not ask every contact what it can do. */
export function capsElement({ capsHashes }: GatewayDomain, kind: TargetKind): XmlElement {
  return xml('c', NS_CAPS, { hash: 'sha-1', node: NODE, ver: capsHashes.get(kind) });
}

/** Whether somebody asks at this node what the hash in our presence stands for (XEP-0115 §6.2). */
export function isCapsNode({ capsHashes }: GatewayDomain, kind: TargetKind, node: string): boolean {
  return node === `${NODE}#${capsHashes.get(kind)}`;
}

/** The caps that a presence names, as one string; empty when it names none that can be checked. */
export function capsIn(presence: XmlElement): string {
  const { hash, node, ver } = childOf(presence, 'c', NS_CAPS)?.attributes ?? {};
  if (hash !== 'sha-1' || node === undefined || ver === undefined) return '';
  return `${node}#${ver}`;
}

/** XEP-0115 §5.1: the hash of an answer of disco#info. `undefined` for one that is not well-formed (§5.4). */
export function capsHash(info: XmlElement): string | undefined {
  const identities = childrenOf(info, 'identity', NS_DISCO_INFO).map(({ attributes }) => {
    const { category = '', type = '', name = '' } = attributes;
    return `${category}/${type}/${attributes['xml:lang'] ?? ''}/${name}`;
  });
  const features = childrenOf(info, 'feature', NS_DISCO_INFO).map(
    ({ attributes }) => attributes['var'] ?? '',
  );
  const forms = childrenOf(info, 'x', NS_DATA_FORM).map(formOf);
  const types = forms.map(([type]) => type);
  if ([identities, features, types].some((all) => new Set(all).size < all.length)) return undefined;
  const parts = [
    ...identities.sort(byOctets),
    ...features.sort(byOctets),
    ...forms
      .filter(([type]) => type !== '')
      .sort(([a], [b]) => byOctets(a, b))
      .flat(),
  ];
  return createHash('sha1')
    .update(parts.map((part) => `${part}<`).join(''))
    .digest('base64');
}

/** The type of a form, then its fields with their values in order; the type is empty where it does not count. */
function formOf(form: XmlElement): readonly [string, ...string[]] {
  let type = '';
  const fields: (readonly [string, readonly string[]])[] = [];
  for (const field of childrenOf(form, 'field', NS_DATA_FORM)) {
    const name = field.attributes['var'] ?? '';
    const values = childrenOf(field, 'value', NS_DATA_FORM).map(textOf);
    if (name !== 'FORM_TYPE') fields.push([name, values.sort(byOctets)]);
    else if (field.attributes['type'] === 'hidden') type = values[0] ?? '';
  }
  fields.sort(([a], [b]) => byOctets(a, b));
  return [type, ...fields.flatMap(([name, values]) => [name, ...values])];
}

/** RFC 4790 §9.3. */
function byOctets(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
