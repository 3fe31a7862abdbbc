import type { Examination, Finding, Gateway } from '../../plugin/index.ts';

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
    return found.map(({ verdict, about, text, advice }) => ({
      verdict,
      about: domain,
      text: `${about}: ${text}`,
      ...(advice === undefined ? {} : { advice }),
    }));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return [
      { verdict: 'trouble', about: domain, text: `its network could not be looked at: ${text}` },
    ];
  }
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
