import { readFileSync } from 'node:fs';
import { createSecureContext, rootCertificates } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { IrcOptions } from './options.ts';

type Files = Pick<IrcOptions['servers'][string], 'ca' | 'certificate'>;

/** One TLS context for each set of certificates, shared by all users. */
export class SecureContexts {
  readonly #contexts = new Map<string, SecureContext>();

  /** @throws Error in words for the administrator, when a file of certificates cannot be used. */
  constructor(servers: IrcOptions['servers']) {
    for (const [name, { ca, certificate }] of Object.entries(servers)) {
      const key = keyOf({ ca, certificate });
      if (key === NOTHING || this.#contexts.has(key)) continue;
      const own = certificate === undefined ? undefined : read(name, 'certificate', certificate);
      const trusted = ca === undefined ? undefined : read(name, 'ca', ca);
      try {
        this.#contexts.set(
          key,
          createSecureContext({
            ...(trusted === undefined ? {} : { ca: [...rootCertificates, trusted] }),
            ...(own === undefined ? {} : { cert: own, key: own }),
          }),
        );
      } catch (error) {
        throw unusable(name, trusted === undefined ? 'certificate' : 'ca', key, error);
      }
    }
  }

  get(files: { readonly ca?: string; readonly certificate?: string }): SecureContext {
    const key = keyOf(files);
    const found = this.#contexts.get(key) ?? createSecureContext();
    this.#contexts.set(key, found);
    return found;
  }
}

const NOTHING = ' ';

const keyOf = ({ ca = '', certificate = '' }: Partial<Files>): string => `${ca} ${certificate}`;

function read(server: string, option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unusable(server, option, file, error);
  }
}

function unusable(server: string, option: string, file: string, cause: unknown): Error {
  const text = `servers.${server}.${option}: cannot use ${file.trim()} as a file of certificates`;
  return new Error(text, { cause });
}
