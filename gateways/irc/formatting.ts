/** modern.ircdocs.horse/formatting: colours, hex colours, then single codes; last what XML cannot hold. */
const codes =
  /\u0003(?:\d{1,2}(?:,\d{1,2})?)?|\u0004(?:[0-9a-f]{6}(?:,[0-9a-f]{6})?)?|[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/gi;
const anyCode = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/;

/** The text alone. */
export const stripFormatting = (text: string): string =>
  anyCode.test(text) ? text.replace(codes, '') : text;
