import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

/** What an exchange says next. */
export type SaslStep =
  | { readonly kind: 'challenge'; readonly data: string }
  | { readonly kind: 'success'; readonly user: string; readonly data: string }
  | { readonly kind: 'failure'; readonly condition: string };

export interface SaslExchange {
  next(data: string): SaslStep;
}

type PasswordOf = (user: string) => string | undefined;

/** Strongest first, as they are offered. */
export const SASL_MECHANISMS: Readonly<Record<string, (passwordOf: PasswordOf) => SaslExchange>> = {
  'SCRAM-SHA-1': (passwordOf) => new Scram(passwordOf),
  PLAIN: (passwordOf) => ({ next: (data) => plain(passwordOf, data) }),
};

/** RFC 4616 §2: [authzid] NUL authcid NUL password. */
function plain(passwordOf: PasswordOf, data: string): SaslStep {
  const [, user, password] = data.split('\0');
  if (user === undefined || password === undefined) {
    return { kind: 'failure', condition: 'malformed-request' };
  }
  const name = user.toLowerCase();
  if (passwordOf(name) !== password) return { kind: 'failure', condition: 'not-authorized' };
  return { kind: 'success', user: name, data: '' };
}

const ITERATIONS = 4096;

/** RFC 5802 with SHA-1 and without channel binding. */
class Scram implements SaslExchange {
  readonly #passwordOf: PasswordOf;
  #user = '';
  #gs2Header = '';
  #clientFirst = '';
  #serverFirst = '';
  #nonce = '';
  #salt = Buffer.alloc(0);

  constructor(passwordOf: PasswordOf) {
    this.#passwordOf = passwordOf;
  }

  next(data: string): SaslStep {
    return this.#serverFirst === '' ? this.#first(data) : this.#final(data);
  }

  #first(data: string): SaslStep {
    const parts = /^([ny],(?:a=[^,]*)?,)(n=([^,]*),r=([^,]+).*)$/s.exec(data);
    const [, gs2Header, clientFirst, name, nonce] = parts ?? [];
    if (gs2Header === undefined || clientFirst === undefined || name === undefined) {
      return { kind: 'failure', condition: 'malformed-request' };
    }
    this.#user = name.replaceAll('=2C', ',').replaceAll('=3D', '=').toLowerCase();
    this.#gs2Header = gs2Header;
    this.#clientFirst = clientFirst;
    this.#nonce = `${nonce}${randomBytes(12).toString('hex')}`;
    this.#salt = randomBytes(16);
    this.#serverFirst = `r=${this.#nonce},s=${this.#salt.toString('base64')},i=${ITERATIONS}`;
    return { kind: 'challenge', data: this.#serverFirst };
  }

  #final(data: string): SaslStep {
    const refusal: SaslStep = { kind: 'failure', condition: 'not-authorized' };
    const parts = /^(c=([^,]*),r=([^,]*)),p=([^,]*)$/.exec(data);
    const [, withoutProof, binding, nonce, proof] = parts ?? [];
    if (withoutProof === undefined || proof === undefined) {
      return { kind: 'failure', condition: 'malformed-request' };
    }
    const isSameHeader = binding === Buffer.from(this.#gs2Header).toString('base64');
    const password = this.#passwordOf(this.#user);
    if (!isSameHeader || nonce !== this.#nonce || password === undefined) return refusal;
    const salted = pbkdf2Sync(password, this.#salt, ITERATIONS, 20, 'sha1');
    const message = `${this.#clientFirst},${this.#serverFirst},${withoutProof}`;
    const clientKey = hmac(salted, 'Client Key');
    const signature = hmac(createHash('sha1').update(clientKey).digest(), message);
    const expected = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)));
    const given = Buffer.from(proof, 'base64');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return refusal;
    const verifier = hmac(hmac(salted, 'Server Key'), message).toString('base64');
    return { kind: 'success', user: this.#user, data: `v=${verifier}` };
  }
}

function hmac(key: Buffer, data: string): Buffer {
  return createHmac('sha1', key).update(data).digest();
}
