import { readFileSync } from 'node:fs';
import { createSecureContext, rootCertificates } from 'node:tls';
import type { SecureContext, SecureContextOptions } from 'node:tls';
import type { IrcOptions } from './options.ts';

type Files = Pick<IrcOptions['servers'][string], 'ca' | 'certificate'>;

/** One TLS context for each set of certificates, shared by all users; another one for a user who shows a certificate of her own. */
export class SecureContexts {
  readonly #contexts = new Map<string, SecureContext>();
  /** What is trusted besides the public certificates, by the names of files. */
  readonly #trusted = new Map<string, string>();

  /** @throws Error in words for the administrator, when a file of certificates cannot be used. */
  constructor(servers: IrcOptions['servers']) {
    for (const [name, { ca, certificate }] of Object.entries(servers)) {
      const key = keyOf({ ca, certificate });
      if (key === NOTHING || this.#contexts.has(key)) continue;
      const own = certificate === undefined ? undefined : read(name, 'certificate', certificate);
      const trusted = ca === undefined ? undefined : read(name, 'ca', ca);
      if (ca !== undefined && trusted !== undefined) this.#trusted.set(ca, trusted);
      try {
        this.#contexts.set(
          key,
          createSecureContext({
            ...trusting(trusted),
            ...(own === undefined ? {} : { cert: own, key: own }),
          }),
        );
      } catch (error) {
        throw unusable(name, trusted === undefined ? 'certificate' : 'ca', key, error);
      }
    }
  }

  /** @param own is a certificate and its key (PEM), in place of the one for all. */
  get(files: { readonly ca?: string; readonly certificate?: string }, own?: string): SecureContext {
    if (own !== undefined) {
      const trusted = this.#trusted.get(files.ca ?? '');
      return createSecureContext({ ...trusting(trusted), cert: own, key: own });
    }
    const key = keyOf(files);
    const found = this.#contexts.get(key) ?? createSecureContext();
    this.#contexts.set(key, found);
    return found;
  }
}

const trusting = (trusted: string | undefined): SecureContextOptions =>
  trusted === undefined ? {} : { ca: [...rootCertificates, trusted] };

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
