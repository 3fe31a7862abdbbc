import type { Examination, Finding, Gateway } from '../../plugin/index.ts';
import type { Health } from './web.ts';

type Told = Omit<Finding, 'advice'> & { readonly advice?: string | undefined };

/** What a gateway may take after its time is up. */
const GRACE_MS = 1_000;

/** What a gateway itself finds; nothing where it does not look. */
export async function examineGateway(
  domain: string,
  gateway: Gateway,
  examination: Examination,
): Promise<readonly Finding[]> {
  if (gateway.diagnose === undefined) return [];
  try {
    const found = await orLate(gateway.diagnose(examination), examination.signal);
    return found.map((finding) => ofDomain(domain, finding));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return [
      { verdict: 'trouble', about: domain, text: `its network could not be looked at: ${text}` },
    ];
  }
}

/** What the gateway that runs says of connections that it alone may have; its log where it cannot be asked. */
export function toldOf(
  domain: string,
  gateway: Gateway,
  health: Health | undefined,
): readonly Finding[] {
  const own = gateway.condition?.() ?? [];
  if (health !== undefined) {
    return (health.networks[domain] ?? []).map(({ verdict, about, text, advice }) =>
      ofDomain(domain, { verdict, about, text: `${text}, says the running gateway`, advice }),
    );
  }
  return own.map(({ about }) =>
    ofDomain(domain, {
      verdict: 'ok',
      about,
      text: 'the log of the running gateway says how it is',
    }),
  );
}

function ofDomain(domain: string, { verdict, about, text, advice }: Told): Finding {
  const words = `${about}: ${text}`;
  return { verdict, about: domain, text: words, ...(advice === undefined ? {} : { advice }) };
}

async function orLate<Result>(pending: Promise<Result>, signal: AbortSignal): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const wait = (): void => {
      timer = setTimeout(() => reject(new Error('no answer in time')), GRACE_MS);
    };
    if (signal.aborted) wait();
    else signal.addEventListener('abort', wait, { once: true });
  });
  try {
    return await Promise.race([pending, late]);
  } finally {
    clearTimeout(timer);
  }
}
