import { catalogue } from '../plugin/index.ts';

/** What people read who get no session. */
export const sessionTexts = catalogue(
  { tooManyUsers: 'There are too many users on this gateway now.' },
  { de: { tooManyUsers: 'Auf diesem Gateway sind gerade zu viele Benutzer.' } },
);
