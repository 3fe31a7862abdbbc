import { randomBytes } from 'node:crypto';
import {
  isScramProof,
  scramFields,
  scramServerSignature,
  type ScramSecrets,
} from './jabber-standin-scram.ts';

export type SaslStep =
  | { readonly kind: 'challenge'; readonly data: string }
  | { readonly kind: 'success'; readonly user: string; readonly data: string }
  | { readonly kind: 'failure'; readonly condition: string };

type Continuation = (message: string) => SaslStep;

export const SASL_MECHANISMS = ['SCRAM-SHA-1', 'PLAIN'];

/** RFC 6120 §6, the server's side; data is base64 at this border. */
export class SaslNegotiation {
  readonly #passwordOf: (user: string) => string | undefined;
  #next: Continuation | undefined;

  constructor(passwordOf: (user: string) => string | undefined) {
    this.#passwordOf = passwordOf;
  }

  start(mechanism: string, initial: string): SaslStep {
    if (!SASL_MECHANISMS.includes(mechanism)) return failure('invalid-mechanism');
    this.#next = (message) =>
      mechanism === 'PLAIN' ? this.#plain(message) : this.#scramFirst(message);
    return initial === '' ? { kind: 'challenge', data: '' } : this.respond(initial);
  }

  respond(data: string): SaslStep {
    const next = this.#next;
    this.#next = undefined;
    if (next === undefined) return failure('malformed-request');
    if (!/^(=|[A-Za-z0-9+/]*={0,2})$/.test(data)) return failure('incorrect-encoding');
    return next(Buffer.from(data, 'base64').toString());
  }

  /** RFC 4616 §2. */
  #plain(message: string): SaslStep {
    const [, user, password, ...others] = message.split('\0');
    if (user === undefined || password === undefined || others.length > 0) {
      return failure('malformed-request');
    }
    return this.#passwordOf(user.toLowerCase()) === password
      ? { kind: 'success', user: user.toLowerCase(), data: '' }
      : failure('not-authorized');
  }

  /** RFC 5802 §5, without channel binding. */
  #scramFirst(message: string): SaslStep {
    const parts = /^([ny],[^,]*,)(n=([^,]+),r=([^,]+).*)$/.exec(message);
    const [, binding, bare, escapedUser, clientNonce] = parts ?? [];
    if (binding === undefined || bare === undefined || escapedUser === undefined) {
      return failure('malformed-request');
    }
    const user = escapedUser.replaceAll('=2C', ',').replaceAll('=3D', '=').toLowerCase();
    const password = this.#passwordOf(user);
    if (password === undefined) return failure('not-authorized');
    const secrets: ScramSecrets = { password, salt: randomBytes(16), iterations: 4096 };
    const nonce = `${clientNonce}${randomBytes(18).toString('base64')}`;
    const first = `r=${nonce},s=${secrets.salt.toString('base64')},i=${secrets.iterations}`;
    this.#next = (final) => {
      const withoutProof = final.replace(/,p=[^,]*$/, '');
      const fields = scramFields(final);
      const authMessage = `${bare},${first},${withoutProof}`;
      const isBound = fields['c'] === Buffer.from(binding).toString('base64');
      const proof = Buffer.from(fields['p'] ?? '', 'base64');
      if (!isBound || fields['r'] !== nonce || !isScramProof(proof, secrets, authMessage)) {
        return failure('not-authorized');
      }
      const signature = scramServerSignature(secrets, authMessage).toString('base64');
      return { kind: 'success', user, data: encode(`v=${signature}`) };
    };
    return { kind: 'challenge', data: encode(first) };
  }
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

function failure(condition: string): SaslStep {
  return { kind: 'failure', condition };
}
