import { catalogue } from '../plugin/index.ts';

/** What people read who get no session, or one that knows nothing of them. */
export const sessionTexts = catalogue(
  {
    tooManyUsers: 'There are too many users on this gateway now.',
    cannotRead: 'The gateway cannot read your registration at the moment. Try again later.',
  },
  {
    de: {
      tooManyUsers: 'Auf diesem Gateway sind gerade zu viele Benutzer.',
      cannotRead:
        'Das Gateway kann Ihre Anmeldung im Augenblick nicht lesen. Versuchen Sie es später noch einmal.',
    },
  },
);
