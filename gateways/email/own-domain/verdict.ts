import type { DMARCOptions, DMARCResult, DNSResolver } from 'mailauth';
import { domainPart } from '../mail-address.ts';

/** What SPF, DKIM and DMARC say of a mail (RFC 7208, RFC 6376, RFC 7489). */
export interface Verdict {
  /** The domain of whom users see it from vouches for it. */
  readonly isProven: boolean;
  /** The domain of its author wants it refused. */
  readonly isForged: boolean;
}

/** How a mail came in, and whom it is taken to be from. */
export interface Delivery {
  readonly remoteAddress: string;
  readonly helo: string;
  readonly sender: string;
  readonly mta: string;
  /** The address of its author. */
  readonly author: string;
  /** The address that users see it from: the author's, or that of the list which it came through. */
  readonly shown: string;
}

const CHECK_MS = 15_000;
const UNKNOWN: Verdict = { isProven: false, isForged: false };
/** Stands for the record of a domain that has none. */
const NO_POLICY: DNSResolver = () => Promise.resolve([['v=DMARC1; p=none']]);

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
    return (await Promise.race([judged(raw, delivery, resolver), late])) ?? UNKNOWN;
  } catch {
    return UNKNOWN;
  } finally {
    clearTimeout(timer);
  }
}

/** Who vouches for a mail: domains whose server it came from, and domains that have signed it. */
type Vouching = Pick<DMARCOptions, 'spfDomains' | 'dkimDomains'>;
type Asking = Pick<DMARCOptions, 'resolver'>;

/**
 * DMARC is about the address that users see, and not about what a library makes of the field From: there may be several of them, of
 * several addresses, some of which nobody can write to.
 */
async function judged(
  raw: Buffer,
  { author, helo, mta, remoteAddress, sender, shown }: Delivery,
  resolver: DNSResolver | undefined,
): Promise<Verdict> {
  const { authenticate } = await import('mailauth');
  const asking: Asking = resolver === undefined ? {} : { resolver };
  const { dkim, spf } = await authenticate(raw, {
    ip: remoteAddress,
    helo,
    sender,
    mta,
    trustReceived: false,
    disableArc: true,
    disableBimi: true,
    disableDmarc: true,
    ...asking,
  });
  const signatures = dkim.results.filter(({ status }) => status.result === 'pass');
  const vouching: Vouching = {
    spfDomains: spf !== false && spf.status.result === 'pass' ? [spf.domain] : [],
    dkimDomains: signatures.map(({ signingDomain, status: { underSized = false } }) => ({
      domain: signingDomain,
      underSized,
    })),
  };
  const verdict = await policyOn(author, vouching, asking);
  if (shown === author) return verdict;
  return { ...verdict, isProven: (await policyOn(shown, vouching, asking)).isProven };
}

/** RFC 7489 §6.6. Where a domain has no policy, a signature of its own vouches for a mail. */
async function policyOn(address: string, vouching: Vouching, asking: Asking): Promise<Verdict> {
  const { dmarc } = await import('mailauth');
  const headerFrom = domainPart(address);
  const result = await dmarc({ ...vouching, ...asking, headerFrom });
  if (result === false) return UNKNOWN;
  if (result.status.result === 'none') {
    const { dkimDomains = [] } = vouching;
    const signed = await dmarc({ dkimDomains, headerFrom, resolver: NO_POLICY });
    return { isProven: signed !== false && isVouchedFor(signed), isForged: false };
  }
  return {
    isProven: isVouchedFor(result),
    isForged: result.status.result === 'fail' && result.policy === 'reject',
  };
}

/** RFC 6376 §8.2: where the beginning of a text is signed, anybody may have written the rest. */
function isVouchedFor({ alignment, status }: DMARCResult): boolean {
  if (status.result !== 'pass') return false;
  const { dkim, spf } = alignment;
  return typeof spf.result === 'string' || Number(dkim.underSized ?? 0) === 0;
}
