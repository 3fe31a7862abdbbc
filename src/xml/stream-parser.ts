import { SaxesParser } from 'saxes';
import type { SaxesTagNS } from 'saxes';
import type { XmlElement, XmlNode } from './element.ts';

export interface StreamLimits {
  /** Size of one child of the root, in characters; measured in steps of 16 Ki. */
  readonly stanzaSize: number;
  readonly depth: number;
  readonly attributes: number;
  /** Elements and texts in one child of the root. */
  readonly nodes: number;
}

export const DEFAULT_LIMITS: StreamLimits = {
  stanzaSize: 524_288,
  depth: 64,
  attributes: 64,
  nodes: 20_000,
};

/** Beyond these a stanza is not even skipped. */
const HARD_SIZE = 8_388_608;
const HARD_DEPTH = 16_000;
const SLICE = 16_384;

/** What is wrong with a stream, as a condition of RFC 6120 §4.9.3. */
export interface StreamFault {
  readonly condition:
    | 'not-well-formed'
    | 'restricted-xml'
    | 'bad-format'
    | 'unsupported-encoding'
    | 'policy-violation';
  readonly text: string;
}

export interface StreamHandler {
  /** The opening tag of the root. */
  opened(root: XmlElement): void;
  /** A whole child of the root. */
  element(element: XmlElement): void;
  /** A child of the root that went beyond a limit: it was read to its end but not kept, but for its opening tag. */
  oversized(opening: XmlElement, reason: string): void;
  closed(): void;
  /** Told once; nothing follows. */
  failed(fault: StreamFault): void;
}

interface OpenElement extends XmlElement {
  readonly children: XmlNode[];
}

/**
 * Reads an XML stream as it comes, in pieces of any size. Strict: no document type, comment or processing
 * instruction, no entity but those of XML itself (RFC 6120 §11.1). Namespaces named in `aliases` are read as others.
 */
export class StreamParser {
  readonly #handler: StreamHandler;
  readonly #limits: StreamLimits;
  readonly #aliases: Readonly<Record<string, string>>;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  readonly #parser = new SaxesParser({ xmlns: true, position: false });
  #isOver = false;
  #depth = 0;
  #stack: OpenElement[] = [];
  #nodes = 0;
  #size = 0;
  /** Complete, but for the name in its closing tag: saxes complains of a wrong one only after it has told of the end. */
  #complete: XmlElement | undefined;
  /** Set while a stanza beyond a limit is being skipped. */
  #skipping: { readonly opening: XmlElement; readonly reason: string } | undefined;

  constructor(
    handler: StreamHandler,
    options: {
      readonly limits?: StreamLimits;
      readonly aliases?: Readonly<Record<string, string>>;
    } = {},
  ) {
    this.#handler = handler;
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#aliases = options.aliases ?? {};
    this.#parser.on('opentag', (tag) => this.#open(tag));
    this.#parser.on('closetag', () => this.#close());
    this.#parser.on('text', (text) => this.#text(text));
    this.#parser.on('cdata', (text) => this.#text(text));
    this.#parser.on('comment', () => this.#restricted('a comment'));
    this.#parser.on('doctype', () => this.#restricted('a document type'));
    this.#parser.on('processinginstruction', () => this.#restricted('a processing instruction'));
    this.#parser.on('error', ({ message }) => {
      if (message.includes('unexpected close tag')) this.#complete = undefined;
      this.#fail({ condition: 'not-well-formed', text: message });
    });
  }

  /** Takes the next bytes; never throws. */
  write(chunk: Uint8Array): void {
    if (this.#isOver) return;
    let text: string;
    try {
      text = this.#decoder.decode(chunk, { stream: true });
    } catch {
      return this.#fail({ condition: 'unsupported-encoding', text: 'not UTF-8' });
    }
    for (let start = 0; start < text.length && !this.#isOver; start += SLICE) {
      this.#parse(text.length <= SLICE ? text : text.slice(start, start + SLICE));
    }
  }

  #parse(text: string): void {
    const stanza = this.#stack[0] ?? this.#skipping;
    try {
      this.#parser.write(text);
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unreadable';
      return this.#fail({ condition: 'not-well-formed', text: reason });
    }
    this.#handOver();
    if (this.#isOver) return;
    const isSame = stanza !== undefined && stanza === (this.#stack[0] ?? this.#skipping);
    const isBlank = this.#depth <= 1 && text.trim() === '';
    this.#size =
      isSame || this.#depth <= 1 ? this.#size + (isBlank ? 0 : text.length) : text.length;
    if (this.#depth <= 1 && stanza !== undefined) this.#size = 0;
    if (this.#size > HARD_SIZE) {
      this.#fail({ condition: 'policy-violation', text: 'a stanza without end' });
    } else if (this.#size > this.#limits.stanzaSize && this.#depth > 1) {
      this.#skip('The stanza is too large.');
    }
  }

  #open(tag: SaxesTagNS): void {
    this.#handOver();
    if (this.#isOver) return;
    this.#depth++;
    if (this.#depth > HARD_DEPTH) {
      return this.#fail({ condition: 'policy-violation', text: 'elements nested without end' });
    }
    if (this.#skipping !== undefined) return;
    const element = this.#elementOf(tag);
    if (this.#depth === 1) return this.#handler.opened(element);
    if (this.#depth === 2) this.#nodes = 0;
    this.#stack.push(element);
    if (this.#depth > this.#limits.depth) return this.#skip('The stanza is nested too deeply.');
    if (Object.keys(tag.attributes).length > this.#limits.attributes) {
      return this.#skip('The stanza has too many attributes.');
    }
    if (this.#stack.length > 1) this.#stack.at(-2)?.children.push(element);
    this.#count();
  }

  #close(): void {
    this.#handOver();
    if (this.#isOver) return;
    this.#depth--;
    if (this.#depth === 0) {
      this.#isOver = true;
      return this.#handler.closed();
    }
    const skipped = this.#skipping;
    if (skipped !== undefined) {
      if (this.#depth > 1) return;
      this.#skipping = undefined;
      return this.#handler.oversized(skipped.opening, skipped.reason);
    }
    const element = this.#stack.pop();
    if (this.#depth === 1) this.#complete = element;
  }

  #handOver(): void {
    const element = this.#complete;
    this.#complete = undefined;
    if (element !== undefined) this.#handler.element(element);
  }

  #text(text: string): void {
    this.#handOver();
    if (this.#isOver || this.#skipping !== undefined || this.#depth < 2) return;
    this.#stack.at(-1)?.children.push(text);
    this.#count();
  }

  #count(): void {
    if (++this.#nodes > this.#limits.nodes) this.#skip('The stanza has too many parts.');
  }

  #skip(reason: string): void {
    const [stanza] = this.#stack;
    if (stanza === undefined || this.#skipping !== undefined) return;
    this.#skipping = { opening: { ...stanza, children: [] }, reason };
    this.#stack = [];
  }

  /** Attributes with a prefix are left out, but for `xml:`: what they mean is not known without their declaration. */
  #elementOf(tag: SaxesTagNS): OpenElement {
    const attributes: Record<string, string> = {};
    for (const key in tag.attributes) {
      const attribute = tag.attributes[key];
      if (attribute === undefined || attribute.prefix === 'xmlns' || key === 'xmlns') continue;
      if (attribute.prefix === '' || attribute.prefix === 'xml') attributes[key] = attribute.value;
    }
    const namespace = this.#aliases[tag.uri] ?? tag.uri;
    return { name: tag.local, namespace, attributes, children: [] };
  }

  #restricted(what: string): void {
    this.#fail({ condition: 'restricted-xml', text: `${what} is not allowed` });
  }

  #fail(fault: StreamFault): void {
    if (this.#isOver) return;
    this.#handOver();
    this.#isOver = true;
    this.#stack = [];
    this.#handler.failed(fault);
  }
}
