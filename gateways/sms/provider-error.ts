import { NetworkError } from '../../src/plugin/index.ts';
import type { NetworkErrorKind } from '../../src/plugin/index.ts';
import { KINDS } from './failures.ts';
import type { Failure, FailureReason } from './provider.ts';
import type { Texts } from './texts.ts';

/**
 * Trouble that is not about one text: `down` no connection, nothing was sent; `refuses` it does not take this gateway's
 * credentials; `busy` no more for now; `uncertain` it may have taken the text.
 */
export type ProviderTrouble = 'down' | 'refuses' | 'busy' | 'uncertain';

const TROUBLES: Readonly<
  Record<
    ProviderTrouble,
    readonly [
      NetworkErrorKind,
      keyof Pick<Texts, 'providerDown' | 'providerRefuses' | 'providerBusy' | 'uncertain'>,
    ]
  >
> = {
  down: ['unreachable', 'providerDown'],
  // Tried again until the administrator has mended it, or the text expires.
  refuses: ['unreachable', 'providerRefuses'],
  busy: ['too-fast', 'providerBusy'],
  uncertain: ['uncertain', 'uncertain'],
};

const isTrouble = (what: FailureReason | ProviderTrouble): what is ProviderTrouble =>
  Object.hasOwn(TROUBLES, what);

/** What a provider throws when it has not taken a text. The words for users are put to it where their language is known. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly what: FailureReason | ProviderTrouble;
  readonly retryAfterMs: number | undefined;

  /** @param detail is as in {@link Failure}; for the log alone where there is only trouble with the provider */
  constructor(
    what: FailureReason | ProviderTrouble,
    detail: string,
    options: { readonly retryAfterMs?: number | undefined; readonly cause?: unknown } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.what = what;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** As a failure of the text; `undefined` when the trouble is with the provider. */
  get failure(): Failure | undefined {
    return isTrouble(this.what) ? undefined : { reason: this.what, detail: this.message };
  }

  explained(words: Texts): NetworkError {
    if (!isTrouble(this.what)) {
      const text = `${words.failed(this.what)} (${this.message})`;
      return new NetworkError(KINDS[this.what], text, { cause: this });
    }
    const [kind, text] = TROUBLES[this.what];
    const { retryAfterMs } = this;
    return new NetworkError(kind, words[text], {
      cause: this,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
}
