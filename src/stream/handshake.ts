import { createHash } from 'node:crypto';

/** XEP-0114 §3: the SHA-1 of stream id and secret, in lower-case hexadecimal. */
export function handshakeHash(streamId: string, secret: string): string {
  return createHash('sha1').update(`${streamId}${secret}`, 'utf8').digest('hex');
}
