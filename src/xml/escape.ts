// Characters with a meaning in XML, characters that XML 1.0 forbids, and halves of surrogate pairs.
const SPECIAL =
  /[&<>"'\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const ALL_SPECIAL = new RegExp(SPECIAL.source, 'g');
const ALL_SPECIAL_IN_ATTRIBUTES = new RegExp(`${SPECIAL.source}|[\\t\\n]`, 'g');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\r': '&#13;',
  '\n': '&#10;',
  '\t': '&#9;',
};

/** Nearly all text has nothing but these, and to see that is quick. */
const PLAIN = /^[ !#-%(-;=?-~]*$/;

const replacement = (character: string): string => ENTITIES[character] ?? '\ufffd';

/** Text as content of an element. What XML cannot hold becomes U+FFFD. */
export function escapeText(text: string): string {
  if (PLAIN.test(text) || !SPECIAL.test(text)) return text;
  return text.replace(ALL_SPECIAL, replacement);
}

/** Text as the value of an attribute in either kind of quotes. */
export function escapeAttribute(text: string): string {
  return PLAIN.test(text) ? text : text.replace(ALL_SPECIAL_IN_ATTRIBUTES, replacement);
}
