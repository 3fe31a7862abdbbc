import { createHash, randomBytes, randomInt } from 'node:crypto';
import { NetworkError } from '../../../src/plugin/index.ts';
import type { Memory } from '../../../src/plugin/index.ts';
import type { OauthOptions } from '../options.ts';
import { serverWords } from '../server-words.ts';
import type { Texts } from '../texts.ts';

const REQUEST_MS = 15_000;
const CONSENT_MS = 900_000;
const MAX_PENDING = 1_000;
/** An access token is fetched anew this long before it ends. */
const MARGIN_MS = 60_000;

const presets = {
  google: {
    authorizeUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
    tokenUrl: 'https://oauth2.googleapis.com/token',
    scope: 'https://mail.google.com/',
  },
  microsoft: {
    authorizeUrl: 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
    tokenUrl: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
    scope:
      'offline_access https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send',
  },
} as const;

/** A provider as a client of it sees it (RFC 6749). */
export interface OauthClient {
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly scope: string;
}

/** @throws Error in words for the administrator */
export function oauthClient(options: OauthOptions): OauthClient {
  const preset = options.preset === undefined ? undefined : presets[options.preset];
  const authorizeUrl = options.authorizeUrl ?? preset?.authorizeUrl;
  const tokenUrl = options.tokenUrl ?? preset?.tokenUrl;
  if (authorizeUrl === undefined || tokenUrl === undefined) {
    throw new Error('oauth needs a preset, or authorizeUrl and tokenUrl');
  }
  const scope = options.scope ?? preset?.scope ?? '';
  const { clientId, clientSecret } = options;
  return { authorizeUrl, tokenUrl, scope, clientId, clientSecret };
}

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly endsAt: number;
}

/** What somebody came back from the provider with. */
export type ConsentAnswer =
  | {
      readonly code: string;
      /** Six digits, which whoever came back was shown. */
      readonly proof: string;
    }
  | { readonly problem: string };

/** A user who was sent to the provider and has not come back yet. */
export interface Consent {
  /** The page that she is to open. */
  readonly link: string;
  /** `undefined` as long as nobody has come back. */
  readonly answer: () => ConsentAnswer | undefined;
  /** @throws NetworkError credentials, unreachable */
  redeem(code: string, texts: Texts, signal: AbortSignal): Promise<string>;
  end(): void;
}

interface Pending {
  readonly at: number;
  readonly user: string;
  readonly address: string;
  answer?: ConsentAnswer;
}

/** Who is back, and what to tell her. */
export type Welcome = Pick<Pending, 'user' | 'address'> & { readonly answer: ConsentAnswer };

/**
 * Keeps track of those who give their consent (RFC 6749 §4.1, RFC 7636). Whoever is sent to the page of the provider may send
 * somebody else there, whose mail she is after. So the page at the end says whom it is for, and shows a number without which
 * nothing comes of it (§10.12).
 */
export class Consents {
  readonly #returnUrl: string;
  readonly #pending = new Map<string, Pending>();

  /** @param returnUrl is where the provider sends users back to */
  constructor(returnUrl: string) {
    this.#returnUrl = returnUrl;
  }

  /** @param user is the Jabber user who wants to read the mail of this address. */
  begin(client: OauthClient, address: string, user: string): Consent {
    this.#forgetOld();
    const state = randomBytes(24).toString('base64url');
    const verifier = randomBytes(48).toString('base64url');
    const url = new URL(client.authorizeUrl);
    const parameters = {
      response_type: 'code',
      client_id: client.clientId,
      redirect_uri: this.#returnUrl,
      scope: client.scope,
      state,
      login_hint: address,
      access_type: 'offline',
      prompt: 'consent',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    this.#pending.set(state, { at: Date.now(), user, address });
    return {
      link: url.href,
      answer: () => this.#pending.get(state)?.answer,
      redeem: async (code, texts, signal) => {
        const tokens = await requestTokens(
          client,
          {
            grant_type: 'authorization_code',
            code,
            redirect_uri: this.#returnUrl,
            code_verifier: verifier,
          },
          { texts, signal },
        );
        if (tokens.refreshToken === undefined) {
          throw new NetworkError('credentials', texts.noRefreshToken);
        }
        return tokens.refreshToken;
      },
      end: () => void this.#pending.delete(state),
    };
  }

  /** Somebody comes back from the provider, or looks at the page again. @returns nothing when nobody waits for her */
  answer(query: URLSearchParams): Welcome | undefined {
    const pending = this.#pending.get(query.get('state') ?? '');
    if (pending === undefined) return undefined;
    const code = query.get('code');
    pending.answer ??=
      code === null
        ? { problem: serverWords(query.get('error') ?? 'no code') }
        : { code, proof: String(randomInt(1_000_000)).padStart(6, '0') };
    const { address, answer, user } = pending;
    const isSame = 'code' in answer ? answer.code === code : code === null;
    return isSame ? { address, answer, user } : undefined;
  }

  #forgetOld(): void {
    const oldest = Date.now() - CONSENT_MS;
    for (const [state, { at }] of this.#pending) {
      if (at >= oldest && this.#pending.size < MAX_PENDING) break;
      this.#pending.delete(state);
    }
  }
}

/** Fetches access tokens for one account when they are needed. */
export class TokenSource {
  readonly #client: OauthClient;
  readonly #memory: Memory | undefined;
  readonly #texts: () => Texts;
  #refreshToken: string;
  #tokens: Tokens | undefined;
  #loading: Promise<Tokens> | undefined;

  /** @param memory keeps the refresh token when the provider replaces it */
  constructor(
    client: OauthClient,
    refreshToken: string,
    parts: { readonly memory?: Memory; readonly texts: () => Texts },
  ) {
    this.#client = client;
    this.#memory = parts.memory;
    this.#texts = parts.texts;
    this.#refreshToken = refreshToken;
  }

  /** @throws NetworkError credentials, unreachable */
  async token(signal: AbortSignal): Promise<string> {
    const now = this.#tokens;
    if (now !== undefined && now.endsAt - MARGIN_MS > Date.now()) return now.accessToken;
    this.#loading ??= this.#refresh(signal).finally(() => (this.#loading = undefined));
    this.#tokens = await this.#loading;
    return this.#tokens.accessToken;
  }

  async #refresh(signal: AbortSignal): Promise<Tokens> {
    // One that replaced the token of this registration; not one of an earlier registration.
    const origin = createHash('sha256').update(this.#refreshToken).digest('hex').slice(0, 16);
    const key = `refresh:${origin}`;
    const current = (await this.#memory?.get(key)) ?? this.#refreshToken;
    const tokens = await requestTokens(
      this.#client,
      { grant_type: 'refresh_token', refresh_token: current },
      { texts: this.#texts(), signal },
    );
    if (tokens.refreshToken !== undefined && tokens.refreshToken !== current) {
      await this.#memory?.set(key, tokens.refreshToken);
    }
    return tokens;
  }
}

async function requestTokens(
  client: OauthClient,
  grant: Readonly<Record<string, string>>,
  { signal, texts }: { readonly signal: AbortSignal; readonly texts: Texts },
): Promise<Tokens> {
  const body = new URLSearchParams({ ...grant, client_id: client.clientId });
  if (client.clientSecret !== undefined) body.set('client_secret', client.clientSecret);
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(client.tokenUrl, {
      method: 'POST',
      body,
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]),
    });
    answer = await response.json().catch(() => undefined);
  } catch (error) {
    throw new NetworkError('unreachable', texts.tokenUnreachable, { cause: error });
  }
  const fields: Readonly<Record<string, unknown>> =
    typeof answer === 'object' && answer !== null ? { ...answer } : {};
  const { access_token: accessToken, error, expires_in: seconds, refresh_token: next } = fields;
  if (response.ok && typeof accessToken === 'string') {
    const lifeMs = typeof seconds === 'number' ? seconds * 1_000 : 3_000_000;
    return {
      accessToken,
      refreshToken: typeof next === 'string' ? next : undefined,
      endsAt: Date.now() + lifeMs,
    };
  }
  if (response.status >= 500 || response.status === 429) {
    throw new NetworkError('unreachable', texts.tokenUnreachable);
  }
  const words = typeof error === 'string' ? serverWords(error) : String(response.status);
  throw new NetworkError('credentials', texts.consentRefused(words));
}
