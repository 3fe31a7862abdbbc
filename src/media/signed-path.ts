import { createHmac, timingSafeEqual } from 'node:crypto';

/** A kept file, and until when it can be had, in milliseconds since 1970. */
export interface Ticket {
  readonly id: string;
  readonly expiresAt: number;
}

const PATH = /^([A-Za-z0-9_-]{16,64})\.([a-z0-9]{1,12})\.([A-Za-z0-9_-]{43})$/;

/** The part of an address that opens a file, and that nobody but us can make. */
export function signedPath({ id, expiresAt }: Ticket, key: Uint8Array): string {
  const expiry = expiresAt.toString(36);
  return `${id}.${expiry}.${signature(id, expiry, key).toString('base64url')}`;
}

/** What a part of an address opens; nothing when it was tampered with, or is too old. */
export function ticketOf(path: string, key: Uint8Array, now: number): Ticket | undefined {
  const [, id = '', expiry = '', given = ''] = PATH.exec(path) ?? [];
  if (id === '') return undefined;
  const bytes = Buffer.from(given, 'base64url');
  const right = signature(id, expiry, key);
  if (bytes.length !== right.length || !timingSafeEqual(bytes, right)) return undefined;
  const expiresAt = Number.parseInt(expiry, 36);
  return expiresAt > now ? { id, expiresAt } : undefined;
}

function signature(id: string, expiry: string, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${id}.${expiry}`).digest();
}
