import { RETURN_MARK } from '../sign-in/names.ts';
import { shortId } from '../writing/message-ids.ts';

/** Whose mail it was, and which. */
export interface Returned {
  readonly name: string;
  readonly shortId: string;
}

/**
 * A return path for each mail (VERP): whatever a bounce looks like, its recipient says which mail did not arrive. Names have no
 * equals sign, so that nobody can register one that looks like a return path.
 */
export const returnPathFor = (name: string, messageId: string, domain: string): string =>
  `${name}${RETURN_MARK}${shortId(messageId)}@${domain}`;

/** @param local what is before the at sign */
export function readReturnPath(local: string): Returned | undefined {
  const match = /^([a-z0-9._-]+)=([0-9a-f]{24})$/i.exec(local);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { name: match[1].toLowerCase(), shortId: match[2].toLowerCase() };
}
