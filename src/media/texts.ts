import { catalogue } from '../plugin/index.ts';

/** Why a file does not get to where it was sent. */
export const mediaTexts = catalogue(
  {
    notNow: 'The file cannot be fetched now.',
    notThere: 'The file is not there.',
    unreadable: 'The file comes in a form that cannot be read.',
    notToItsEnd: 'The file could not be fetched to its end.',
    tooLarge: 'The file is too large.',
    noAddress: 'That is no address on the web.',
    wrongType: (type: string) => `Files of the type ${type} are not taken here.`,
    leadsNowhere: (host: string) => `${host} leads nowhere that can be followed.`,
    closed: (host: string) => `The gateway does not fetch anything from ${host}.`,
    unreachable: (host: string) => `${host} could not be reached.`,
  },
  {
    de: {
      notNow: 'Die Datei lässt sich gerade nicht abrufen.',
      notThere: 'Die Datei ist nicht da.',
      unreadable: 'Die Datei kommt in einer Form, die nicht zu lesen ist.',
      notToItsEnd: 'Die Datei ließ sich nicht bis zum Ende abrufen.',
      tooLarge: 'Die Datei ist zu groß.',
      noAddress: 'Das ist keine Adresse im Web.',
      wrongType: (type: string) => `Dateien vom Typ ${type} werden hier nicht angenommen.`,
      leadsNowhere: (host: string) => `${host} führt nirgendwohin, wohin man folgen könnte.`,
      closed: (host: string) => `Das Gateway ruft von ${host} nichts ab.`,
      unreachable: (host: string) => `${host} ist nicht zu erreichen.`,
    },
  },
);
