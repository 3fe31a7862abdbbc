import { readFileSync } from 'node:fs';
import { createSecureContext, rootCertificates } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { IrcOptions } from './options.ts';

/** One TLS context for each set of trusted certificates, shared by all users. */
export class SecureContexts {
  readonly #contexts = new Map<string, SecureContext>();

  /** @throws Error in words for the administrator, when a file of certificates cannot be used. */
  constructor(servers: IrcOptions['servers']) {
    for (const [name, { ca }] of Object.entries(servers)) {
      if (ca === undefined || this.#contexts.has(ca)) continue;
      try {
        const own = readFileSync(ca, 'utf8');
        this.#contexts.set(ca, createSecureContext({ ca: [...rootCertificates, own] }));
      } catch (error) {
        throw new Error(`servers.${name}.ca: cannot use ${ca} as a file of certificates`, {
          cause: error,
        });
      }
    }
  }

  get(ca: string | undefined): SecureContext {
    const key = ca ?? '';
    const found = this.#contexts.get(key) ?? createSecureContext();
    this.#contexts.set(key, found);
    return found;
  }
}
