import { HASH, SEMICOLON } from './codes.ts';
import { isChar } from './characters.ts';
import { XmlFault } from './xml-fault.ts';

/** XML 1.0 §4.6. There are no others, as XMPP has no document types. */
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);
const LONGEST = 4;

const SMALL_X = 0x78;
/** More than any character has. */
const TOO_LARGE = 0x110000;

/** Reads what stands between `&` and `;`, character by character (XML 1.0 §4.1). */
export class Reference {
  #name = '';
  #base = 0;
  #value = 0;
  #digits = 0;

  /** @returns the text that is meant, once `;` has come */
  read(code: number): string | undefined {
    if (code === SEMICOLON) return this.#end();
    if (this.#base !== 0) this.#number(code);
    else if (code === HASH && this.#name === '') this.#base = 10;
    else this.#letter(code);
    return undefined;
  }

  #letter(code: number): void {
    this.#name += String.fromCharCode(code);
    if (this.#name.length > LONGEST || code < 0x61 || code > 0x7a) {
      throw new XmlFault('an entity that XML does not define');
    }
  }

  #number(code: number): void {
    if (code === SMALL_X && this.#base === 10 && this.#digits === 0) {
      this.#base = 16;
      return;
    }
    const digit = digitOf(code);
    if (digit >= this.#base) throw new XmlFault('a reference to a character that is no number');
    this.#digits++;
    this.#value = Math.min(this.#value * this.#base + digit, TOO_LARGE);
  }

  #end(): string {
    const text = this.#base === 0 ? ENTITIES.get(this.#name) : this.#character();
    if (text === undefined) throw new XmlFault('an entity that XML does not define');
    this.#name = '';
    this.#base = 0;
    this.#value = 0;
    this.#digits = 0;
    return text;
  }

  #character(): string {
    if (this.#digits === 0 || !isChar(this.#value)) {
      throw new XmlFault('a reference to a character that XML does not allow');
    }
    return String.fromCodePoint(this.#value);
  }
}

/** 16 for what is no digit. */
function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const small = code | 0x20;
  return small >= 0x61 && small <= 0x66 ? small - 0x57 : 16;
}
