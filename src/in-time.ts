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
