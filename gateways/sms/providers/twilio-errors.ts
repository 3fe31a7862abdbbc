import { ProviderError } from '../provider-error.ts';
import type { ProviderTrouble } from '../provider-error.ts';
import type { FailureReason } from '../provider.ts';

/** Codes of the REST API and of failed texts (Twilio's error dictionary). Codes come and go: what is not here is `unknown`. */
const REASONS: Readonly<Record<number, FailureReason | ProviderTrouble>> = {
  20003: 'refuses',
  20403: 'refuses',
  20429: 'busy',
  14107: 'busy',
  21211: 'bad-number',
  21217: 'bad-number',
  21265: 'bad-number',
  21401: 'bad-number',
  21614: 'bad-number',
  21635: 'bad-number',
  21212: 'bad-sender',
  21603: 'bad-sender',
  21606: 'bad-sender',
  21608: 'bad-sender',
  21612: 'bad-sender',
  21659: 'bad-sender',
  21660: 'bad-sender',
  21661: 'bad-sender',
  21703: 'bad-sender',
  21408: 'country',
  21610: 'opted-out',
  21611: 'busy',
  21605: 'too-large',
  21617: 'too-large',
  21620: 'bad-media',
  21623: 'too-large',
  11751: 'too-large',
  12300: 'bad-media',
  30001: 'busy',
  30002: 'bad-sender',
  30003: 'absent',
  30004: 'blocked',
  30005: 'bad-number',
  30006: 'bad-number',
  30007: 'filtered',
  30008: 'unknown',
  30009: 'unknown',
  30010: 'country',
  30011: 'bad-media',
  30017: 'unknown',
  30019: 'too-large',
  30022: 'busy',
  30023: 'bad-sender',
  30024: 'bad-sender',
  30032: 'bad-sender',
  30034: 'bad-sender',
  30036: 'expired',
  30038: 'filtered',
  30044: 'country',
  30450: 'filtered',
  30454: 'bad-sender',
  30500: 'bad-sender',
};

const BY_STATUS: Readonly<Record<number, FailureReason | ProviderTrouble>> = {
  401: 'refuses',
  403: 'refuses',
  408: 'uncertain',
  429: 'busy',
};

/** Why a text failed that had been taken: trouble is none of the user's any more. */
export function failureReason(code: number | undefined): FailureReason {
  const reason = REASONS[code ?? 0] ?? 'unknown';
  return reason === 'busy' || reason === 'refuses' || reason === 'down' || reason === 'uncertain'
    ? 'unknown'
    : reason;
}

export const detailOf = (code: number | undefined, words: string | undefined): string =>
  [`Twilio${code === undefined ? '' : ` ${code}`}`, words]
    .filter((part) => part !== undefined && part !== '')
    .join(': ')
    .slice(0, 300);

/** Nothing had gone out when one of these came. */
const NOT_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** What a failed call means: an answer of the API (`RestException`), or none (`AxiosError`). */
export function toProviderError(error: unknown): ProviderError {
  if (error instanceof ProviderError) return error;
  const { status, code, message } = fieldsOf(error);
  if (status !== undefined) {
    const number = typeof code === 'number' ? code : undefined;
    const known = REASONS[number ?? 0] ?? BY_STATUS[status];
    // What went wrong inside may have gone wrong after the text was taken.
    const what = known ?? (status >= 500 ? 'uncertain' : 'unknown');
    return new ProviderError(what, detailOf(number, message), { cause: error });
  }
  const isNotSent = typeof code === 'string' && NOT_SENT.has(code);
  return new ProviderError(isNotSent ? 'down' : 'uncertain', `Twilio: ${message}`, {
    cause: error,
  });
}

function fieldsOf(error: unknown): {
  readonly status: number | undefined;
  readonly code: unknown;
  readonly message: string;
} {
  if (typeof error !== 'object' || error === null) {
    return { status: undefined, code: undefined, message: String(error) };
  }
  const fields = new Map<string, unknown>([
    ['code', 'code' in error ? error.code : undefined],
    ['status', 'status' in error ? error.status : undefined],
    ['message', 'message' in error ? error.message : undefined],
  ]);
  const status = fields.get('status');
  const message = fields.get('message');
  return {
    status: typeof status === 'number' ? status : undefined,
    code: fields.get('code'),
    message: typeof message === 'string' ? message : '',
  };
}
