import {
  classOf,
  NAME,
  NAME_START,
  PLAIN_CDATA,
  PLAIN_TEXT,
  PLAIN_VALUE,
  SPACE,
} from './characters.ts';
import {
  COLON,
  LESS,
  GREATER,
  AMPERSAND,
  SLASH,
  EQUALS,
  EXCLAMATION,
  QUESTION,
  QUOTE,
  APOSTROPHE,
  TAB,
  LINE_FEED,
} from './codes.ts';
import { isStartOfCdata, isWholeDeclaration, restricted } from './restricted.ts';
import { LineEnds } from './line-ends.ts';
import { Reference } from './reference.ts';
import * as state from './tokenizer-state.ts';
import { XmlFault } from './xml-fault.ts';

/** What a tokenizer finds. `colon` is the place of the colon in a name, -1 if there is none. */
export interface TokenSink {
  startTag(name: string, colon: number): void;
  attribute(name: string, colon: number, value: string): void;
  /** The `>` of a start tag; the end of the element follows at once if it is empty. */
  startTagEnd(): void;
  endTag(): void;
  /** Never empty, but for an empty CDATA section. */
  text(text: string): void;
}

/** For each state what reads on from there: it takes a character or changes the state. Nothing follows the last one. */
const STEPS: ((tokenizer: Tokenizer) => void)[] = [];

/** At the end of a chunk. */
const NONE = -1;

/**
 * The lexical half of an XML parser: characters in, in pieces cut anywhere, tags and texts out (XML 1.0, fifth edition,
 * and the names of Namespaces in XML 1.0). Refuses the first character after which no good document can follow, and
 * what XMPP forbids (RFC 6120 §11.1): comments, processing instructions, document types, all entities but the five.
 */
export class Tokenizer {
  readonly #sink: TokenSink;
  readonly #lineEnds = new LineEnds();
  readonly #reference = new Reference();
  #chunk = '';
  #at = 0;
  /** Characters in the chunks before this one. */
  #before = 0;
  /** The last two characters before this chunk: `]]>` may be cut. */
  #tail = '';
  #state = state.PROLOG;
  /** The state that a reference was found in. */
  #outer = state.TEXT;
  /** Names of the open elements. */
  readonly #open: string[] = [];
  /** What is already known of the name, value or text that is being read. */
  #held = '';
  #colon = -1;
  #attribute = '';
  #attributeColon = -1;
  #quote = QUOTE;
  #markupStart = 0;
  /** Whether texts are wanted. If not they are still checked. */
  keepsText = false;

  constructor(sink: TokenSink) {
    this.#sink = sink;
  }

  /** Characters read so far, line ends counted as one. */
  get position(): number {
    return this.#before + this.#at;
  }

  /** The position of the last `<`. */
  get markupStart(): number {
    return this.#markupStart;
  }

  /** Characters of the tag, or whatever begins with `<`, that has not ended yet. */
  get pending(): number {
    return this.#state <= state.TEXT || this.#isReferenceInText
      ? 0
      : this.position - this.#markupStart;
  }

  /** Forgets a text that has begun. */
  dropText(): void {
    this.keepsText = false;
    if (this.#state === state.TEXT || this.#state === state.CDATA || this.#isReferenceInText)
      this.#held = '';
  }

  /** @throws XmlFault after which nothing may be written any more */
  write(text: string): void {
    const chunk = this.#lineEnds.normalize(text);
    if (chunk === '') return;
    this.#chunk = chunk;
    this.#at = 0;
    while (this.#at < chunk.length && this.#state !== state.END) STEPS[this.#state]?.(this);
    this.#tail = (chunk.length > 1 ? chunk : this.#tail + chunk).slice(-2);
    this.#before += this.#at;
    this.#at = 0;
    this.#chunk = '';
  }

  get #isReferenceInText(): boolean {
    return this.#state === state.REFERENCE && this.#outer === state.TEXT;
  }

  static {
    STEPS[state.PROLOG] = (t) => t.#inProlog();
    STEPS[state.TEXT] = (t) => t.#inText();
    STEPS[state.MARKUP] = (t) => t.#inMarkup();
    STEPS[state.DECLARATION] = (t) => t.#inDeclaration();
    STEPS[state.EXCLAMATION_MARK] = (t) => t.#afterExclamationMark();
    STEPS[state.CDATA] = (t) => t.#inCdata();
    STEPS[state.START_NAME] = (t) => t.#inStartName();
    STEPS[state.IN_TAG] = (t) => t.#inTag();
    STEPS[state.AFTER_VALUE] = (t) => t.#afterValue();
    STEPS[state.ATTRIBUTE_NAME] = (t) => t.#inAttributeName();
    STEPS[state.BEFORE_EQUALS] = (t) => t.#beforeEquals();
    STEPS[state.BEFORE_VALUE] = (t) => t.#beforeValue();
    STEPS[state.VALUE] = (t) => t.#inValue();
    STEPS[state.EMPTY_TAG] = (t) => t.#inEmptyTag();
    STEPS[state.END_NAME] = (t) => t.#inEndName();
    STEPS[state.AFTER_END_NAME] = (t) => t.#afterEndName();
    STEPS[state.REFERENCE] = (t) => t.#inReference();
  }

  #inProlog(): void {
    const code = this.#nextAfterSpaces();
    if (code === LESS) this.#beginMarkup();
    else if (code !== NONE) throw new XmlFault('text before the root');
  }

  #inText(): void {
    const chunk = this.#chunk;
    const start = this.#at;
    let at = start;
    for (; at < chunk.length; at++) {
      const code = chunk.charCodeAt(at);
      if ((classOf(code) & PLAIN_TEXT) !== 0) continue;
      if (code !== GREATER) break;
      if (this.#isAfterBrackets(at)) throw new XmlFault(']]> in a text');
    }
    this.#at = at;
    if (this.keepsText && at > start) this.#held += chunk.slice(start, at);
    if (at === chunk.length) return;
    const code = chunk.charCodeAt(at);
    if (code === LESS) {
      const text = this.#held;
      this.#held = '';
      if (text !== '') this.#sink.text(text);
      this.#beginMarkup();
    } else {
      this.#beginReference(code, state.TEXT);
    }
  }

  /** At `<`. */
  #beginMarkup(): void {
    this.#markupStart = this.position;
    this.#at++;
    this.#state = state.MARKUP;
  }

  /** At what is not plain, which has to be `&`. */
  #beginReference(code: number, outer: number): void {
    if (code !== AMPERSAND) throw new XmlFault('a character that XML does not allow here');
    this.#at++;
    this.#outer = outer;
    this.#state = state.REFERENCE;
  }

  #inReference(): void {
    const chunk = this.#chunk;
    while (this.#at < chunk.length) {
      const text = this.#reference.read(chunk.charCodeAt(this.#at++));
      if (text === undefined) continue;
      if (this.#outer === state.VALUE || this.keepsText) this.#held += text;
      this.#state = this.#outer;
      return;
    }
  }

  #inMarkup(): void {
    const code = this.#chunk.charCodeAt(this.#at);
    if ((classOf(code) & NAME_START) !== 0) {
      this.#state = state.START_NAME;
      return;
    }
    this.#at++;
    if (code === SLASH && this.#open.length > 0) this.#state = state.END_NAME;
    else if (code === EXCLAMATION) this.#state = state.EXCLAMATION_MARK;
    else if (code === QUESTION) this.#beginInstruction();
    else throw new XmlFault('a < that begins nothing');
  }

  #beginInstruction(): void {
    if (this.#markupStart > 0) throw restricted('a processing instruction');
    this.#state = state.DECLARATION;
  }

  #inDeclaration(): void {
    this.#held += this.#chunk.charAt(this.#at++);
    if (!isWholeDeclaration(this.#held)) return;
    this.#held = '';
    this.#state = state.PROLOG;
  }

  #afterExclamationMark(): void {
    this.#held += this.#chunk.charAt(this.#at++);
    if (!isStartOfCdata(this.#held)) return;
    if (this.#open.length === 0) throw new XmlFault('text before the root');
    this.#held = '';
    this.#state = state.CDATA;
  }

  #inCdata(): void {
    const chunk = this.#chunk;
    const start = this.#at;
    let at = start;
    for (; at < chunk.length; at++) {
      const code = chunk.charCodeAt(at);
      if ((classOf(code) & PLAIN_CDATA) !== 0) continue;
      if (code !== GREATER) throw new XmlFault('a character that XML does not allow');
      if (this.#isAfterBrackets(at)) break;
    }
    this.#at = at;
    if (this.keepsText) this.#held += chunk.slice(start, at);
    if (at === chunk.length) return;
    this.#at++;
    this.#state = state.TEXT;
    const text = this.#held.slice(0, -2);
    this.#held = '';
    if (this.keepsText) this.#sink.text(text);
  }

  /** Whether `]]` is right before a place of this chunk. */
  #isAfterBrackets(at: number): boolean {
    const before = at > 1 ? this.#chunk.slice(at - 2, at) : this.#tail + this.#chunk.slice(0, at);
    return before.endsWith(']]');
  }

  #inStartName(): void {
    const name = this.#readName();
    if (name === undefined) return;
    this.#open.push(name);
    this.#state = state.AFTER_VALUE;
    this.#sink.startTag(name, this.#takeColon());
  }

  /** Behind the name of a tag, or a value. */
  #afterValue(): void {
    const code = this.#chunk.charCodeAt(this.#at);
    if ((classOf(code) & SPACE) === 0) return this.#endOfTag(code);
    this.#at++;
    this.#state = state.IN_TAG;
  }

  /** Where an attribute may begin. */
  #inTag(): void {
    const code = this.#nextAfterSpaces();
    if ((classOf(code) & NAME_START) !== 0) this.#state = state.ATTRIBUTE_NAME;
    else if (code !== NONE) this.#endOfTag(code);
  }

  #endOfTag(code: number): void {
    this.#at++;
    if (code === GREATER) {
      this.#state = state.TEXT;
      this.#sink.startTagEnd();
    } else if (code === SLASH) {
      this.#state = state.EMPTY_TAG;
    } else {
      throw new XmlFault('a character that does not belong into a tag');
    }
  }

  #inEmptyTag(): void {
    if (this.#chunk.charCodeAt(this.#at++) !== GREATER) throw new XmlFault('a / within a tag');
    this.#sink.startTagEnd();
    this.#close();
  }

  #inAttributeName(): void {
    const name = this.#readName();
    if (name === undefined) return;
    this.#attribute = name;
    this.#attributeColon = this.#takeColon();
    this.#state = state.BEFORE_EQUALS;
  }

  #beforeEquals(): void {
    const code = this.#nextAfterSpaces();
    if (code === NONE) return;
    if (code !== EQUALS) throw new XmlFault('an attribute without value');
    this.#at++;
    this.#state = state.BEFORE_VALUE;
  }

  #beforeValue(): void {
    const code = this.#nextAfterSpaces();
    if (code === NONE) return;
    if (code !== APOSTROPHE && code !== QUOTE) throw new XmlFault('a value without quotes');
    this.#at++;
    this.#quote = code;
    this.#state = state.VALUE;
  }

  #inValue(): void {
    const chunk = this.#chunk;
    let start = this.#at;
    let at = start;
    for (; at < chunk.length; at++) {
      const code = chunk.charCodeAt(at);
      if ((classOf(code) & PLAIN_VALUE) !== 0) continue;
      if (code === TAB || code === LINE_FEED) {
        this.#held += `${chunk.slice(start, at)} `;
        start = at + 1;
      } else if ((code !== APOSTROPHE && code !== QUOTE) || code === this.#quote) {
        break;
      }
    }
    this.#at = at;
    if (at > start) this.#held += chunk.slice(start, at);
    if (at === chunk.length) return;
    const code = chunk.charCodeAt(at);
    if (code !== this.#quote) return this.#beginReference(code, state.VALUE);
    this.#at++;
    this.#state = state.AFTER_VALUE;
    const value = this.#held;
    this.#held = '';
    this.#sink.attribute(this.#attribute, this.#attributeColon, value);
  }

  #inEndName(): void {
    const expected = this.#open[this.#open.length - 1] ?? '';
    if (this.#held === '' && this.#chunk.startsWith(expected, this.#at)) {
      const end = this.#at + expected.length;
      if (end < this.#chunk.length && this.#chunk.charCodeAt(end) === GREATER) {
        this.#at = end + 1;
        return this.#close();
      }
    }
    const name = this.#readName();
    if (name === undefined) return;
    this.#takeColon();
    if (name !== expected) throw new XmlFault(`<${expected}> ends with </${name}>`);
    this.#state = state.AFTER_END_NAME;
  }

  #afterEndName(): void {
    const code = this.#nextAfterSpaces();
    if (code === NONE) return;
    if (code !== GREATER) throw new XmlFault('an end tag with more than a name');
    this.#at++;
    this.#close();
  }

  #close(): void {
    this.#open.pop();
    this.#state = this.#open.length === 0 ? state.END : state.TEXT;
    this.#sink.endTag();
  }

  /** Takes white space. @returns the character behind it, which is not taken; `NONE` at the end of the chunk */
  #nextAfterSpaces(): number {
    const chunk = this.#chunk;
    for (; this.#at < chunk.length; this.#at++) {
      const code = chunk.charCodeAt(this.#at);
      if ((classOf(code) & SPACE) === 0) return code;
    }
    return NONE;
  }

  /** @returns `undefined` while the name may go on in the next chunk */
  #readName(): string | undefined {
    const chunk = this.#chunk;
    const start = this.#at;
    let at = start;
    for (; at < chunk.length; at++) {
      const code = chunk.charCodeAt(at);
      if ((classOf(code) & NAME) !== 0) continue;
      if (code !== COLON) break;
      if (this.#colon >= 0) throw new XmlFault('a name with two colons');
      this.#colon = this.#held.length + at - start;
    }
    this.#at = at;
    const name = this.#held + chunk.slice(start, at);
    this.#held = at === chunk.length ? name : '';
    if (at === chunk.length) return undefined;
    if (this.#colon >= 0 && (classOf(name.charCodeAt(this.#colon + 1)) & NAME_START) === 0) {
      throw new XmlFault('a name with a colon and no name behind it');
    }
    return name;
  }

  #takeColon(): number {
    const colon = this.#colon;
    this.#colon = -1;
    return colon;
  }
}
