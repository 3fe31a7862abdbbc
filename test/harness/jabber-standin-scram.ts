import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';

export interface ScramSecrets {
  readonly password: string;
  readonly salt: Buffer;
  readonly iterations: number;
}

/** RFC 5802 §3: what the client proves itself with. */
export function scramClientProof(secrets: ScramSecrets, authMessage: string): Buffer {
  const clientKey = hmac(saltedPassword(secrets), 'Client Key');
  const signature = hmac(sha1(clientKey), authMessage);
  return Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)));
}

/** RFC 5802 §3: what the server proves itself with. */
export function scramServerSignature(secrets: ScramSecrets, authMessage: string): Buffer {
  return hmac(hmac(saltedPassword(secrets), 'Server Key'), authMessage);
}

export function isScramProof(proof: Buffer, secrets: ScramSecrets, authMessage: string): boolean {
  const expected = scramClientProof(secrets, authMessage);
  return proof.length === expected.length && timingSafeEqual(proof, expected);
}

/** Reads `r=…,s=…,i=…`; a value may contain `=`. */
export function scramFields(message: string): Readonly<Record<string, string>> {
  return Object.fromEntries(message.split(',').map((field) => [field.slice(0, 1), field.slice(2)]));
}

function saltedPassword({ password, salt, iterations }: ScramSecrets): Buffer {
  return pbkdf2Sync(password.normalize('NFKC'), salt, iterations, 20, 'sha1');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha1', key).update(text).digest();
}

function sha1(bytes: Buffer): Buffer {
  return createHash('sha1').update(bytes).digest();
}
