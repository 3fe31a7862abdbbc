import { SaxesParser } from 'saxes';
import type { SaxesAttributeNS, SaxesTagNS } from 'saxes';
import type { XmlElement, XmlNode } from '../../src/xml/element.ts';
import type { StreamHandler, StreamLimits } from '../../src/xml/stream-parser.ts';

interface OpenElement extends XmlElement {
  readonly children: XmlNode[];
}

/** What the parser of streams has to be like, made from saxes: all of it but the limit of size. */
export class SaxesOracle {
  readonly #handler: StreamHandler;
  readonly #limits: StreamLimits;
  readonly #aliases: ReadonlyMap<string, string>;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  readonly #parser = new SaxesParser({ xmlns: true, position: false });
  #isOver = false;
  #depth = 0;
  #stack: OpenElement[] = [];
  #nodes = 0;
  #skipping: { readonly opening: XmlElement; readonly reason: string } | undefined;
  /** The end of an element, of which saxes may yet say that its tag is another's. */
  #ended: (() => void) | undefined;

  constructor(
    handler: StreamHandler,
    options: {
      readonly limits: StreamLimits;
      readonly aliases: Readonly<Record<string, string>>;
    },
  ) {
    this.#handler = handler;
    this.#limits = options.limits;
    this.#aliases = new Map(Object.entries(options.aliases));
    this.#parser.on('opentag', (tag) => this.#open(tag));
    this.#parser.on('closetag', () => this.#close());
    this.#parser.on('text', (text) => this.#text(text));
    this.#parser.on('cdata', (text) => this.#text(text));
    for (const event of ['comment', 'doctype', 'processinginstruction'] as const) {
      this.#parser.on(event, () => this.#fail('restricted-xml', event));
    }
    this.#parser.on('error', ({ message }) => {
      if (message.includes('unexpected close tag')) this.#ended = undefined;
      this.#fail('not-well-formed', message);
    });
  }

  write(chunk: Uint8Array): void {
    if (this.#isOver) return;
    try {
      const text = this.#decoder.decode(chunk, { stream: true });
      untrimmed(() => this.#parser.write(text));
    } catch {
      this.#fail('unsupported-encoding', 'not UTF-8');
    }
    this.#handOver();
  }

  #open(tag: SaxesTagNS): void {
    this.#handOver();
    if (this.#isOver) return;
    this.#depth++;
    if (this.#skipping !== undefined) return;
    const element = this.#elementOf(tag);
    if (this.#depth === 1) return this.#handler.opened(element, tag.ns[''] ?? '');
    if (this.#depth === 2) this.#nodes = 0;
    this.#stack.push(element);
    if (this.#depth > this.#limits.depth) return this.#skip('The stanza is nested too deeply.');
    if (Object.keys(tag.attributes).length > this.#limits.attributes) {
      return this.#skip('The stanza has too many attributes.');
    }
    this.#stack.at(-2)?.children.push(element);
    this.#count();
  }

  #close(): void {
    this.#handOver();
    if (this.#isOver) return;
    this.#depth--;
    const skipped = this.#skipping;
    const element = this.#stack.pop();
    if (this.#depth === 0) {
      this.#ended = () => {
        this.#isOver = true;
        this.#handler.closed();
      };
    } else if (this.#depth === 1 && skipped !== undefined) {
      this.#skipping = undefined;
      this.#ended = () => this.#handler.oversized(skipped.opening, skipped.reason);
    } else if (this.#depth === 1 && element !== undefined) {
      this.#ended = () => this.#handler.element(element);
    }
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

  #elementOf(tag: SaxesTagNS): OpenElement {
    const all = Object.values(tag.attributes).filter(
      ({ name, prefix }) => prefix !== 'xmlns' && name !== 'xmlns',
    );
    const isPlain = ({ prefix }: SaxesAttributeNS): boolean => prefix === '' || prefix === 'xml';
    const attributes = Object.fromEntries([
      ...all.filter(isPlain).map(({ name, value }) => [name, value]),
      ...all
        .filter((attribute) => !isPlain(attribute))
        .map(({ local, uri, value }) => [`{${uri}}${local}`, value]),
    ]) as Record<string, string>;
    const namespace = this.#aliases.get(tag.uri) ?? tag.uri;
    return { name: tag.local, namespace, attributes, children: [] };
  }

  #handOver(): void {
    const ended = this.#ended;
    this.#ended = undefined;
    ended?.();
  }

  #fail(condition: 'not-well-formed' | 'restricted-xml' | 'unsupported-encoding', text: string) {
    this.#handOver();
    if (this.#isOver) return;
    this.#isOver = true;
    this.#handler.failed({ condition, text });
  }
}

/** Saxes trims names of namespaces, which Namespaces in XML 1.0 does not; it trims nothing else. */
function untrimmed(act: () => void): void {
  const original = Object.getOwnPropertyDescriptor(String.prototype, 'trim');
  if (original === undefined) throw new Error('strings cannot be trimmed');
  const value = function (this: string): string {
    return this;
  };
  Object.defineProperty(String.prototype, 'trim', { ...original, value });
  try {
    act();
  } finally {
    Object.defineProperty(String.prototype, 'trim', original);
  }
}
