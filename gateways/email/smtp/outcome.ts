import { NetworkError } from '../../../src/plugin/index.ts';
import type { NetworkErrorKind } from '../../../src/plugin/index.ts';
import { certificateProblem, serverWords } from '../server-words.ts';
import type { Texts } from '../texts.ts';

/** The parts of an error of nodemailer that say what happened. */
interface Failure {
  readonly code?: unknown;
  readonly responseCode?: unknown;
  readonly response?: unknown;
  readonly rejectedErrors?: unknown;
}

/** By enhanced status (RFC 3463), then by reply code (RFC 5321 §4.2.3); the first that fits. */
const kinds: readonly (readonly [RegExp, NetworkErrorKind])[] = [
  [/^4/, 'unreachable'],
  [/^5\d\d 5\.1\.[12360]\b|^5\d\d 5\.2\.1\b/, 'not-found'],
  [/^5\d\d 5\.2\.2\b/, 'full'],
  [/^5\d\d 5\.(3\.4|2\.3)\b|^552\b/, 'too-large'],
  [/^53[0458]\b/, 'credentials'],
  [/^5\d\d 5\.[3-7]\.\d+\b/, 'refused'],
  [/^(550|551|553)\b/, 'not-found'],
  [/^5/, 'refused'],
];

/** Many servers give no enhanced status, and say it in words. */
const unknownUser = /user|recipient|mailbox|address|no such|unknown|exist/i;

export function kindOfReply(reply: string): NetworkErrorKind {
  const kind = kinds.find(([pattern]) => pattern.test(reply))?.[1] ?? 'refused';
  const isBare = kind === 'not-found' && !/^5\d\d 5\./.test(reply);
  return isBare && !unknownUser.test(reply) ? 'refused' : kind;
}

/**
 * What a failure to send means.
 * @param isWhole the server had all of the mail when it happened: it may have taken it
 */
export function sendError(
  error: unknown,
  { isWhole, texts }: { readonly isWhole: boolean; readonly texts: Texts },
): NetworkError {
  if (error instanceof NetworkError) return error;
  const failure: Failure = error instanceof Error ? (error as Failure) : {};
  const response = typeof failure.response === 'string' ? failure.response : '';
  if (failure.code === 'EAUTH' && !response.startsWith('4')) {
    return new NetworkError('credentials', texts.smtpRefuses(serverWords(response)), {
      cause: error,
    });
  }
  if (typeof failure.responseCode === 'number' && response !== '') {
    const kind = kindOfReply(response);
    return new NetworkError(kind, texts.serverSays(serverWords(response)), { cause: error });
  }
  const problem = certificateProblem(error);
  if (problem !== undefined) {
    return new NetworkError('unreachable', texts.smtpUntrusted(problem), { cause: error });
  }
  if (isWhole) return new NetworkError('uncertain', texts.uncertain, { cause: error });
  const message = error instanceof Error ? error.message : '';
  if (/message size|exceeds/i.test(message)) {
    return new NetworkError('too-large', texts.tooLargeForServer, { cause: error });
  }
  return new NetworkError('unreachable', texts.smtpUnreachable, { cause: error });
}

/** A recipient whom a server does not take a mail for, and why. */
export interface Refusal {
  readonly address: string;
  readonly error: NetworkError;
}

/** It may take it another time. */
export const isForNow = ({ error }: Refusal): boolean => error.kind === 'unreachable';

/** Those of several recipients that were refused, and why. */
export function refusals(errors: readonly unknown[], texts: Texts): Refusal[] {
  return errors.flatMap((error) => {
    if (!(error instanceof Error) || !('recipient' in error)) return [];
    const { recipient } = error;
    if (typeof recipient !== 'string') return [];
    return [
      { address: recipient.toLowerCase(), error: sendError(error, { isWhole: false, texts }) },
    ];
  });
}

/** The same when nobody was taken. @param error is one of {@link sendError} */
export function refusalsIn({ cause }: NetworkError, texts: Texts): Refusal[] {
  const { rejectedErrors }: Failure = cause instanceof Error ? (cause as Failure) : {};
  return Array.isArray(rejectedErrors) ? refusals(rejectedErrors as unknown[], texts) : [];
}
