import { SaxesParser } from 'saxes';
import { nodeOf, XmlTreeBuilder, type XmlNode } from './xml-tree.ts';

export interface StreamReaderEvents {
  /** The opening tag of the stream, without children. */
  header(header: XmlNode, contentNamespace: string): void;
  stanza(stanza: XmlNode): void;
  end(): void;
  /** Called once with a stream error condition; nothing is read after it. */
  violation(condition: string): void;
}

/** RFC 6120 §4 and §11: reads a stream and names what a server must refuse in it. */
export class XmlStreamReader {
  readonly #events: StreamReaderEvents;
  readonly #maxStanzaBytes: number;
  #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #parser: SaxesParser<{ xmlns: true }>;
  #isDead = false;
  #chunk = '';
  #chunkStart = 0;
  #countedTo = 0;
  #pendingBytes = 0;
  /** Held back until the parser goes on: it reports a wrong end tag only after closing. */
  #finished: XmlNode | undefined;

  constructor(events: StreamReaderEvents, maxStanzaBytes = 512 * 1024) {
    this.#events = events;
    this.#maxStanzaBytes = maxStanzaBytes;
    this.#parser = this.#createParser();
  }

  push(bytes: Uint8Array): void {
    if (this.#isDead) return;
    const parser = this.#parser;
    try {
      this.#chunk = this.#decoder.decode(bytes, { stream: true });
    } catch {
      return this.#refuse('not-well-formed');
    }
    this.#chunkStart = parser.position;
    this.#countedTo = 0;
    parser.write(this.#chunk);
    this.#flush();
    if (parser !== this.#parser) return;
    this.#count(this.#chunk.length);
  }

  /** RFC 6120 §6.4.6: after SASL the stream begins anew. */
  restart(): void {
    this.#decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    this.#pendingBytes = 0;
    this.#finished = undefined;
    this.#parser = this.#createParser();
  }

  stop(): void {
    this.#isDead = true;
  }

  #createParser(): SaxesParser<{ xmlns: true }> {
    const parser = new SaxesParser({ xmlns: true, position: false });
    const builder = new XmlTreeBuilder();
    let isOpen = false;
    const isLive = (): boolean => {
      if (parser === this.#parser) this.#flush();
      return !this.#isDead && parser === this.#parser;
    };
    parser.on('opentag', (tag) => {
      if (!isLive()) return;
      if (isOpen) return builder.open(tag);
      isOpen = true;
      this.#events.header(nodeOf(tag), tag.ns[''] ?? '');
      this.#stanzaEnded(parser.position);
    });
    const text = (value: string): void => {
      if (!isLive()) return;
      if (builder.depth > 0) builder.text(value);
      else if (isOpen && value.trim() !== '') this.#refuse('bad-format');
    };
    parser.on('text', text);
    parser.on('cdata', text);
    parser.on('closetag', () => {
      if (!isLive()) return;
      const closed = builder.close();
      if (closed === undefined) return this.#events.end();
      if (builder.depth > 0) return;
      this.#stanzaEnded(parser.position);
      this.#finished = closed;
    });
    for (const event of ['comment', 'processinginstruction', 'doctype'] as const) {
      parser.on(event, () => isLive() && this.#refuse('restricted-xml'));
    }
    parser.on('error', () => {
      if (!this.#isDead && parser === this.#parser) this.#refuse('not-well-formed');
    });
    return parser;
  }

  #flush(): void {
    const stanza = this.#finished;
    this.#finished = undefined;
    if (stanza !== undefined && !this.#isDead) this.#events.stanza(stanza);
  }

  #stanzaEnded(position: number): void {
    this.#count(position - this.#chunkStart);
    this.#pendingBytes = 0;
  }

  #count(upTo: number): void {
    this.#pendingBytes += Buffer.byteLength(this.#chunk.slice(this.#countedTo, upTo));
    this.#countedTo = upTo;
    if (!this.#isDead && this.#pendingBytes > this.#maxStanzaBytes) {
      this.#refuse('policy-violation');
    }
  }

  #refuse(condition: string): void {
    this.#isDead = true;
    this.#events.violation(condition);
  }
}
