import { elementsOf, textOf, xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_CLIENT, NS_STANZA_ERRORS } from './namespaces.ts';

export type ErrorType = 'auth' | 'cancel' | 'continue' | 'modify' | 'wait';

interface Default {
  readonly type: ErrorType;
  /** The number of old, which XEP-0077 §9 still asks for (XEP-0086). */
  readonly code: number;
}

/** RFC 6120 §8.3.3. */
const DEFAULTS = {
  'bad-request': { type: 'modify', code: 400 },
  conflict: { type: 'cancel', code: 409 },
  'feature-not-implemented': { type: 'cancel', code: 501 },
  forbidden: { type: 'auth', code: 403 },
  gone: { type: 'cancel', code: 302 },
  'internal-server-error': { type: 'cancel', code: 500 },
  'item-not-found': { type: 'cancel', code: 404 },
  'jid-malformed': { type: 'modify', code: 400 },
  'not-acceptable': { type: 'modify', code: 406 },
  'not-allowed': { type: 'cancel', code: 405 },
  'not-authorized': { type: 'auth', code: 401 },
  'policy-violation': { type: 'modify', code: 405 },
  'recipient-unavailable': { type: 'wait', code: 404 },
  redirect: { type: 'modify', code: 302 },
  'registration-required': { type: 'auth', code: 407 },
  'remote-server-not-found': { type: 'cancel', code: 404 },
  'remote-server-timeout': { type: 'wait', code: 504 },
  'resource-constraint': { type: 'wait', code: 500 },
  'service-unavailable': { type: 'cancel', code: 503 },
  'subscription-required': { type: 'auth', code: 407 },
  'undefined-condition': { type: 'cancel', code: 500 },
  'unexpected-request': { type: 'wait', code: 400 },
} as const satisfies Readonly<Record<string, Default>>;

export type StanzaCondition = keyof typeof DEFAULTS;

export const isCondition = (name: string): name is StanzaCondition => Object.hasOwn(DEFAULTS, name);

export interface StanzaErrorOptions {
  readonly type?: ErrorType;
  /** That of the text; English unless told otherwise. */
  readonly language?: string;
  /** The condition that a protocol of its own names besides (RFC 6120 §8.3.4). */
  readonly specific?: XmlElement;
  /** Where to turn to instead, for `gone` and `redirect`. */
  readonly uri?: string;
}

/** What a stanza is answered with when it fails (RFC 6120 §8.3). */
export class StanzaError extends Error {
  override readonly name = 'StanzaError';
  readonly condition: StanzaCondition;
  readonly type: ErrorType;
  /** For people; shown by their clients. */
  readonly text: string | undefined;
  readonly language: string;
  readonly specific: XmlElement | undefined;
  readonly uri: string | undefined;

  constructor(condition: StanzaCondition, text?: string, options: StanzaErrorOptions = {}) {
    super(text ?? condition);
    this.condition = condition;
    this.type = options.type ?? DEFAULTS[condition].type;
    this.text = text;
    this.language = options.language ?? 'en';
    this.specific = options.specific;
    this.uri = options.uri;
  }

  toElement(): XmlElement {
    const { condition, type, text, language, specific, uri } = this;
    return xml('error', NS_CLIENT, { type, code: String(DEFAULTS[condition].code) }, [
      xml(condition, NS_STANZA_ERRORS, {}, uri === undefined ? [] : [uri]),
      text === undefined
        ? undefined
        : xml('text', NS_STANZA_ERRORS, { 'xml:lang': language }, [text]),
      specific,
    ]);
  }
}

/** The condition and the text of an error element, of a stream (RFC 6120 §4.9) or of a stanza. */
export function readError(
  error: XmlElement,
  namespace: string,
): { readonly condition: string; readonly text: string | undefined } {
  const parts = elementsOf(error).filter((part) => part.namespace === namespace);
  const condition = parts.find((part) => part.name !== 'text')?.name ?? 'undefined-condition';
  const text = parts.find((part) => part.name === 'text');
  return { condition, text: text === undefined ? undefined : textOf(text) };
}

/** What a stanza of type error says. */
export function errorIn(stanza: XmlElement): StanzaError {
  const element = elementsOf(stanza).find(({ name }) => name === 'error');
  if (element === undefined) return new StanzaError('undefined-condition');
  const { condition, text } = readError(element, NS_STANZA_ERRORS);
  return new StanzaError(isCondition(condition) ? condition : 'undefined-condition', text);
}
