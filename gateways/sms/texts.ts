import { catalogue } from '../../src/plugin/index.ts';
import type { FailureReason } from './provider.ts';

type Failures = Readonly<Record<FailureReason, string>>;

const failures: Failures = {
  absent: 'The phone cannot be reached: it is switched off, or out of its network.',
  blocked: 'The number, or its network, does not take texts from you.',
  'bad-number': 'There is no phone with this number that takes texts.',
  'bad-sender': 'Your number cannot send this text; the administrator has to look at it.',
  country: 'The provider does not carry texts to this country.',
  'opted-out':
    'This number has asked for no more texts from yours. It can allow them again by a text with the word START.',
  filtered: 'The network took the text for spam and did not deliver it.',
  expired: 'The text could not be delivered in time.',
  'too-large': 'The text, or what goes with it, is too large.',
  'bad-media': 'The network cannot carry the file that goes with it.',
  unknown: 'The network could not deliver the text.',
};

const english = {
  prompt: 'Enter a phone number.',
  promptMore: (region: string | undefined): string =>
    region === undefined
      ? 'With its country code, as in +15005550006.'
      : `With its country code, as in +15005550006, or as it is dialled within ${region}.`,

  signInTitle: 'Texts (SMS)',
  signIn: 'Register to send and get texts.',
  signInNumbers: (numbers: string) => `These numbers are yours to use: ${numbers}.`,
  signInClaim: 'You may also register a number of your own: a code is sent to it.',
  phone: 'Your phone number here',
  region: 'Country in which you read numbers, such as US',
  noSuchRegion: 'That is no country: two letters, such as US.',
  notANumber: 'That is no phone number. Write it with its country code, as in +15005550006.',
  noNumber: 'No number is assigned to you. Ask the administrator for one.',
  whichNumber: 'Say which of your numbers to use.',
  notYours: (number: string) => `${number} is not assigned to you.`,
  taken: (number: string) => `${number} belongs to somebody else.`,
  codeTitle: 'Prove that it is yours',
  codeStep: (number: string) => `A code of six digits was sent to ${number}. Write it here.`,
  code: 'Code',
  codeText: (code: string, domain: string) =>
    `${code} is your code for ${domain}. If you did not ask for it, do nothing.`,
  codeWrong: 'That is not the code.',
  codeExpired: 'The code was wrong too often, or is too old. Register again for another one.',
  codeTooMany: 'Too many codes were sent already. Try again later.',

  notRunning: 'The gateway is about to stop, or has just begun.',
  nothing: 'There is nothing in this text that could be sent.',
  numberGone: 'No number is assigned to you any more. Ask the administrator for one.',
  toName: 'A sender with a name has no number: it cannot be answered.',
  toEmergency: 'Texts to emergency numbers are not carried. Call instead.',
  toSelf: 'This is your own number.',
  shortCodes: 'Texts to short codes are not allowed here, as they may cost a lot.',
  premium: 'Texts to numbers that cost extra are not allowed here.',
  country: (country: string) => `Texts to this country (${country}) are not allowed here.`,
  blocked: 'Texts to this number are not allowed here.',
  tooLong: (segments: number, most: number) =>
    `The text is too long: it takes ${segments} segments, and ${most} are allowed.`,
  quotaDay: (most: number) => `You have sent as much as is allowed in one day (${most} segments).`,
  quotaMonth: (most: number) =>
    `You have sent as much as is allowed in one month (${most} segments).`,
  noGroups:
    'A text to several people who see each other cannot be sent here. Write to each of them.',
  noFiles: 'Files cannot be sent to phones here.',
  tooManyFiles: (most: number) => `At most ${most} files go with one text.`,
  filesTooLarge: (megabytes: string) =>
    `The files are too large: ${megabytes} MB are allowed in all.`,
  providerDown: 'The provider of texts cannot be reached now.',
  providerRefuses:
    'The provider of texts refuses this gateway; the administrator has to look at it.',
  providerBusy: 'The provider of texts takes no more at the moment.',
  uncertain: 'The provider of texts did not answer: it may or may not have taken the text.',
  failed: (reason: FailureReason): string => failures[reason],

  emptyText: '(a text without a word)',
  notText: (bytes: number) => `(a message for the phone itself, ${bytes} bytes, and no text)`,

  status: 'My number and what I have sent',
  statusWord: 'status',
  statusIs: (number: string, today: number, day: number, thisMonth: number, month: number) =>
    `Your number is ${number}. You have sent ${today} of ${day} segments today, and ${thisMonth} of ${month} this month.`,
  none: 'none',
  claim: 'Get the texts of this contact',
  claimWord: 'claim',
  claimShared: (contact: string, number: string) =>
    `From now on texts of ${contact} to the shared number ${number} come to you.`,
  claimReleased: (contact: string) => `Texts of ${contact} are no longer kept for you.`,
  claimAsk: (number: string) =>
    `Several people share ${number}. Shall the texts of this contact come to you?`,
  claimYes: 'They shall come to me',
  claimNotShared: 'Your number is yours alone: all its texts come to you anyway.',
  again: 'Write again to somebody who wanted no more texts',
  againWord: 'again',
  againIs: (contact: string) => `It is forgotten that ${contact} wanted no more texts.`,

  assign: 'Assign a number',
  assignWord: 'assign',
  assignStep: 'Whose shall the number be? Nobody takes it away. Several people share it.',
  assignNumber: 'Number',
  assignUsers: 'Addresses of the users, one a line',
  assignIs: (number: string, users: string) => `${number} now belongs to ${users}.`,
  assignNobody: (number: string) => `${number} now belongs to nobody.`,
  assignFixed: (number: string) =>
    `${number} is assigned in the configuration, and can be changed there only.`,
  assignNoUser: (text: string) => `"${text}" is no address of a user, such as alice@example.org.`,
  numbers: 'Numbers and whose they are',
  numbersWord: 'numbers',
  quota: 'Set what a user may send',
  quotaWord: 'quota',
  quotaStep: 'An empty field stands for what the configuration says.',
  quotaUser: 'Address of the user',
  quotaPerDay: 'Segments a day',
  quotaPerMonth: 'Segments a month',
  quotaIs: (user: string, day: number, month: number) =>
    `${user} may send ${day} segments a day and ${month} a month.`,
  notANumberOf: 'That is no number of segments.',
  block: 'Block numbers',
  blockWord: 'block',
  blockStep:
    'Texts go to no number that begins so. What the configuration blocks is blocked besides.',
  blockPrefixes: 'Beginnings of numbers, one a line, such as +1900',
  blockIs: (count: number) => `${count} beginnings of numbers are blocked.`,
  blockWrong: (text: string) => `"${text}" is no beginning of a number.`,
  providers: 'Providers and how they are',
  providersWord: 'providers',
};

type Texts = typeof english;

const german: Texts = {
  prompt: 'Geben Sie eine Telefonnummer ein.',
  promptMore: (region) =>
    region === undefined
      ? 'Mit Landesvorwahl, wie +15005550006.'
      : `Mit Landesvorwahl, wie +15005550006, oder wie man sie in ${region} wählt.`,

  signInTitle: 'Kurznachrichten (SMS)',
  signIn: 'Melden Sie sich an, um Kurznachrichten zu senden und zu bekommen.',
  signInNumbers: (numbers) => `Diese Nummern können Sie benutzen: ${numbers}.`,
  signInClaim: 'Sie können auch eine eigene Nummer anmelden: An sie wird ein Code geschickt.',
  phone: 'Ihre Telefonnummer hier',
  region: 'Land, in dem Sie Nummern lesen, wie DE',
  noSuchRegion: 'Das ist kein Land: zwei Buchstaben, wie DE.',
  notANumber: 'Das ist keine Telefonnummer. Schreiben Sie sie mit Landesvorwahl, wie +15005550006.',
  noNumber: 'Ihnen ist keine Nummer zugeteilt. Bitten Sie die Verwaltung um eine.',
  whichNumber: 'Sagen Sie, welche Ihrer Nummern Sie benutzen wollen.',
  notYours: (number) => `${number} ist Ihnen nicht zugeteilt.`,
  taken: (number) => `${number} gehört schon jemandem.`,
  codeTitle: 'Zeigen Sie, dass sie Ihnen gehört',
  codeStep: (number) =>
    `Ein Code aus sechs Ziffern ging an ${number}. Schreiben Sie ihn hier hinein.`,
  code: 'Code',
  codeText: (code, domain) =>
    `${code} ist Ihr Code für ${domain}. Wenn Sie keinen verlangt haben, tun Sie nichts.`,
  codeWrong: 'Das ist nicht der Code.',
  codeExpired:
    'Der Code war zu oft falsch oder ist zu alt. Melden Sie sich für einen neuen wieder an.',
  codeTooMany: 'Es wurden schon zu viele Codes verschickt. Versuchen Sie es später.',

  notRunning: 'Das Gateway hält gerade an oder fängt gerade an.',
  nothing: 'In diesem Text ist nichts, was man senden könnte.',
  numberGone: 'Ihnen ist keine Nummer mehr zugeteilt. Bitten Sie die Verwaltung um eine.',
  toName: 'Ein Absender mit Namen hat keine Nummer: Man kann ihm nicht antworten.',
  toEmergency: 'Texte an Notrufnummern werden nicht befördert. Rufen Sie dort an.',
  toSelf: 'Das ist Ihre eigene Nummer.',
  shortCodes: 'Texte an Kurzwahlnummern sind hier nicht erlaubt, denn sie können viel kosten.',
  premium: 'Texte an Nummern mit Zuschlag sind hier nicht erlaubt.',
  country: (country) => `Texte in dieses Land (${country}) sind hier nicht erlaubt.`,
  blocked: 'Texte an diese Nummer sind hier nicht erlaubt.',
  tooLong: (segments, most) =>
    `Der Text ist zu lang: Er braucht ${segments} Teile, und ${most} sind erlaubt.`,
  quotaDay: (most) => `Sie haben so viel gesendet, wie an einem Tag erlaubt ist (${most} Teile).`,
  quotaMonth: (most) =>
    `Sie haben so viel gesendet, wie in einem Monat erlaubt ist (${most} Teile).`,
  noGroups:
    'Ein Text an mehrere, die einander sehen, lässt sich hier nicht senden. Schreiben Sie jedem einzeln.',
  noFiles: 'Dateien lassen sich hier nicht an Telefone senden.',
  tooManyFiles: (most) => `Mit einem Text gehen höchstens ${most} Dateien.`,
  filesTooLarge: (megabytes) => `Die Dateien sind zu groß: Erlaubt sind zusammen ${megabytes} MB.`,
  providerDown: 'Der Anbieter für Kurznachrichten ist gerade nicht zu erreichen.',
  providerRefuses:
    'Der Anbieter für Kurznachrichten weist dieses Gateway ab; die Verwaltung muss danach sehen.',
  providerBusy: 'Der Anbieter für Kurznachrichten nimmt gerade nichts mehr an.',
  uncertain: 'Der Anbieter antwortete nicht: Vielleicht hat er den Text, vielleicht nicht.',
  failed: (reason) => germanFailures[reason],

  emptyText: '(ein Text ohne ein Wort)',
  notText: (bytes) => `(eine Nachricht für das Telefon selbst, ${bytes} Bytes, und kein Text)`,

  status: 'Meine Nummer und was ich gesendet habe',
  statusWord: 'nummer',
  statusIs: (number, today, day, thisMonth, month) =>
    `Ihre Nummer ist ${number}. Sie haben heute ${today} von ${day} Teilen gesendet, in diesem Monat ${thisMonth} von ${month}.`,
  none: 'keine',
  claim: 'Die Texte dieses Kontakts bekommen',
  claimWord: 'übernehmen',
  claimShared: (contact, number) =>
    `Von jetzt an kommen Texte von ${contact} an die gemeinsame Nummer ${number} zu Ihnen.`,
  claimReleased: (contact) => `Texte von ${contact} werden nicht mehr für Sie zurückgelegt.`,
  claimAsk: (number) =>
    `Mehrere teilen sich ${number}. Sollen die Texte dieses Kontakts zu Ihnen kommen?`,
  claimYes: 'Sie sollen zu mir kommen',
  claimNotShared: 'Ihre Nummer gehört Ihnen allein: Alle ihre Texte kommen ohnehin zu Ihnen.',
  again: 'Jemandem wieder schreiben, der keine Texte mehr wollte',
  againWord: 'wieder',
  againIs: (contact) => `Es ist vergessen, dass ${contact} keine Texte mehr wollte.`,

  assign: 'Eine Nummer zuteilen',
  assignWord: 'zuteilen',
  assignStep: 'Wem soll die Nummer gehören? Niemand heißt: Sie wird frei. Mehrere teilen sie sich.',
  assignNumber: 'Nummer',
  assignUsers: 'Adressen der Benutzer, eine in jeder Zeile',
  assignIs: (number, users) => `${number} gehört jetzt ${users}.`,
  assignNobody: (number) => `${number} gehört jetzt niemandem.`,
  assignFixed: (number) =>
    `${number} ist in der Konfiguration zugeteilt und lässt sich nur dort ändern.`,
  assignNoUser: (text) => `„${text}“ ist keine Adresse eines Benutzers, wie alice@example.org.`,
  numbers: 'Nummern und wem sie gehören',
  numbersWord: 'nummern',
  quota: 'Festlegen, was jemand senden darf',
  quotaWord: 'kontingent',
  quotaStep: 'Ein leeres Feld steht für das, was in der Konfiguration steht.',
  quotaUser: 'Adresse des Benutzers',
  quotaPerDay: 'Teile am Tag',
  quotaPerMonth: 'Teile im Monat',
  quotaIs: (user, day, month) => `${user} darf ${day} Teile am Tag und ${month} im Monat senden.`,
  notANumberOf: 'Das ist keine Anzahl von Teilen.',
  block: 'Nummern sperren',
  blockWord: 'sperren',
  blockStep:
    'An Nummern, die so beginnen, gehen keine Texte. Was die Konfiguration sperrt, bleibt dazu gesperrt.',
  blockPrefixes: 'Anfänge von Nummern, einer in jeder Zeile, wie +1900',
  blockIs: (count) => `${count} Anfänge von Nummern sind gesperrt.`,
  blockWrong: (text) => `„${text}“ ist kein Anfang einer Nummer.`,
  providers: 'Anbieter und wie es ihnen geht',
  providersWord: 'anbieter',
};

const germanFailures: Failures = {
  absent: 'Das Telefon ist nicht zu erreichen: Es ist ausgeschaltet oder ohne Netz.',
  blocked: 'Die Nummer oder ihr Netz nimmt keine Texte von Ihnen an.',
  'bad-number': 'Unter dieser Nummer gibt es kein Telefon, das Texte annimmt.',
  'bad-sender': 'Ihre Nummer kann diesen Text nicht senden; die Verwaltung muss danach sehen.',
  country: 'Der Anbieter befördert keine Texte in dieses Land.',
  'opted-out':
    'Diese Nummer will keine Texte mehr von Ihrer. Mit dem Wort START in einem Text kann sie das ändern.',
  filtered: 'Das Netz hielt den Text für Werbung und stellte ihn nicht zu.',
  expired: 'Der Text ließ sich nicht rechtzeitig zustellen.',
  'too-large': 'Der Text oder was dazu gehört ist zu groß.',
  'bad-media': 'Das Netz kann die Datei nicht befördern, die dazu gehört.',
  unknown: 'Das Netz konnte den Text nicht zustellen.',
};

export const texts = catalogue(english, { de: german });
export type { Texts };
