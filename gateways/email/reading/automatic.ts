/** What wrote a mail, as far as its header tells (RFC 3834, RFC 5230, RFC 2919). */
export interface Automatic {
  /** A program answers or notifies: it must never get an automatic answer. */
  readonly isAutomatic: boolean;
  /** It went to many, or to a list. */
  readonly isBulk: boolean;
  /** It is about the delivery of another mail. */
  readonly isReport: boolean;
}

export interface Header {
  /** The text of the first field of this name (lower case); `undefined` when there is none. */
  get(name: string): string | undefined;
}

const robots = /^(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|daemon)([+@-]|$)/i;

export function automaticOf(header: Header, from: string | undefined): Automatic {
  const submitted = header.get('auto-submitted')?.trim().toLowerCase();
  const precedence = header.get('precedence')?.trim().toLowerCase() ?? '';
  const isBulk =
    /^(bulk|list|junk)\b/.test(precedence) ||
    ['list-id', 'list-unsubscribe', 'list-post'].some((name) => header.get(name) !== undefined);
  const returnPath = header.get('return-path')?.trim();
  const isAutomatic =
    isBulk ||
    (submitted !== undefined && !/^no\b/.test(submitted)) ||
    header.get('x-auto-response-suppress') !== undefined ||
    header.get('x-autoreply') !== undefined ||
    returnPath === '<>' ||
    robots.test(from ?? '');
  const type = header.get('content-type')?.toLowerCase() ?? '';
  return { isAutomatic, isBulk, isReport: type.startsWith('multipart/report') };
}
