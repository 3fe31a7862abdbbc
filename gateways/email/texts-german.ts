import type { Texts } from './texts-english.ts';

export const german: Texts = {
  prompt: 'Mailadresse, etwa user@example.org',
  promptDescription: 'Geben Sie die Mailadresse der Person ein, etwa user@example.org.',

  signInMailbox:
    'Ihre Mailadresse und das Passwort dazu. Die Server werden bei den meisten Anbietern von selbst gefunden; wenn nicht, füllen Sie bitte auch den Rest aus.',
  signInName: (domain) =>
    `Wählen Sie Ihren Namen bei ${domain}: Mails an ihn kommen hier zu Ihnen.`,
  signInEither: (domain) =>
    `Nehmen Sie Ihr eigenes Postfach (Adresse und Passwort), oder wählen Sie einen Namen bei ${domain}.`,
  fieldEmail: 'Mailadresse',
  fieldPassword: 'Passwort des Postfachs',
  fieldUserName: (domain) => `Ihr Name bei ${domain}`,
  fieldName: 'Ihr Name, wie andere ihn sehen',
  fieldLogin: 'Benutzername, wenn es nicht die Mailadresse ist',
  fieldHost: (kind) => `${kind}-Server, wenn er nicht von selbst gefunden wird`,
  fieldPort: (kind) => `${kind}-Port`,
  fieldSecurity: (kind) => `${kind}-Verschlüsselung`,
  security: { tls: 'TLS', starttls: 'STARTTLS' },
  noAddress: 'Das ist keine Mailadresse. Sie sieht aus wie user@example.org.',
  passwordOfWhat:
    'Um das Passwort Ihres Postfachs zu ändern, nennen Sie auch dessen Adresse. Für einen Namen statt dessen lassen Sie das Passwort weg.',
  noPassword: 'Das Passwort des Postfachs fehlt.',
  noName: 'Bitte wählen Sie einen Namen.',
  badName: 'Ein Name besteht aus Buchstaben a bis z, Ziffern, und . _ - dazwischen.',
  reservedName: 'Dieser Name ist vorbehalten. Bitte wählen Sie einen anderen.',
  nameTaken: 'Diesen Namen hat schon jemand. Bitte wählen Sie einen anderen.',
  noHost: (host) => `Das ist kein Name eines Servers: ${host}`,
  serversWanted:
    'Die Mailserver zu dieser Adresse ließen sich nicht finden. Bitte geben Sie den IMAP- und den SMTP-Server an.',
  onlyKnown: (domains) => `Hier gehen nur Adressen dieser Anbieter: ${domains.join(', ')}.`,
  giveConsent:
    'Öffnen Sie diese Seite, melden Sie sich dort an und stimmen Sie zu. Am Ende steht dort eine Zahl: Geben Sie die hier ein.',
  fieldProof: 'Zahl',
  wrongProof: 'Das ist nicht die Zahl auf der Seite.',
  tooManyProofs: 'Die Zahl war zu oft falsch. Bitte beginnen Sie die Anmeldung von vorn.',
  consentMissing: 'Ihre Zustimmung ist noch nicht angekommen.',
  consentRefused: (why) => `Der Anbieter hat keinen Zugang gegeben: ${why}.`,
  noConsentHere:
    'Dieser Anbieter braucht für die Zustimmung eine Webseite, die hier nicht eingerichtet ist.',
  noRefreshToken: 'Der Anbieter gab keinen dauerhaften Zugang.',
  tokenUnreachable: 'Die Anmeldung des Anbieters ist gerade nicht erreichbar.',
  backKnown: (user, address, proof) =>
    [
      `${user} möchte die Mails von ${address} lesen und in diesem Namen Mails senden.`,
      `Wenn Sie das sind: Gehen Sie zurück in Ihr Chatprogramm und geben Sie dort diese Zahl ein: ${proof}`,
      'Wenn es jemand anders ist: Sagen Sie niemandem die Zahl, und nehmen Sie die Zustimmung bei Ihrem Anbieter zurück.',
    ].join('\n'),
  backRefused:
    'Sie haben nicht zugestimmt. Gehen Sie zurück in Ihr Chatprogramm und machen Sie dort weiter.',
  backUnknown: 'Darauf wartet niemand mehr. Bitte beginnen Sie die Anmeldung von vorn.',
  registerFirst: 'Sie haben hier kein Postfach. Bitte melden Sie sich bei diesem Gateway an.',

  imapRefuses: (words) =>
    words === ''
      ? 'Der IMAP-Server lehnt die Anmeldung ab.'
      : `Der IMAP-Server lehnt die Anmeldung ab: ${words}`,
  smtpRefuses: (words) =>
    words === ''
      ? 'Der SMTP-Server lehnt die Anmeldung ab.'
      : `Der SMTP-Server lehnt die Anmeldung ab: ${words}`,
  serverSays: (words) => `Der Mailserver sagt: ${words}`,
  imapUntrusted: (problem) => `Dem Zertifikat des IMAP-Servers ist nicht zu trauen (${problem}).`,
  smtpUntrusted: (problem) => `Dem Zertifikat des SMTP-Servers ist nicht zu trauen (${problem}).`,
  imapUnreachable: 'Der IMAP-Server ist nicht erreichbar.',
  imapLost: 'Die Verbindung zum IMAP-Server ist abgerissen.',
  smtpUnreachable: 'Der SMTP-Server ist nicht erreichbar.',
  noSuchHost: (host) => `Es gibt keinen Server ${host}.`,
  insideHost: (host) => `Der Server ${host} ist nicht im öffentlichen Internet.`,
  uncertain: 'Die Verbindung riss ab, bevor der Mailserver sagte, ob er die Mail genommen hat.',
  slowServer: 'Der Mailserver hat die Mail und hat noch nicht gesagt, ob er sie nimmt.',
  fileTooLarge: 'Die Datei ist zu groß für eine Mail.',
  tooLargeForServer: 'Die Mail ist zu groß für den Mailserver.',
  tooFast: 'Zu viele Mails in kurzer Zeit.',
  mailboxAway: (why) => `Ihr Postfach lässt sich nicht lesen: ${why} Es wird weiter versucht.`,
  mailboxRefused: (why) =>
    `${why} Es kommt keine Mail mehr an, bis Sie sich mit dem richtigen Passwort neu registrieren.`,
  mailboxBack: 'Ihr Postfach lässt sich wieder lesen.',

  onlyContacts: 'Mails gehen nur an Adressen.',
  readOnlyList: 'Diese Liste nimmt keine Mails an.',
  noMailbox: 'Ihre Adresse ist bei diesem Gateway; dahinter steht kein Postfach.',
  onlyAscii: (addresses) =>
    `Ihr Mailserver nimmt keine Adressen mit anderen Buchstaben als a bis z, und so auch diese Mail nicht: ${addresses}`,
  bounced: (who, why) =>
    why === ''
      ? `Die Mail an ${who} ließ sich nicht zustellen.`
      : `Die Mail an ${who} ließ sich nicht zustellen: ${why}`,
  givenUp: (why) =>
    why === '' ? 'es wurde zu lange versucht.' : `es wurde zu lange versucht. ${why}`,
  notTriedAgain: 'Der Server hat sie vorerst abgelehnt, und es wird nicht noch einmal versucht.',
  hasUnregistered: 'Sie haben sich vorher abgemeldet.',
  notFiled: (subject, to, why) =>
    `Ihre Mail „${subject}“ an ${to} ist hinausgegangen, aber in Ihrem Postfach ließ sich keine Kopie ablegen. ${why}`.trim(),

  tooLarge: (megabytes) =>
    `Diese Mail hat ${megabytes} MB, zu viel, um hier gezeigt zu werden. Sie liegt in Ihrem Postfach.`,
  unfetchable:
    'Es ist eine Mail gekommen, die Ihr Mailserver nicht herausgibt. Suchen Sie sie mit einem anderen Mailprogramm.',
  newsletters: (count) => (count === 1 ? 'Ein Rundbrief:' : `${count} Rundbriefe:`),
  unproven: 'nicht überprüft',
  encryptedPgp: 'Diese Mail ist verschlüsselt (PGP) und kann hier nicht gelesen werden.',
  encryptedSmime:
    'Diese Mail ist verschlüsselt (S/MIME) und kann hier nicht gelesen werden; die Datei ist angehängt.',
  signedSmime:
    'Diese Mail ist auf eine Weise signiert (S/MIME), die hier nicht gezeigt werden kann; die Datei ist angehängt.',
  winmail: 'Outlook hat, was zu dieser Mail gehört, in winmail.dat verpackt.',
  invitation: 'Einladung',
  invitationReply: 'Antwort auf eine Einladung',
  invitationAccepted: 'Einladung angenommen',
  invitationDeclined: 'Einladung abgelehnt',
  invitationTentative: 'Einladung vielleicht angenommen',
  cancellation: 'Abgesagt',
  htmlAttached:
    'Diese Mail ist zu groß oder zu verwickelt, um ganz gezeigt zu werden; sie ist vollständig angehängt.',
  cutOff: '[Die Mail geht weiter; frage nach ihrem vollen Text.]',
  unreadable: 'Diese Mail ließ sich nicht zerlegen; nur ihr Kopf wird gezeigt.',
  emptyMail: 'leere Mail',
  unclearSender: (given) =>
    given === '' ? 'Diese Mail nennt keinen Absender.' : `Diese Mail nennt als Absender: ${given}`,

  fullTextName: 'Die letzte Mail ganz zeigen',
  fullTextWord: 'volltext',
  noFullText: 'So eine Mail gibt es nicht mehr.',
  recentName: 'Die letzten Mails zeigen',
  recentWord: 'letzte',
  recentAsk: (most) => `Wie viele der letzten Mails sollen gezeigt werden? Höchstens ${most}.`,
  recentCount: 'Anzahl',
  recentDone: (count) =>
    count === 1
      ? 'Eine Mail; sie kommt jetzt, wenn Sie sie noch nicht haben.'
      : `${count} Mails; sie kommen jetzt, wenn Sie sie noch nicht haben.`,
  settingsName: 'Maileinstellungen',
  settingsWord: 'einstellungen',
  settingsAsk: 'Wählen Sie, was durchkommt, und wie.',
  settingsDone: 'Ihre Einstellungen sind gemerkt.',
  levelLabel: 'Wessen Mails gezeigt werden',
  levels: {
    all: 'von allen',
    replies: 'von Kontakten, und Antworten auf meine Mails',
    contacts: 'nur von Kontakten',
  },
  newslettersLabel: 'Rundbriefe',
  newsletterChoices: {
    digest: 'ab und zu als Überschrift',
    messages: 'wie andere Mails',
    nothing: 'gar nicht',
  },
  seenLabel: 'Mails im Postfach als gelesen markieren, wenn ich sie hier gesehen habe',
  shownLabel: 'Mails hier als gelesen zeigen, wenn ich sie mit einem anderen Programm gelesen habe',
  foldersLabel: 'Weitere Ordner, einer je Zeile',
  foldersHint: '\\Sent zeigt, was Sie mit anderen Programmen schreiben.',
  unsubscribeName: 'Diese Liste oder diesen Rundbrief verlassen',
  unsubscribeWord: 'abbestellen',
  noUnsubscribe: 'Die letzte Mail sagt nicht, wie man sich abmeldet.',
  unsubscribeAsk: (where) => `Abgemeldet wird über ${where}.`,
  unsubscribeSure: 'Ja, abmelden',
  unsubscribeLink: (link) => `Abmelden kann man sich auf dieser Seite: ${link}`,
  unsubscribed: 'Sie haben um die Abmeldung gebeten.',
  nothingDone: 'Es wurde nichts geändert.',
  dnsName: 'DNS-Einträge der Maildomain',
  dnsWord: 'dns-einträge',
  dnsIntroduction:
    'Veröffentliche diese Einträge, neben einem MX-Eintrag, der diesen Server nennt:',
  aliasName: 'Adressen, die für jemanden stehen',
  aliasWord: 'aliase',
  aliasAsk: 'Ein weiterer Name, und wem er gehört. Ohne Besitzer wird er weggenommen.',
  aliasLabel: 'Name',
  aliasTarget: 'Name dessen, der die Mails bekommt',
  aliasRemoved: (alias) => `${alias} ist weggenommen.`,
  noAlias: 'So einen Namen gibt es nicht.',
  aliasSet: (address, target) => `Mails an ${address} gehen jetzt an ${target}.`,
  tooMany: 'Es sind schon zu viele.',
};
