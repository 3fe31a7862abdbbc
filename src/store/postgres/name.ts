/** What a database is called in logs and errors: where it is, without user and password. */
export function databaseName(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${decodeURIComponent(pathname.slice(1))} at ${host === '' ? 'the local socket' : host}`;
  } catch {
    return 'of PostgreSQL';
  }
}
