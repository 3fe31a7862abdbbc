import type { AuthenticateResult, DNSResolver } from 'mailauth';

/** What SPF, DKIM and DMARC say of a mail (RFC 7208, RFC 6376, RFC 7489). */
export interface Verdict {
  /** The domain of the sender vouches for it. */
  readonly isProven: boolean;
  /** The domain of the sender wants it refused. */
  readonly isForged: boolean;
}

/** How a mail came in. */
export interface Delivery {
  readonly remoteAddress: string;
  readonly helo: string;
  readonly sender: string;
  readonly mta: string;
}

const CHECK_MS = 15_000;
const UNKNOWN: Verdict = { isProven: false, isForged: false };

/**
 * Never fails: what cannot be found out is not proven.
 * @param resolver answers questions to the DNS, in place of the system
 */
export async function verdictOn(
  raw: Buffer,
  delivery: Delivery,
  resolver?: DNSResolver,
): Promise<Verdict> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), CHECK_MS);
  });
  try {
    const { authenticate } = await import('mailauth');
    const checking = authenticate(raw, {
      ip: delivery.remoteAddress,
      helo: delivery.helo,
      sender: delivery.sender,
      mta: delivery.mta,
      trustReceived: false,
      disableArc: true,
      disableBimi: true,
      ...(resolver === undefined ? {} : { resolver }),
    });
    const result = await Promise.race([checking, late]);
    return result === undefined ? UNKNOWN : readResult(result);
  } catch {
    return UNKNOWN;
  } finally {
    clearTimeout(timer);
  }
}

function readResult({ dkim, dmarc }: AuthenticateResult): Verdict {
  const isSigned = dkim.results.some(
    ({ status }) => status.result === 'pass' && status.aligned !== undefined && status.aligned,
  );
  if (dmarc === false) return { isProven: isSigned, isForged: false };
  return {
    isProven: dmarc.status.result === 'pass' || (dmarc.status.result === 'none' && isSigned),
    isForged: dmarc.status.result === 'fail' && dmarc.policy === 'reject',
  };
}
