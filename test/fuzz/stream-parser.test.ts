import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEFAULT_LIMITS, StreamParser } from '../../src/xml/stream-parser.ts';
import type { StreamHandler, StreamLimits } from '../../src/xml/stream-parser.ts';
import type { XmlElement, XmlNode } from '../../src/xml/element.ts';
import type { Random } from './random.ts';
import { rounds } from './rounds.ts';
import { SaxesOracle } from './saxes-oracle.ts';
import { mutate, someDocument } from './xml-documents.ts';

type Parser = typeof StreamParser | typeof SaxesOracle;

/** What a parser told, each with the number of the piece that made it tell so. */
interface Telling {
  readonly events: readonly string[];
  readonly pieces: readonly number[];
  readonly fault: { readonly condition: string; readonly piece: number } | undefined;
}

function listen(Parser: Parser, pieces: readonly Uint8Array[], limits: StreamLimits): Telling {
  const events: string[] = [];
  const places: number[] = [];
  let fault: Telling['fault'];
  let piece = 0;
  const tell = (event: unknown): void => {
    assert.equal(fault, undefined, 'nothing follows a fault');
    events.push(JSON.stringify(event));
    places.push(piece);
  };
  const handler: StreamHandler = {
    opened: (root, namespace) => tell(['opened', plain(root), namespace]),
    element: (element) => tell(['element', plain(element)]),
    oversized: (opening, reason) => tell(['oversized', plain(opening), reason]),
    closed: () => tell(['closed']),
    failed: ({ condition }) => (fault = { condition, piece }),
  };
  const parser = new Parser(handler, {
    limits,
    aliases: { 'jabber:component:accept': 'jabber:client' },
    isStrict: true,
  });
  for (; piece < pieces.length; piece++) parser.write(pieces[piece] ?? Buffer.alloc(0));
  return { events, pieces: places, fault };
}

function plain(node: XmlNode): unknown {
  if (typeof node === 'string') return node;
  const { name, namespace, attributes, children }: XmlElement = node;
  return [name, namespace, Object.entries(attributes), children.map(plain)];
}

const bytewise = (document: Buffer): Buffer[] =>
  Array.from(document, (_, at) => document.subarray(at, at + 1));

/** Behind what may still become a good document, one of these ends a tag or a value and goes on as text. */
const ENDINGS = ['>', "'>", '">', "=''>", '/>', "'?>", '"?>', ''].map((end) =>
  Buffer.from(`${end};        "?>'?>`),
);

/** A document that ours refuses in the middle and saxes does not: whatever follows, saxes has to refuse it, too. */
function isHopeless(document: Buffer, limits: StreamLimits): boolean {
  return ENDINGS.every((ending) => {
    const pieces = bytewise(Buffer.concat([document, ending]));
    return listen(SaxesOracle, pieces, limits).fault !== undefined;
  });
}

interface Exception {
  readonly what: string;
  readonly example: string;
  /** Ours refuses with this condition, with the last byte of what is given here. */
  readonly refused: { readonly condition: string; readonly behind: RegExp };
}

/** Where saxes takes what has to be refused. Which is right is said with each; each example is a case of its own. */
const LAXER: readonly Exception[] = [
  {
    what: 'a mark of the order of bytes, which XMPP takes for a character (RFC 6120 §11.6)',
    example: '\ufeff<a/>',
    refused: { condition: 'not-well-formed', behind: /^\ufeff$/ },
  },
  {
    what: 'a declaration of another encoding than UTF-8 (RFC 6120 §11.6)',
    example: "<?xml version='1.0' encoding='latin1'?><a/>",
    refused: { condition: 'unsupported-encoding', behind: /^<\?xml\s[^>]*encoding[^>]*>$/ },
  },
  {
    what: 'a local part that begins as no name does (Namespaces in XML 1.0 §4, LocalPart)',
    example: "<a xmlns:p='urn:p'><p:1b/></a>",
    refused: {
      condition: 'not-well-formed',
      behind: /:(?:[-.0-9]|\u00b7|\p{M}|\u203f|\u2040).*$/su,
    },
  },
];

/** Ours refuses these as soon as they begin; saxes reads them to their end, and may find something worse on the way. */
const RESTRICTED = /(?:<!--|<!DOCTYPE|<\?(?!xml[ \t\r\n]).{0,4}|.<\?)$/su;

/** Ours refuses a wrong XML declaration with its `>`, saxes with its first wrong character. */
const IN_DECLARATION = /^<\?xml\s[^>]*>?$/;

/** Saxes then follows XML 1.1; the fifth edition of XML 1.0 reads a document of any version 1.x as one of 1.0 (§2.8). */
const OTHER_VERSION = /^(<\?xml\s+version\s*=\s*['"])1\.(?!0['"])[0-9]+/;

function compare(document: Buffer, limits: StreamLimits): void {
  const ours = listen(StreamParser, bytewise(document), limits);
  const text = document.toString('latin1');
  const alike = Buffer.from(text.replace(OTHER_VERSION, '$11.0'), 'latin1');
  const shift = document.length - alike.length;
  const theirs = listen(SaxesOracle, bytewise(alike), limits);
  const count = Math.min(ours.events.length, theirs.events.length);
  assert.deepEqual(ours.events.slice(0, count), theirs.events.slice(0, count));
  assert.deepEqual(
    ours.pieces.slice(0, count),
    theirs.pieces.slice(0, count).map((piece) => piece + shift),
  );
  const [mine, other] = [ours.fault, theirs.fault];
  const otherPiece = (other?.piece ?? Infinity) + shift;
  if (mine === undefined) {
    if (other !== undefined) assert.match(text, IN_DECLARATION, 'saxes alone refuses');
    assert.deepEqual(ours.events, theirs.events);
    return;
  }
  const read = document.subarray(0, mine.piece + 1);
  const before = read.toString();
  if (mine.condition === 'restricted-xml') {
    assert.match(before, RESTRICTED);
  } else if (isException(mine.condition, before)) {
    return;
  } else if (other === undefined) {
    assert.ok(isHopeless(read.subarray(shift), limits), `ours alone refuses ${before}`);
  } else if (mine.condition !== other.condition && !IN_DECLARATION.test(before)) {
    // Saxes read on to the end of something restricted, or to bad bytes.
    assert.ok(mine.piece < otherPiece && isHopeless(read, limits), `${mine.condition}: ${before}`);
  }
  if (!IN_DECLARATION.test(before)) assert.ok(mine.piece <= otherPiece, `ours is later: ${before}`);
  assert.equal(ours.events.length, count, 'ours tells more');
}

function isException(condition: string, before: string): boolean {
  return LAXER.some(
    ({ refused }) => refused.condition === condition && refused.behind.test(before),
  );
}

/** Whatever the pieces, the same is told. */
function cutAnywhere(random: Random, document: Buffer, limits: StreamLimits): void {
  const tell = (pieces: readonly Uint8Array[]): unknown => {
    const { events, fault } = listen(StreamParser, pieces, limits);
    return [events, fault?.condition];
  };
  const whole = tell([document]);
  assert.deepEqual(tell(bytewise(document)), whole);
  const step = document.length < 200 ? 1 : 1 + random.below(16);
  for (let cut = 1; cut < document.length; cut += step) {
    assert.deepEqual(tell([document.subarray(0, cut), document.subarray(cut)]), whole);
  }
  const pieces: Buffer[] = [];
  for (let at = 0; at < document.length;) {
    const size = random.below(12);
    pieces.push(document.subarray(at, at + size));
    at += size;
  }
  assert.deepEqual(tell(pieces), whole);
}

/** First and last characters of what XML 1.0 names in §2.2 and §2.3. */
const BORDERS = [
  0x1, 0x9, 0xa, 0xd, 0x20, 0x2d, 0x2e, 0x30, 0x39, 0x3a, 0x41, 0x5a, 0x5f, 0x61, 0x7a, 0xb7, 0xc0,
  0xd6, 0xd8, 0xf6, 0xf8, 0x2ff, 0x300, 0x36f, 0x370, 0x37d, 0x37f, 0x1fff, 0x200c, 0x200d, 0x203f,
  0x2040, 0x2070, 0x218f, 0x2c00, 0x2fef, 0x3001, 0xd7fe, 0xe001, 0xf900, 0xfdcf, 0xfdf0, 0xfffd,
  0x10000, 0xeffff, 0x10fffe,
];

const named = (document: Buffer, check: () => void): void => {
  try {
    check();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const bytes = JSON.stringify(document.toString('latin1'));
    throw new Error(`${reason}\nin the bytes ${bytes}`, { cause: error });
  }
};

describe('the parser of a stream, beside saxes', () => {
  test('tells the same and refuses the same, byte by byte and wherever it is cut', async () => {
    await rounds(500, (random) => {
      const good = someDocument(random);
      const document = random.chance(0.75) ? mutate(random, good) : good;
      const limits: StreamLimits = random.chance(0.5)
        ? DEFAULT_LIMITS
        : { stanzaSize: 1_000_000, depth: 3, attributes: 2, nodes: 5 };
      named(document, () => {
        compare(document, limits);
        cutAnywhere(random, document, limits);
        cutAnywhere(random, document, { ...limits, stanzaSize: 20 + random.below(100) });
      });
    });
  });

  test('tells the same of the characters at the borders of all classes', () => {
    for (const border of BORDERS) {
      for (const code of [border - 1, border, border + 1]) {
        const character = String.fromCodePoint(code);
        for (const text of [`<${character}/>`, `<a${character}/>`, `<a>${character}</a>`]) {
          const document = Buffer.from(`<s>${text}<b c='${character}'/>`);
          named(document, () => compare(document, DEFAULT_LIMITS));
        }
        const reference = Buffer.from(`<s><a>&#${code};</a>`);
        named(reference, () => compare(reference, DEFAULT_LIMITS));
      }
    }
  });

  for (const { what, example, refused } of LAXER) {
    test(`unlike saxes refuses ${what}`, () => {
      const pieces = bytewise(Buffer.from(example));
      assert.equal(listen(SaxesOracle, pieces, DEFAULT_LIMITS).fault, undefined);
      const { fault } = listen(StreamParser, pieces, DEFAULT_LIMITS);
      assert.equal(fault?.condition, refused.condition);
      const read = Buffer.concat(pieces.slice(0, (fault?.piece ?? 0) + 1));
      assert.match(read.toString(), refused.behind);
    });
  }
});
