import { changedAsOf32 } from './unassigned.ts';

/**
 * Profiles of stringprep (RFC 3454) for the parts of a JID (RFC 6122). They are of Unicode 3.2: servers take what is newer for
 * letters like any other (§7), so that one who calls herself "\u1d2clice" there must not be "alice" here.
 */

// oxlint-disable no-misleading-character-class -- the tables of RFC 3454 are of just these
/** Table B.1: mapped to nothing. */
const NOTHING = /[\u00ad\u034f\u1806\u180b-\u180d\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff]/gu;
/** Tables C.1.2, C.2.1, C.2.2, C.3 to C.9. */
const PROHIBITED =
  /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\u0000-\u001f\u007f-\u009f\u06dd\u070f\u180e\u200c-\u200f\u2028-\u202e\u2060-\u2063\u206a-\u206f\ufeff\ufff9-\ufffd\u{1d173}-\u{1d17a}\u2ff0-\u2ffb\u0340\u0341\u{e0001}\u{e0020}-\u{e007f}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}]/u;
const RIGHT_TO_LEFT =
  /[\u05be\u05c0\u05c3\u05d0-\u05f4\u061b-\u064a\u066d-\u06d5\u06e5\u06e6\u06fa-\u0710\u0712-\u072c\u0780-\u07a5\u07b1\u200f\ufb1d-\ufb28\ufb2a-\ufdfc\ufe70-\ufefc]/u;
const LEFT_TO_RIGHT =
  /[A-Za-z\u00c0-\u02b8\u0370-\u0589\u0903-\u1fff\u3041-\u318e\u4e00-\u9fff\uac00-\ud7a3]/u;
// oxlint-enable no-misleading-character-class
const NODE_PROHIBITED = /[ "&'/:<>@]/u;
const PLAIN_NODE = /^[!#-%(-.0-9;=?a-z[-~]*$/;
const PLAIN_RESOURCE = /^[ -~]*$/;

/** RFC 6122 appendix A. @returns `undefined` when the text cannot be a local part. */
export function nodeprep(text: string): string | undefined {
  if (PLAIN_NODE.test(text)) return text;
  const folded = prepared(caseFolded(text));
  return folded === undefined || NODE_PROHIBITED.test(folded) ? undefined : folded;
}

/** RFC 6122 appendix B. @returns `undefined` when the text cannot be a resource. */
export function resourceprep(text: string): string | undefined {
  return PLAIN_RESOURCE.test(text) ? text : prepared(text);
}

/** RFC 3491. @returns `undefined` when the text cannot be part of a domain. */
export function nameprep(text: string): string | undefined {
  return prepared(caseFolded(text));
}

/** Table B.2, as far as lower case does not cover it. */
function caseFolded(text: string): string {
  return changedAsOf32(normalized(text), lowerCase);
}

const lowerCase = (text: string): string =>
  text.toLowerCase().replaceAll('ß', 'ss').replaceAll('ς', 'σ');

const normalized = (text: string): string =>
  changedAsOf32(text, (known) => known.normalize('NFKC'));

function prepared(text: string): string | undefined {
  const mapped = normalized(text.replace(NOTHING, ''));
  if (PROHIBITED.test(mapped) || !isOneDirection(mapped)) return undefined;
  return mapped;
}

/** RFC 3454 §6. */
function isOneDirection(text: string): boolean {
  if (!RIGHT_TO_LEFT.test(text)) return true;
  if (LEFT_TO_RIGHT.test(text)) return false;
  const characters = Array.from(text);
  return RIGHT_TO_LEFT.test(characters[0] ?? '') && RIGHT_TO_LEFT.test(characters.at(-1) ?? '');
}
