import { Attributes, foreignName, NO_ATTRIBUTES } from './attributes.ts';
import type { XmlElement, XmlNode } from './element.ts';
import { NamespaceScope } from './namespace-scope.ts';
import { Tokenizer } from './tokenizer.ts';
import { Utf8 } from './utf8.ts';
import { NamespaceFault, XmlFault } from './xml-fault.ts';
import type { FaultCondition } from './xml-fault.ts';

export interface StreamLimits {
  /** Size of one child of the root, in characters. */
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

/** Beyond this a stanza is not even skipped: how deep it is nested is bounded by that, too. */
const HARD_SIZE = 8_388_608;

/** What is wrong with a stream; `internal-server-error` is a bug of ours or of the handler. */
export interface StreamFault {
  readonly condition: FaultCondition;
  readonly text: string;
}

export interface StreamHandler {
  /** The opening tag of the root, and the namespace that it declares for what stands in it without a prefix. */
  opened(root: XmlElement, contentNamespace: string): void;
  /** A whole child of the root. */
  element(element: XmlElement): void;
  /** A child of the root that went beyond a limit: it was read to its end but not kept, but for its opening tag. */
  oversized(opening: XmlElement, reason: string): void;
  closed(): void;
  /** Told once; nothing follows. */
  failed(fault: StreamFault): void;
}

interface OpenElement extends XmlElement {
  children: XmlNode[];
}

/** Most elements have one child or none: a list is made when there is something to put on it. */
const NO_CHILDREN: XmlNode[] = [];
Object.freeze(NO_CHILDREN);

/** An attribute with a prefix that may be declared behind it. */
interface Prefixed {
  readonly name: string;
  readonly colon: number;
  readonly value: string;
}

const XMLNS = 'xmlns:';

/**
 * Reads an XML stream as it comes, in pieces of any size. Strict: no document type, comment or processing
 * instruction, no entity but those of XML itself (RFC 6120 §11.1). Namespaces named in `aliases` are read as others.
 */
export class StreamParser {
  readonly #handler: StreamHandler;
  readonly #limits: StreamLimits;
  readonly #aliases: ReadonlyMap<string, string>;
  readonly #utf8 = new Utf8();
  readonly #scope = new NamespaceScope();
  readonly #tokenizer = new Tokenizer({
    startTag: (name, colon) => this.#startTag(name, colon),
    attribute: (name, colon, value) => this.#attribute(name, colon, value),
    startTagEnd: () => this.#startTagEnd(),
    endTag: () => this.#endTag(),
    text: (text) => this.#text(text),
  });
  #isOver = false;
  #depth = 0;
  readonly #stack: OpenElement[] = [];
  /** Where the child of the root that is being read began. */
  #stanzaStart = 0;
  #nodes = 0;
  /** Set while a stanza beyond a limit is being skipped. */
  #skipping: { readonly opening: XmlElement; readonly reason: string } | undefined;

  /** The start tag that is being read. */
  #name = '';
  #colon = -1;
  #attributes: Attributes = NO_ATTRIBUTES;
  #attributeCount = 0;
  readonly #prefixed: Prefixed[] = [];
  /** Its names break the rules of namespaces. */
  #isMisnamed = false;
  readonly #skipsMisnamed: boolean;

  constructor(
    handler: StreamHandler,
    options: {
      readonly limits?: StreamLimits;
      readonly aliases?: Readonly<Record<string, string>>;
      /** Whether names end the stream that break the rules of namespaces; else they cost a stanza. */
      readonly isStrict?: boolean;
    } = {},
  ) {
    this.#handler = handler;
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#skipsMisnamed = options.isStrict !== true;
    this.#aliases = new Map(Object.entries(options.aliases ?? {}));
  }

  /** Takes the next bytes; never throws. */
  write(chunk: Uint8Array): void {
    if (this.#isOver) return;
    const text = this.#utf8.decode(chunk);
    if (text !== undefined) return this.#parse(text);
    // One by one, so that what came before the bad one is read nevertheless.
    for (let at = 0; at < chunk.length && !this.#isOver; at++) {
      const character = this.#utf8.decode(chunk.subarray(at, at + 1));
      if (character === undefined) {
        return this.#fail({ condition: 'unsupported-encoding', text: 'not UTF-8' });
      }
      this.#parse(character);
    }
  }

  #parse(text: string): void {
    try {
      this.#tokenizer.write(text);
      if (this.#depth > 1) this.#checkSize(this.#tokenizer.position - this.#stanzaStart);
      else this.#checkSize(this.#tokenizer.pending);
    } catch (error) {
      const condition = conditionOf(error);
      this.#fail({ condition, text: error instanceof Error ? error.message : String(error) });
    }
  }

  #startTag(name: string, colon: number): void {
    this.#depth++;
    if (this.#depth === 2) {
      this.#nodes = 0;
      this.#stanzaStart = this.#tokenizer.markupStart;
    }
    this.#scope.enter();
    this.#name = name;
    this.#colon = colon;
    this.#attributes = NO_ATTRIBUTES;
    this.#attributeCount = 0;
    this.#prefixed.length = 0;
    this.#isMisnamed = false;
  }

  #attribute(name: string, colon: number, value: string): void {
    this.#attributeCount++;
    if (colon < 0 && name !== 'xmlns') this.#keep(name, value);
    else if (colon < 0 || name.startsWith(XMLNS)) this.#declare(name, value);
    else if (name.startsWith('xml:')) this.#keep(name, value);
    else this.#prefixed.push({ name, colon, value });
  }

  #declare(name: string, value: string): void {
    try {
      if (name === 'xmlns') this.#scope.declareDefault(value);
      else this.#scope.declare(name.slice(XMLNS.length), value);
    } catch (error) {
      this.#misnamed(error);
    }
  }

  /**
   * A server that knows XML passes on what it is given, and may give it names that are none: Prosody 0.12 declares another prefix
   * for the namespace of `xml:`, or makes that the default one. As anybody can make it do so, this must not end the stream of all.
   */
  #misnamed(error: unknown): void {
    const isToEnd = !this.#skipsMisnamed || this.#depth < 2;
    if (isToEnd || !(error instanceof NamespaceFault)) throw error;
    this.#isMisnamed = true;
  }

  #keep(name: string, value: string): void {
    if (this.#attributes === NO_ATTRIBUTES) this.#attributes = new Attributes();
    if (this.#attributes[name] !== undefined) throw new XmlFault(`${name} is given twice`);
    this.#attributes[name] = value;
  }

  #startTagEnd(): void {
    if (this.#prefixed.length > 0) this.#keepPrefixed();
    const namespace =
      this.#colon < 0 ? this.#scope.default : this.#resolved(this.#name.slice(0, this.#colon));
    if (this.#skipping !== undefined) return;
    const element: OpenElement = {
      name: this.#colon < 0 ? this.#name : this.#name.slice(this.#colon + 1),
      namespace: this.#aliases.get(namespace) ?? namespace,
      attributes: this.#attributes,
      children: NO_CHILDREN,
    };
    if (this.#depth === 1) {
      this.#checkSize(this.#tokenizer.position - this.#tokenizer.markupStart);
      return this.#handler.opened(element, this.#scope.default);
    }
    const parent = this.#stack[this.#stack.length - 1];
    this.#stack.push(element);
    this.#tokenizer.keepsText = true;
    this.#checkSize(this.#tokenizer.position - this.#stanzaStart);
    if (this.#depth > this.#limits.depth) return this.#skip('The stanza is nested too deeply.');
    if (this.#isMisnamed) return this.#skip('The names in the stanza are no good XML.');
    if (this.#attributeCount > this.#limits.attributes) {
      return this.#skip('The stanza has too many attributes.');
    }
    if (parent !== undefined) append(parent, element);
    this.#count();
  }

  /** All declarations of the element are known now. Namespaces in XML 1.0 §6.3: no two of the same namespace and name. */
  #keepPrefixed(): void {
    for (const { name, colon, value } of this.#prefixed) {
      const key = foreignName(this.#resolved(name.slice(0, colon)), name.slice(colon + 1));
      if (this.#attributes[key] === undefined) this.#keep(key, value);
      else this.#misnamed(new NamespaceFault(`${key} is given twice`));
    }
  }

  #resolved(prefix: string): string {
    try {
      return this.#scope.resolve(prefix);
    } catch (error) {
      this.#misnamed(error);
      return '';
    }
  }

  #endTag(): void {
    this.#scope.leave();
    if (this.#depth === 2) this.#checkSize(this.#tokenizer.position - this.#stanzaStart);
    this.#depth--;
    const element = this.#stack.pop();
    if (this.#depth > 1) return;
    if (this.#depth === 0) {
      this.#isOver = true;
      return this.#handler.closed();
    }
    this.#tokenizer.keepsText = false;
    const skipped = this.#skipping;
    this.#skipping = undefined;
    if (skipped !== undefined) this.#handler.oversized(skipped.opening, skipped.reason);
    else if (element !== undefined) this.#handler.element(element);
  }

  #text(text: string): void {
    this.#checkSize(this.#tokenizer.position - this.#stanzaStart);
    const parent = this.#stack[this.#stack.length - 1];
    if (parent !== undefined) append(parent, text);
    this.#count();
  }

  #count(): void {
    if (++this.#nodes > this.#limits.nodes) this.#skip('The stanza has too many parts.');
  }

  #checkSize(size: number): void {
    if (size > HARD_SIZE) throw new XmlFault('a stanza without end', 'policy-violation');
    if (size > this.#limits.stanzaSize) this.#skip('The stanza is too large.');
  }

  #skip(reason: string): void {
    const [stanza] = this.#stack;
    if (stanza === undefined || this.#skipping !== undefined) return;
    this.#skipping = { opening: { ...stanza, children: [] }, reason };
    this.#stack.length = 0;
    this.#tokenizer.dropText();
  }

  #fail(fault: StreamFault): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stack.length = 0;
    this.#handler.failed(fault);
  }
}

function conditionOf(error: unknown): FaultCondition {
  if (error instanceof NamespaceFault) return 'not-well-formed';
  return error instanceof XmlFault ? error.condition : 'internal-server-error';
}

function append(parent: OpenElement, child: XmlNode): void {
  if (parent.children === NO_CHILDREN) parent.children = [child];
  else parent.children.push(child);
}
