import { elements, type XmlNode } from './xml-tree.ts';

export const CLIENT = 'jabber:client';
export const STANZA_ERRORS = 'urn:ietf:params:xml:ns:xmpp-stanzas';

export type ErrorType = 'auth' | 'cancel' | 'modify' | 'wait';

export interface StanzaFault {
  readonly type: ErrorType;
  readonly condition: string;
  readonly text?: string;
  /** Some servers send the payload back inside the error. */
  readonly echoesPayload?: boolean;
}

export function element(
  name: string,
  namespace: string,
  attributes: Readonly<Record<string, string | undefined>> = {},
  children: readonly (XmlNode | string)[] = [],
): XmlNode {
  const present: Record<string, string> = {};
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) present[key] = value;
  }
  return { name, namespace, attributes: present, children };
}

export function withAttributes(
  node: XmlNode,
  attributes: Readonly<Record<string, string | undefined>>,
): XmlNode {
  return element(node.name, node.namespace, { ...node.attributes, ...attributes }, node.children);
}

export function presence(from: string, to: string, type?: string): XmlNode {
  return element('presence', CLIENT, { from, to, type });
}

export function resultReply(iq: XmlNode, payload?: XmlNode): XmlNode {
  const children = payload === undefined ? [] : [payload];
  return element('iq', CLIENT, { ...reversed(iq), type: 'result' }, children);
}

/** RFC 6120 §8.3: undefined where an error must not be answered. */
export function errorReply(stanza: XmlNode, fault: StanzaFault): XmlNode | undefined {
  const type = stanza.attributes['type'];
  if (type === 'error' || (stanza.name === 'iq' && type === 'result')) return undefined;
  const condition = [element(fault.condition, STANZA_ERRORS)];
  if (fault.text !== undefined) condition.push(element('text', STANZA_ERRORS, {}, [fault.text]));
  const error = element('error', CLIENT, { type: fault.type }, condition);
  const echoed = fault.echoesPayload === true ? elements(stanza) : [];
  return element(stanza.name, CLIENT, { ...reversed(stanza), type: 'error' }, [...echoed, error]);
}

function reversed(stanza: XmlNode): Readonly<Record<string, string | undefined>> {
  const { from, to, id } = stanza.attributes;
  return { from: to, to: from, id };
}
