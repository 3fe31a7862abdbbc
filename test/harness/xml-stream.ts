import { SaxesParser } from 'saxes';
import { StringDecoder } from 'node:string_decoder';
import { ElementBuilder, toElement, type Element } from './xml-element.ts';

/** What a stream reader tells its owner. After `problem` it reads nothing more. */
export interface XmlStreamEvents {
  /** `defaultNs` is the namespace that stanzas without a prefix are in. */
  header(root: Element, defaultNs: string): void;
  stanza(el: Element): void;
  footer(): void;
  /** RFC 6120 §4.9.3: the stream error condition that fits. */
  problem(condition: string, text: string): void;
}

const MAX_DEPTH = 128;

/**
 * Reads an XML stream from bytes: the root's start tag, then its children one by one. As real servers do it refuses
 * comments, processing instructions and document types (RFC 6120 §11.1) and stanzas above a limit.
 */
export class XmlStream {
  readonly #events: XmlStreamEvents;
  readonly #limitBytes: number;
  #parser: ReturnType<typeof newParser> | undefined;
  #decoder = new StringDecoder('utf8');
  #builder = new ElementBuilder();
  #isOpen = false;
  #bytesOfStanza = 0;
  /** Complete, unless the parser's next word is that its end tag was another's. */
  #pending: (() => void) | undefined;

  constructor(events: XmlStreamEvents, limitBytes: number) {
    this.#events = events;
    this.#limitBytes = limitBytes;
    this.restart();
  }

  /** A new stream on the same connection: after SASL and STARTTLS. */
  restart(): void {
    this.#decoder = new StringDecoder('utf8');
    this.#builder = new ElementBuilder();
    this.#isOpen = false;
    this.#bytesOfStanza = 0;
    this.#pending = undefined;
    this.#parser = this.#newParser();
  }

  /** Nothing is read any more. */
  stop(): void {
    this.#parser = undefined;
  }

  write(bytes: Buffer): void {
    const parser = this.#parser;
    if (parser === undefined) return;
    this.#bytesOfStanza += bytes.length;
    parser.write(this.#decoder.write(bytes));
    this.#flush();
    if (this.#parser === parser && this.#bytesOfStanza > this.#limitBytes) {
      this.#fail('policy-violation', 'XML stanza is too big');
    }
  }

  #newParser(): ReturnType<typeof newParser> {
    const parser = newParser();
    // Saxes finishes the chunk it was given, so each handler asks whether its parser is still the current one.
    const live = (action: () => void) => {
      this.#flush();
      if (this.#parser === parser) action();
    };
    const restricted = (what: string) => live(() => this.#fail('restricted-xml', what));
    parser.on('error', (error) => {
      // On a wrong end tag saxes first closes the element that is open, then complains.
      if (error.message.includes('unexpected close tag')) this.#pending = undefined;
      live(() => this.#fail('not-well-formed', error.message));
    });
    parser.on('comment', () => restricted('comment'));
    parser.on('processinginstruction', () => restricted('processing instruction'));
    parser.on('doctype', () => restricted('document type'));
    parser.on('text', (value) => live(() => this.#builder.text(value)));
    parser.on('cdata', (value) => live(() => this.#builder.text(value)));
    parser.on('opentag', (tag) => live(() => this.#open(toElement(tag), tag.ns[''] ?? '')));
    parser.on('closetag', () => live(() => this.#close()));
    return parser;
  }

  #open(start: Element, defaultNs: string): void {
    if (!this.#isOpen) {
      this.#isOpen = true;
      this.#bytesOfStanza = 0;
      this.#events.header(start, defaultNs);
    } else if (this.#builder.depth >= MAX_DEPTH) {
      this.#fail('policy-violation', 'nested too deeply');
    } else {
      this.#builder.open(start);
    }
  }

  #close(): void {
    if (this.#builder.depth === 0) {
      this.#pending = () => {
        this.stop();
        this.#events.footer();
      };
      return;
    }
    const stanza = this.#builder.close();
    if (stanza === undefined) return;
    this.#bytesOfStanza = 0;
    this.#pending = () => this.#events.stanza(stanza);
  }

  #flush(): void {
    const action = this.#pending;
    this.#pending = undefined;
    if (this.#parser !== undefined) action?.();
  }

  #fail(condition: string, detail: string): void {
    this.stop();
    this.#events.problem(condition, detail);
  }
}

function newParser() {
  return new SaxesParser({ xmlns: true });
}
