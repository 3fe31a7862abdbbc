/** In English; decides which texts there are. */
export const english = {
  prompt: 'Mail address, as in user@example.org',
  promptDescription: 'Type the mail address of the person, as in user@example.org.',

  // Registration.
  signInMailbox:
    'Your mail address and its password. The servers are found by themselves for most providers; if not, fill in the rest.',
  signInName: (domain: string): string =>
    `Choose your name at ${domain}: mail to it comes to you here.`,
  signInEither: (domain: string): string =>
    `Use your own mailbox (address and password), or choose a name at ${domain}.`,
  fieldEmail: 'Mail address',
  fieldPassword: 'Password of the mailbox',
  fieldUserName: (domain: string): string => `Your name at ${domain}`,
  fieldName: 'Your name, as others see it',
  fieldLogin: 'User name, if it is not the mail address',
  fieldHost: (kind: string): string => `${kind} server, if it is not found by itself`,
  fieldPort: (kind: string): string => `${kind} port`,
  fieldSecurity: (kind: string): string => `${kind} security`,
  security: { tls: 'TLS', starttls: 'STARTTLS' },
  noAddress: 'This is not a mail address. It looks like user@example.org.',
  passwordOfWhat:
    'To change the password of your mailbox, give its address, too. For a name in place of it, leave the password out.',
  noPassword: 'The password of the mailbox is missing.',
  noName: 'Choose a name.',
  badName: 'A name is made of letters a to z, digits, and . _ - in between.',
  reservedName: 'This name is reserved. Please choose another one.',
  nameTaken: 'Somebody else has this name. Please choose another one.',
  noHost: (host: string): string => `This is not the name of a server: ${host}`,
  serversWanted:
    'The mail servers of this address could not be found out. Please fill in the IMAP and the SMTP server.',
  onlyKnown: (domains: readonly string[]): string =>
    `Only addresses of these providers can be used here: ${domains.join(', ')}.`,
  giveConsent:
    'Open this page, sign in there and give your consent. It ends with a number: enter that here.',
  fieldProof: 'Number',
  wrongProof: 'That is not the number on the page.',
  tooManyProofs: 'The number was wrong too often. Please begin the registration anew.',
  consentMissing: 'Your consent has not arrived yet.',
  consentRefused: (why: string): string => `The provider has not given access: ${why}.`,
  noConsentHere: 'This provider needs a web page for your consent, which is not set up here.',
  noRefreshToken: 'The provider gave no lasting access.',
  tokenUnreachable: 'The sign-in of the provider cannot be reached now.',
  backKnown: (user: string, address: string, proof: string): string =>
    [
      `${user} wants to read the mail of ${address}, and to send mail in its name.`,
      `If that is you: go back to your chat program, and enter this number there: ${proof}`,
      'If it is somebody else: tell nobody the number, and take your consent back at your provider.',
    ].join('\n'),
  backRefused: 'You have not given your consent. Go back to your chat program and go on there.',
  backUnknown: 'Nobody waits for this any more. Please begin the registration anew.',
  registerFirst: 'You have no mailbox here. Please register with this gateway.',

  // What servers do.
  imapRefuses: (words: string): string =>
    words === ''
      ? 'The IMAP server refuses the sign-in.'
      : `The IMAP server refuses the sign-in: ${words}`,
  smtpRefuses: (words: string): string =>
    words === ''
      ? 'The SMTP server refuses the sign-in.'
      : `The SMTP server refuses the sign-in: ${words}`,
  serverSays: (words: string): string => `The mail server says: ${words}`,
  imapUntrusted: (problem: string): string =>
    `The certificate of the IMAP server is not trusted (${problem}).`,
  smtpUntrusted: (problem: string): string =>
    `The certificate of the SMTP server is not trusted (${problem}).`,
  imapUnreachable: 'The IMAP server cannot be reached.',
  imapLost: 'The connection to the IMAP server was lost.',
  smtpUnreachable: 'The SMTP server cannot be reached.',
  noSuchHost: (host: string): string => `There is no server ${host}.`,
  insideHost: (host: string): string => `The server ${host} is not on the public Internet.`,
  uncertain: 'The connection broke off before the mail server said whether it has taken the mail.',
  slowServer: 'The mail server has the mail, and has not said yet whether it takes it.',
  fileTooLarge: 'The file is too large for a mail.',
  tooLargeForServer: 'The mail is too large for the mail server.',
  tooFast: 'Too many mails in a short time.',
  mailboxAway: (why: string): string => `Your mailbox cannot be read: ${why} New tries go on.`,
  mailboxRefused: (why: string): string =>
    `${why} No mail comes in until you register again with the right password.`,
  mailboxBack: 'Your mailbox can be read again.',

  // Sending.
  onlyContacts: 'Mails go to addresses only.',
  readOnlyList: 'This list takes no mail.',
  noMailbox: 'Your address is at this gateway; there is no mailbox behind it.',
  onlyAscii: (addresses: string): string =>
    `Your mail server takes no addresses with letters beyond a to z, and so not this mail: ${addresses}`,
  bounced: (who: string, why: string): string =>
    why === ''
      ? `The mail to ${who} could not be delivered.`
      : `The mail to ${who} could not be delivered: ${why}`,
  givenUp: (why: string): string =>
    why === '' ? 'it was tried for too long.' : `it was tried for too long. ${why}`,
  notTriedAgain: 'The server refused it for now, and it is not tried again.',
  hasUnregistered: 'You have unregistered before that.',
  notFiled: (subject: string, to: string, why: string): string =>
    `Your mail “${subject}” to ${to} was sent, but no copy of it could be put into your mailbox. ${why}`.trim(),

  // What stands in place of what a chat cannot show.
  tooLarge: (megabytes: number): string =>
    `This mail has ${megabytes} MB, too much to be shown here. It is in your mailbox.`,
  unfetchable:
    'A mail has come that your mail server does not give out. Look for it with another mail program.',
  newsletters: (count: number): string => (count === 1 ? 'A newsletter:' : `${count} newsletters:`),
  unproven: 'not verified',
  encryptedPgp: 'This mail is encrypted (PGP) and cannot be read here.',
  encryptedSmime: 'This mail is encrypted (S/MIME) and cannot be read here; the file is attached.',
  signedSmime:
    'This mail is signed (S/MIME) in a form that cannot be shown here; the file is attached.',
  winmail: 'Outlook has packed what belongs to this mail into winmail.dat.',
  invitation: 'Invitation',
  invitationReply: 'Answer to an invitation',
  invitationAccepted: 'Invitation accepted',
  invitationDeclined: 'Invitation declined',
  invitationTentative: 'Invitation accepted, perhaps',
  cancellation: 'Cancelled',
  htmlAttached:
    'This mail is too large or intricate to be shown in full; the whole of it is attached.',
  cutOff: '[The mail goes on; ask for its full text.]',
  unreadable: 'This mail could not be taken apart; only its header is shown.',
  emptyMail: 'empty mail',
  unclearSender: (given: string): string =>
    given === '' ? 'This mail names no sender.' : `This mail names its sender as: ${given}`,

  // Commands.
  fullTextName: 'Show the whole of the last mail',
  fullTextWord: 'full-text',
  noFullText: 'There is no such mail any more.',
  recentName: 'Show the last mails',
  recentWord: 'recent',
  recentAsk: (most: number): string =>
    `How many of the last mails shall be shown? At most ${most}.`,
  recentCount: 'Number',
  recentDone: (count: number): string =>
    count === 1
      ? 'One mail; it comes now unless you have it already.'
      : `${count} mails; they come now unless you have them already.`,
  settingsName: 'Mail settings',
  settingsWord: 'settings',
  settingsAsk: 'Choose what comes through, and how.',
  settingsDone: 'Your settings are kept.',
  levelLabel: 'Whose mails are shown',
  levels: {
    all: 'everybody',
    replies: 'contacts, and answers to what I wrote',
    contacts: 'contacts only',
  },
  newslettersLabel: 'Newsletters',
  newsletterChoices: {
    digest: 'a headline now and then',
    messages: 'like other mails',
    nothing: 'not at all',
  },
  seenLabel: 'Mark mails as read in the mailbox when I have seen them here',
  shownLabel: 'Show mails as read here when I have read them with another program',
  foldersLabel: 'Other folders to read, one a line',
  foldersHint: '\\Sent shows what you write with other programs.',
  unsubscribeName: 'Leave this list or newsletter',
  unsubscribeWord: 'unsubscribe',
  noUnsubscribe: 'Its last mail does not say how one can leave.',
  unsubscribeAsk: (where: string): string => `It is left by way of ${where}.`,
  unsubscribeSure: 'Yes, leave it',
  unsubscribeLink: (link: string): string => `It can be left on this page: ${link}`,
  unsubscribed: 'You have asked to be taken off.',
  nothingDone: 'Nothing was changed.',
  dnsName: 'DNS records of the mail domain',
  dnsWord: 'dns-records',
  dnsIntroduction: 'Publish these records, beside an MX record that names this server:',
  aliasName: 'Addresses that stand for a user',
  aliasWord: 'aliases',
  aliasAsk: 'A further name, and whose it is. Without an owner it is taken away.',
  aliasLabel: 'Name',
  aliasTarget: 'Name of the user who gets its mail',
  aliasRemoved: (alias: string): string => `${alias} is taken away.`,
  noAlias: 'There is no such name.',
  aliasSet: (address: string, target: string): string =>
    `Mail to ${address} now goes to ${target}.`,
  tooMany: 'There are too many already.',
} as const;

type Wide<Value> = Value extends string
  ? string
  : Value extends (...given: infer Given) => string
    ? (...given: Given) => string
    : { readonly [Name in keyof Value]: string };

/** All that there is to say, in one language. */
export type Texts = { readonly [Name in keyof typeof english]: Wide<(typeof english)[Name]> };
