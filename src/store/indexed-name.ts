import { hash } from 'node:crypto';

/** Four of them, and what else is in an index, stay below what a row of it may have in PostgreSQL: 2,704. */
const MAX_BYTES = 500;
const MAX_BYTES_OF_SIGN = 3;

/** What is found by its name may have one of any length. @returns what it is found by: the name, or the digest of one that is too long for an index */
export function indexedName(name: string): string {
  if (name.length * MAX_BYTES_OF_SIGN <= MAX_BYTES) return name;
  return Buffer.byteLength(name) <= MAX_BYTES ? name : hash('sha256', name, 'base64url');
}
