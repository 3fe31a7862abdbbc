/** Whether something failed because another connection is writing. */
export function isBusy(error: unknown): boolean {
  return (
    error instanceof Error &&
    /SQLITE_BUSY|database is locked/.test(`${error.message} ${codeOf(error)}`)
  );
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : '';
}
