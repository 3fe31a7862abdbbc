import { catalogue } from '../../plugin/index.ts';

/** What people read of commands as such. */
export const commandTexts = catalogue(
  {
    commands: 'Commands',
    onlyAdmins: 'Only administrators may do this.',
    notOpen: 'This gateway is not open to you.',
    noCommand: 'There is no such command here.',
    notSubmitted: 'This is not a submitted form.',
    noAction: 'This cannot be done here.',
    unknownRun: 'Nothing like that is under way.',
    isOver: 'This is over. Begin again.',
    isBusy: 'The last answer is still being looked at.',
    tooMany: 'Too much is under way for you at once.',
  },
  {
    de: {
      commands: 'Befehle',
      onlyAdmins: 'Das dürfen nur Administratoren.',
      notOpen: 'Dieses Gateway steht Ihnen nicht offen.',
      noCommand: 'Diesen Befehl gibt es hier nicht.',
      notSubmitted: 'Das ist kein abgesendetes Formular.',
      noAction: 'Das geht hier nicht.',
      unknownRun: 'Dergleichen läuft gerade nicht.',
      isOver: 'Das ist vorbei. Beginnen Sie noch einmal.',
      isBusy: 'Die letzte Antwort wird noch bearbeitet.',
      tooMany: 'Für Sie läuft gerade zu vieles zugleich.',
    },
  },
);
