import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';

export const LONGEST_CERTIFICATE = 16_384;

/**
 * Whether a text is a certificate and its key (PEM, in any order) which can be shown to a server. What has expired is taken:
 * servers know certificates by their fingerprints.
 */
export function isCertificate(pem: string): boolean {
  try {
    createSecureContext({ cert: pem, key: pem });
    return pem.length <= LONGEST_CERTIFICATE;
  } catch {
    return false;
  }
}

/** The SHA-256 of the certificate in hex, as services know it. */
export function fingerprintOf(pem: string): string {
  const { fingerprint256 } = new X509Certificate(pem);
  return fingerprint256.replaceAll(':', '').toLowerCase();
}
