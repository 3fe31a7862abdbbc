import { childOf, childrenOf, childText, textOf } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import {
  NS_ADDRESS,
  NS_CHAT_STATES,
  NS_CLIENT,
  NS_CORRECT,
  NS_EME,
  NS_FALLBACK,
  NS_FILE_METADATA,
  NS_MARKERS,
  NS_OMEMO_1,
  NS_OMEMO_2,
  NS_OMEMO_OLD,
  NS_OOB,
  NS_OPENPGP,
  NS_OPENPGP_OLD,
  NS_OTR,
  NS_REACTIONS,
  NS_RECEIPTS,
  NS_REPLY,
  NS_RETRACT,
  NS_SFS,
  NS_STYLING,
  NS_URL_DATA,
} from './namespaces.ts';

/** What a message stanza holds, as far as we know what it means. */
export interface MessageParts {
  /** That without a language of its own, if there are several (RFC 6121 §5.2.3). */
  readonly body: string | undefined;
  readonly subject: string | undefined;
  readonly thread: string | undefined;
  /** XEP-0308: the id of the message that this one replaces. */
  readonly replaces: string | undefined;
  /** XEP-0424. */
  readonly retracts: string | undefined;
  /** XEP-0444. */
  readonly reactions: { readonly id: string; readonly emoji: readonly string[] } | undefined;
  /** XEP-0461: the id of the message that this one answers. */
  readonly answers: string | undefined;
  /** XEP-0428. */
  readonly fallbacks: readonly XmlElement[];
  /** XEP-0085. */
  readonly chatState: string | undefined;
  /** XEP-0333: the id of the message that was seen. */
  readonly displayed: string | undefined;
  /** XEP-0333. */
  readonly isMarkable: boolean;
  /** XEP-0184. */
  readonly asksReceipt: boolean;
  /** XEP-0393. */
  readonly isUnstyled: boolean;
  /** XEP-0380: the name of how it is encrypted. */
  readonly encryption: string | undefined;
  /** XEP-0066: addresses on the web, each with its description if it has one. */
  readonly links: readonly Link[];
  /** XEP-0447: files. */
  readonly shares: readonly Share[];
  /** XEP-0033. */
  readonly addresses: readonly AddressPart[];
}

/** A file that can be fetched at an address on the web. */
export interface Share {
  readonly url: string;
  readonly name: string | undefined;
  readonly type: string | undefined;
  readonly sizeBytes: number | undefined;
}

/** One of several recipients, or whatever else an address may be for. */
export interface AddressPart {
  readonly type: string;
  readonly jid: string | undefined;
  readonly uri: string | undefined;
  readonly name: string | undefined;
  readonly isDelivered: boolean;
}

export interface Link {
  readonly url: string;
  readonly description: string | undefined;
}

type Lists = 'fallbacks' | 'links' | 'shares' | 'addresses';
type Draft = { -readonly [Part in Exclude<keyof MessageParts, Lists>]: MessageParts[Part] } & {
  fallbacks: XmlElement[];
  links: Link[];
  shares: Share[];
  addresses: AddressPart[];
};

const NO_ELEMENTS: XmlElement[] = [];
const NO_LINKS: Link[] = [];
const NO_SHARES: Share[] = [];
const NO_ADDRESSES: AddressPart[] = [];

/** XEP-0380 §6. */
const ENCRYPTIONS: Readonly<Record<string, string>> = {
  [NS_OMEMO_OLD]: 'OMEMO',
  [NS_OMEMO_1]: 'OMEMO',
  [NS_OMEMO_2]: 'OMEMO',
  [NS_OPENPGP]: 'OpenPGP',
  [NS_OPENPGP_OLD]: 'OpenPGP',
  [NS_OTR]: 'OTR',
};

/** Reads the children of a message, each once. */
export function messageParts(stanza: XmlElement): MessageParts {
  const parts: Draft = {
    body: undefined,
    subject: undefined,
    thread: undefined,
    replaces: undefined,
    retracts: undefined,
    reactions: undefined,
    answers: undefined,
    fallbacks: NO_ELEMENTS,
    chatState: undefined,
    displayed: undefined,
    isMarkable: false,
    asksReceipt: false,
    isUnstyled: false,
    encryption: undefined,
    links: NO_LINKS,
    shares: NO_SHARES,
    addresses: NO_ADDRESSES,
  };
  for (const node of stanza.children) {
    if (typeof node === 'string') continue;
    if (node.namespace === NS_CLIENT) readCore(parts, node);
    else READERS.get(node.namespace)?.(parts, node);
  }
  if (parts.body?.startsWith('?OTR') === true) parts.encryption ??= 'OTR';
  return parts;
}

function readCore(parts: Draft, node: XmlElement): void {
  if (node.name === 'body') {
    if (parts.body === undefined || node.attributes['xml:lang'] === undefined) {
      parts.body = textOf(node);
    }
  } else if (node.name === 'subject') {
    if (parts.subject === undefined || node.attributes['xml:lang'] === undefined) {
      parts.subject = textOf(node);
    }
  } else if (node.name === 'thread') parts.thread ??= textOf(node);
}

type Reader = (parts: Draft, node: XmlElement) => void;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  [NS_CHAT_STATES, (parts, { name }) => (parts.chatState ??= name)],
  [NS_CORRECT, named('replace', (parts, { id }) => (parts.replaces ??= id))],
  [NS_RETRACT, named('retract', (parts, { id }) => (parts.retracts ??= id))],
  [NS_REPLY, named('reply', (parts, { id }) => (parts.answers ??= id))],
  [NS_REACTIONS, (parts, node) => (parts.reactions ??= reactionsIn(node))],
  [NS_FALLBACK, (parts, node) => (parts.fallbacks = joined(parts.fallbacks, [node]))],
  [NS_OOB, (parts, node) => (parts.links = joined(parts.links, linksIn(node)))],
  [NS_SFS, (parts, node) => (parts.shares = joined(parts.shares, sharesIn(node)))],
  [NS_ADDRESS, (parts, node) => (parts.addresses = joined(parts.addresses, addressesIn(node)))],
  [NS_RECEIPTS, named('request', (parts) => (parts.asksReceipt = true))],
  [NS_STYLING, named('unstyled', (parts) => (parts.isUnstyled = true))],
  [NS_MARKERS, readMarker],
  [NS_EME, (parts, { attributes }) => (parts.encryption ??= encryptionIn(attributes))],
  ...Object.entries(ENCRYPTIONS).map(([namespace, name]): [string, Reader] => [
    namespace,
    (parts) => (parts.encryption ??= name),
  ]),
]);

/** The empty lists are shared by all messages; others grow where they are, however many there are. */
function joined<Part>(known: Part[], more: readonly Part[]): Part[] {
  if (known.length === 0) return [...more];
  for (const part of more) known.push(part);
  return known;
}

function named(
  name: string,
  read: (parts: Draft, attributes: XmlElement['attributes']) => void,
): Reader {
  return (parts, node) => {
    if (node.name === name) read(parts, node.attributes);
  };
}

function readMarker(parts: Draft, { name, attributes }: XmlElement): void {
  if (name === 'markable') parts.isMarkable = true;
  else if (name === 'displayed') parts.displayed ??= attributes['id'];
}

function encryptionIn({ name, namespace = '' }: XmlElement['attributes']): string {
  return ENCRYPTIONS[namespace] ?? name ?? namespace;
}

/** XEP-0444 §4: all that the sender now has; each counts once. */
function reactionsIn(node: XmlElement): MessageParts['reactions'] {
  const { id } = node.attributes;
  if (id === undefined || node.name !== 'reactions') return undefined;
  const emoji = childrenOf(node, 'reaction', NS_REACTIONS).map((one) => textOf(one).trim());
  return { id, emoji: [...new Set(emoji.filter((one) => one !== ''))] };
}

function linksIn(node: XmlElement): Link[] {
  if (node.name !== 'x') return [];
  const url = childText(node, 'url', NS_OOB)?.trim() ?? '';
  return url === '' ? [] : [{ url, description: childText(node, 'desc', NS_OOB) }];
}

/** XEP-0447 §3: only sources that are addresses on the web are of use to us. */
function sharesIn(node: XmlElement): Share[] {
  if (node.name !== 'file-sharing') return [];
  const sources = childOf(node, 'sources', NS_SFS);
  const source = sources && childOf(sources, 'url-data', NS_URL_DATA);
  const url = source?.attributes['target']?.trim() ?? '';
  if (url === '') return [];
  const file = childOf(node, 'file', NS_FILE_METADATA);
  const size = Number(file === undefined ? undefined : childText(file, 'size', NS_FILE_METADATA));
  return [
    {
      url,
      name: file && childText(file, 'name', NS_FILE_METADATA),
      type: file && childText(file, 'media-type', NS_FILE_METADATA),
      sizeBytes: Number.isSafeInteger(size) && size > 0 ? size : undefined,
    },
  ];
}

function addressesIn(node: XmlElement): AddressPart[] {
  if (node.name !== 'addresses') return [];
  return childrenOf(node, 'address', NS_ADDRESS).map(({ attributes }) => ({
    type: attributes['type'] ?? '',
    jid: attributes['jid'],
    uri: attributes['uri'],
    name: attributes['desc'],
    isDelivered: attributes['delivered'] === 'true' || attributes['delivered'] === '1',
  }));
}
