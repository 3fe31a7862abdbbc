import type { Random } from './random.ts';

const NAMES = [
  'a',
  'b',
  'message',
  'body',
  '__proto__',
  'constructor',
  'toString',
  'x-1.2_3',
  'größe',
  '名',
  '\u{10000}n\u{effff}',
  'xml',
  'xmlnsx',
];
const PREFIXES = ['p', 'q', 'r', '__proto__', 'é', 'constructor', 'xmlq'];
const BAD_PREFIXES = ['xml', 'xmlns', 'undeclared'];
const NAMESPACES = [
  'jabber:client',
  'jabber:component:accept',
  'urn:p',
  'urn:p',
  'constructor',
  '__proto__',
  ' urn:p ',
  'a&amp;b',
  '&#32;',
  '\u00a0',
];
const BAD_NAMESPACES = [
  'http://www.w3.org/XML/1998/namespace',
  'http://www.w3.org/2000/xmlns/',
  '',
];
const REFERENCES = [
  '&amp;',
  '&lt;',
  '&gt;',
  '&quot;',
  '&apos;',
  '&#65;',
  '&#x41;',
  '&#x1F600;',
  '&#9;',
  '&#10;',
  '&#13;',
  '&#32;',
  '&#0000000000000000000000065;',
  '&#xfffd;',
  '&#x10FFFF;',
  '&#93;',
];
const TEXTS = [
  'hello',
  ' ',
  '\n',
  '\r\n',
  '\r',
  '\t',
  ']',
  ']]',
  '>',
  'grüße',
  '👋🏽',
  '\u{1fffe}',
  '\u0085',
  '\u2028',
  '\u007f',
  '\ufeff',
  '\ufffd',
  '東京',
  'x'.repeat(40),
];
/** What good documents do not have, or not there. */
const TROUBLE = [
  '<!-- c -->',
  '<!--',
  '<?php x?>',
  "<?xml version='1.0'?>",
  '<!DOCTYPE a>',
  "<!DOCTYPE a [<!ENTITY b 'c'>]>",
  '<![CDATA[',
  ']]>',
  '<!ELEMENT a>',
  '&',
  '&;',
  '&nbsp;',
  '&AMP;',
  '&amp',
  '&#;',
  '&#x;',
  '&#0;',
  '&#1;',
  '&#X41;',
  '&#-1;',
  '&#xD800;',
  '&#xDFFF;',
  '&#xFFFE;',
  '&#xffff;',
  '&#x110000;',
  '&#99999999999999999999;',
  '&#x41',
  '<',
  '>',
  '"',
  "'",
  '=',
  '/',
  '</',
  '/>',
  '</a>',
  '<a>',
  '<a/>',
  '< a/>',
  '<a:b/>',
  '<a:b:c/>',
  '<:a/>',
  '<a:/>',
  '</b>',
  '<\u{f0000}/>',
  '\u{f0000}',
  '\u0300',
  '-',
  ':',
  ']]>',
  "<a:1b xmlns:a='b'/>",
  " xmlns=''",
  " xmlns:p=''",
  " xmlns:p='urn:p'",
  " xmlns:q='urn:p' p:a='1' q:a='2'",
  " xmlns:xml='urn:x'",
  " xmlns:xml='http://www.w3.org/XML/1998/namespace'",
  " xmlns:xmlns='http://www.w3.org/2000/xmlns/'",
  " a='1' a='2'",
  " xml:lang='de' xml:lang='en'",
  ' a',
  ' a=b',
  '\ufeff',
  '\ufffe',
  '\uffff',
  '\u0000',
  '\u0001',
  '\u001f',
  '\r',
  '\r\n',
  '\n\r',
  '\u0085',
];
/** Bytes that are no UTF-8: lone continuation, overlong, surrogate, beyond U+10FFFF, cut short. */
const BAD_BYTES = [
  [0x80],
  [0xff],
  [0xc0, 0x80],
  [0xe0, 0x80, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf5, 0x80],
  [0xe2, 0x82],
  [0xf0, 0x9f, 0x98],
  [0xc3],
];
const DECLARATIONS = [
  '',
  '',
  "<?xml version='1.0'?>",
  '<?xml version="1.0" encoding="utf-8"?>',
  "<?xml\tversion = '1.0'\nencoding='UTF-8' standalone='yes' ?>\r\n",
  "<?xml version='1.1'?>",
  ' ',
  '\n',
];
const BAD_DECLARATIONS = [
  "<?xml version='1.0' encoding='latin1'?>",
  "<?xml version='2.0'?>",
  "<?xml version='1.0' version='1.0'?>",
  "<?xml version='1.0' standalone='yes' encoding='utf-8'?>",
  "<?xml version='1.0'encoding='utf-8'?>",
  "<?xml encoding='utf-8'?>",
  '<?xml?>',
  '<?xml version="1.0\'?>',
  "<?xml-stylesheet href='a'?>",
  '\ufeff',
  'text',
];

/** Mostly of the first kind. */
function pickMostly(random: Random, good: readonly string[], bad: readonly string[]): string {
  return random.pick(random.chance(0.97) ? good : bad);
}

/** A stream that is well-formed more often than not. */
export function someDocument(random: Random): Buffer {
  const start = pickMostly(random, DECLARATIONS, BAD_DECLARATIONS);
  const root = random.pick(['stream:stream', 'stream:stream', 'a', 's:a']);
  const [prefix = ''] = root.split(':', 1);
  const declared = root.includes(':') ? [prefix] : [];
  const declaration = root.includes(':') ? ` xmlns:${prefix}='urn:s'` : '';
  const children = random.some(
    4,
    () => someElement(random, 0, declared) + random.pick(['', ' ', 'x', '\r']),
  );
  const end = random.chance(0.5) ? `</${root}>` : '';
  const opening = `<${root}${declaration} xmlns='jabber:component:accept'>`;
  return Buffer.from(`${start}${opening}${children.join('')}${end}`);
}

function someName(random: Random, declared: readonly string[]): string {
  const name = random.pick(NAMES);
  return random.chance(0.3)
    ? `${pickMostly(random, ['xml', ...declared], BAD_PREFIXES)}:${name}`
    : name;
}

function someElement(random: Random, depth: number, outer: readonly string[]): string {
  const fresh = new Set(random.some(3, () => pickMostly(random, PREFIXES, BAD_PREFIXES)));
  const declared = [...outer, ...fresh];
  const name = someName(random, declared);
  const space = random.pick(['', '', '', ' ', '\r\n']);
  const start = `<${name}${someAttributes(random, fresh, declared)}${space}`;
  if (random.chance(0.3)) return `${start}/>`;
  const content = random.some(depth > 4 ? 0 : 6, () => someContent(random, depth, declared));
  return `${start}>${content.join('')}</${name}${random.pick(['', '', ' ', '\n'])}>`;
}

function someContent(random: Random, depth: number, declared: readonly string[]): string {
  const kind = random.below(10);
  if (kind < 4) return someElement(random, depth + 1, declared);
  if (kind < 7) return random.pick(TEXTS);
  if (kind < 9) return random.pick(REFERENCES);
  const cdata = random.some(3, () => random.pick([...TEXTS, '<', '&', ']]', '&lt;'])).join('');
  return `<![CDATA[${cdata.replaceAll(']]>', '')}]]>`;
}

function someAttributes(
  random: Random,
  fresh: ReadonlySet<string>,
  declared: readonly string[],
): string {
  const attributes: string[] = [];
  const add = (name: string, value: string): void => {
    const quote = random.pick(["'", '"']);
    const equals = random.pick(['=', '=', '=', ' = ', '\r\n=\t']);
    const space = random.pick([' ', ' ', '\n', '\r']);
    attributes.push(`${space}${name}${equals}${quote}${value}${quote}`);
  };
  for (const name of new Set(random.some(5, () => someName(random, declared)))) {
    add(name, random.some(4, () => random.pick([...REFERENCES, ...TEXTS])).join(''));
  }
  for (const prefix of fresh)
    add(`xmlns:${prefix}`, pickMostly(random, NAMESPACES, BAD_NAMESPACES));
  if (random.chance(0.2)) add('xmlns', random.pick([...NAMESPACES, '']));
  const local = random.pick(NAMES);
  if (random.chance(0.2)) for (const prefix of new Set(declared)) add(`${prefix}:${local}`, '');
  if (random.chance(0.02) && attributes.length > 0) attributes.push(random.pick(attributes));
  if (random.chance(0.3)) attributes.reverse();
  return attributes.join('');
}

/** The same with one thing after another spoilt, somewhere. */
export function mutate(random: Random, document: Buffer): Buffer {
  let bytes = document;
  do bytes = random.pick(MUTATIONS)(random, bytes);
  while (random.chance(0.25));
  return bytes;
}

type Mutation = (random: Random, bytes: Buffer) => Buffer;

const insert = (bytes: Buffer, at: number, piece: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);

function somePiece(random: Random, bytes: Buffer): Buffer {
  const start = random.below(bytes.length + 1);
  return bytes.subarray(start, start + random.below(random.chance(0.5) ? 8 : 60));
}

const MUTATIONS: readonly Mutation[] = [
  (random, bytes) => {
    const flipped = Buffer.from(bytes);
    const at = random.below(bytes.length);
    flipped[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
    return flipped;
  },
  (random, bytes) => {
    const at = random.below(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(6))]);
  },
  (random, bytes) => bytes.subarray(0, random.below(bytes.length + 1)),
  (random, bytes) => insert(bytes, random.below(bytes.length + 1), somePiece(random, bytes)),
  (random, bytes) =>
    insert(bytes, random.below(bytes.length + 1), Buffer.from(random.pick(TROUBLE))),
  (random, bytes) => insert(bytes, placeIn(random, bytes), Buffer.from(random.pick(TROUBLE))),
  (random, bytes) => insert(bytes, placeIn(random, bytes), Buffer.from(random.pick(TROUBLE))),
  (random, bytes) => insert(bytes, placeIn(random, bytes), Buffer.from(random.pick(REFERENCES))),
  (random, bytes) =>
    insert(bytes, random.below(bytes.length + 1), Uint8Array.from(random.pick(BAD_BYTES))),
  (random, bytes) =>
    insert(bytes, random.below(bytes.length + 1), somePiece(random, someDocument(random))),
];

/** Right before or behind a character that means something. */
function placeIn(random: Random, bytes: Buffer): number {
  const places: number[] = [];
  for (const [at, byte] of bytes.entries())
    if (`<>&;'"=/ `.includes(String.fromCharCode(byte))) places.push(at, at + 1);
  return places.length === 0 ? 0 : random.pick(places);
}
