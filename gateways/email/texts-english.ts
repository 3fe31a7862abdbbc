/** In English; decides which texts there are. */
export const english = {
  prompt: 'Mail address, as in user@example.org',
  promptDescription: 'Write to user\\40example.org at this gateway, or user%example.org.',

  // What stands in place of what a chat cannot show.
  encryptedPgp: 'This mail is encrypted (PGP) and cannot be read here.',
  encryptedSmime: 'This mail is encrypted (S/MIME) and cannot be read here; the file is attached.',
  signedSmime:
    'This mail is signed (S/MIME) in a form that cannot be shown here; the file is attached.',
  winmail: 'Outlook has packed what belongs to this mail into winmail.dat.',
  invitation: 'Invitation',
  invitationReply: 'Answer to an invitation',
  cancellation: 'Cancelled',
  htmlAttached:
    'This mail is too large or intricate to be shown in full; the whole of it is attached.',
  cutOff: '[The mail goes on; ask for its full text.]',
  unreadable: 'This mail could not be taken apart; only its header is shown.',
  emptyMail: 'empty mail',
  unclearSender: (given: string): string =>
    given === '' ? 'This mail names no sender.' : `This mail names its sender as: ${given}`,
} as const;

type Wide<Value> = Value extends string ? string : Value;
export type Texts = { readonly [Name in keyof typeof english]: Wide<(typeof english)[Name]> };
