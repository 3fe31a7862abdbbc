import { XmlFault } from './xml-fault.ts';

const S = '[ \\t\\n]+';
const EQ = '[ \\t\\n]*=[ \\t\\n]*';
const quoted = (value: string): string => `(?:'${value}'|"${value}")`;

/** XML 1.0 §2.8, from behind `<?`. A document of any version 1.x is read as one of 1.0. */
const DECLARATION = new RegExp(
  `^xml${S}version${EQ}${quoted('1\\.[0-9]+')}` +
    `(?:${S}encoding${EQ}(${quoted('[A-Za-z][A-Za-z0-9._-]*')}))?` +
    `(?:${S}standalone${EQ}${quoted('(?:yes|no)')})?[ \\t\\n]*\\?>$`,
);
const BEGINNING = /^x(?:m(?:l(?:[ \t\n]|$)|$)|$)/;
const CDATA = '[CDATA[';
const BEHIND_EXCLAMATION_MARK = [CDATA, '--', 'DOCTYPE'];

/** RFC 6120 §11.1: what XML has and XMPP has not. */
export function restricted(what: string): XmlFault {
  return new XmlFault(`${what} is not allowed`, 'restricted-xml');
}

/**
 * Whether what follows `<?` is a whole XML declaration.
 * @throws XmlFault if it cannot become one, or is one of another encoding than UTF-8 (RFC 6120 §11.6)
 */
export function isWholeDeclaration(begun: string): boolean {
  // The fifth is the second half of a pair.
  if (begun.length <= 5 && !BEGINNING.test(begun)) throw restricted('a processing instruction');
  if (!begun.endsWith('>')) return false;
  const parts = DECLARATION.exec(begun);
  if (parts === null) throw new XmlFault('an XML declaration that is none');
  const encoding = parts[1]?.slice(1, -1).toLowerCase() ?? 'utf-8';
  if (encoding !== 'utf-8') throw new XmlFault('not UTF-8', 'unsupported-encoding');
  return true;
}

/**
 * Whether what follows `<!` is the whole beginning of a CDATA section.
 * @throws XmlFault if it cannot become that, or is the beginning of something restricted
 */
export function isStartOfCdata(begun: string): boolean {
  if (begun === '--') throw restricted('a comment');
  if (begun === 'DOCTYPE') throw restricted('a document type');
  if (!BEHIND_EXCLAMATION_MARK.some((word) => word.startsWith(begun))) {
    throw new XmlFault('a <! that begins nothing');
  }
  return begun === CDATA;
}
