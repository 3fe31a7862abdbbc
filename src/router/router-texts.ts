import { catalogue } from '../plugin/index.ts';

/** What people read when a stanza of theirs comes no further than the router. */
export const routerTexts = catalogue(
  {
    notOpen: 'This gateway is not open to you.',
    registerFirst: 'Register with this gateway first.',
    tooFast: 'You are sending too fast for this gateway.',
    tooLarge: (reason: string) => reason,
    noRoom: 'There is no room at this address.',
    nobody: 'No address of this gateway looks like that.',
    meant: (jid: string) => `Do you mean ${jid}?`,
  },
  {
    de: {
      notOpen: 'Dieses Gateway steht Ihnen nicht offen.',
      registerFirst: 'Melden Sie sich zuerst bei diesem Gateway an.',
      tooFast: 'Sie senden zu schnell für dieses Gateway.',
      nobody: 'So sieht keine Adresse dieses Gateways aus.',
      meant: (jid) => `Meinen Sie ${jid}?`,
      noRoom: 'Unter dieser Adresse gibt es keinen Raum.',
      tooLarge: () =>
        'Was Sie gesendet haben, ist zu groß oder zu verschachtelt für dieses Gateway, oder kein richtiges XML.',
    },
  },
);
