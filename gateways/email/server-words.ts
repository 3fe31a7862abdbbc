/** What a server said, as one short line without anything that does not belong into a sentence. */
export const serverWords = (text: string | undefined): string =>
  (text ?? '')
    .replace(/[\p{C}\u2028\u2029]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim()
    .slice(0, 200);

const certificateCodes =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.*|CERT_.*|ERR_TLS_CERT.*|HOSTNAME_MISMATCH)$/;

/** Why a certificate was not trusted, as OpenSSL names it; `undefined` when something else was wrong. */
export function certificateProblem(error: unknown): string | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; depth += 1) {
    const { code, originalCode, cause } = at as {
      readonly code?: unknown;
      readonly originalCode?: unknown;
      readonly cause?: unknown;
    };
    for (const one of [code, originalCode]) {
      if (typeof one === 'string' && certificateCodes.test(one)) return one;
    }
    at = cause;
  }
  return undefined;
}
