/** What is waited for, but no longer than this. @param late makes what is thrown then; what was begun goes on, and nobody hears of its end */
export async function inTime<Answer>(
  pending: Promise<Answer>,
  limitMs: number,
  late: () => Error,
): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), limitMs);
    timer.unref();
  });
  try {
    return await Promise.race([pending, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** The same where it is no trouble when it takes longer: `undefined` then. */
export async function soon<Answer>(
  pending: Promise<Answer>,
  limitMs: number,
): Promise<Answer | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, limitMs, undefined);
  });
  try {
    return await Promise.race([pending, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
