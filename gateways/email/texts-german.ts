import type { Texts } from './texts-english.ts';

export const german: Texts = {
  prompt: 'Mailadresse, etwa user@example.org',
  promptDescription: 'Schreibe an user\\40example.org bei diesem Gateway, oder user%example.org.',

  encryptedPgp: 'Diese Mail ist verschlüsselt (PGP) und kann hier nicht gelesen werden.',
  encryptedSmime:
    'Diese Mail ist verschlüsselt (S/MIME) und kann hier nicht gelesen werden; die Datei ist angehängt.',
  signedSmime:
    'Diese Mail ist auf eine Weise signiert (S/MIME), die hier nicht gezeigt werden kann; die Datei ist angehängt.',
  winmail: 'Outlook hat, was zu dieser Mail gehört, in winmail.dat verpackt.',
  invitation: 'Einladung',
  invitationReply: 'Antwort auf eine Einladung',
  cancellation: 'Abgesagt',
  htmlAttached:
    'Diese Mail ist zu groß oder zu verwickelt, um ganz gezeigt zu werden; sie ist vollständig angehängt.',
  cutOff: '[Die Mail geht weiter; frage nach ihrem vollen Text.]',
  unreadable: 'Diese Mail ließ sich nicht zerlegen; nur ihr Kopf wird gezeigt.',
  emptyMail: 'leere Mail',
  unclearSender: (given: string): string =>
    given === '' ? 'Diese Mail nennt keinen Absender.' : `Diese Mail nennt als Absender: ${given}`,
};
