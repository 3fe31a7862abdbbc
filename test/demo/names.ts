/** Who and what is in the demo, by name. */

export const IRC = 'irc.localhost';
export const MAIL = 'email.localhost';
export const SMS = 'sms.localhost';
export const SECRET = 'a secret of this demo';
export const WEBHOOK_SECRET = 'another-secret-of-this-demo';

/** The password of whoever comes to look, everywhere. */
export const PASSWORD = 'demo';

export const ROOM = `#garden%demo@${IRC}`;

export const MAIL_DOMAIN = 'verona.example';
export const JULIETS_MAIL = `juliet@${MAIL_DOMAIN}`;
export const YOUR_MAIL = `you@${MAIL_DOMAIN}`;
export const FRIARS_MAIL = `laurence@${MAIL_DOMAIN}`;
export const FRIARS_PASSWORD = 'cell';
/** The friar as a Jabber contact (XEP-0106). */
export const FRIAR = `${FRIARS_MAIL.replace('@', '\\40')}@${MAIL}`;

export const JULIETS_NUMBER = '+15005550006';
export const YOUR_NUMBER = '+15005550016';
export const NURSES_NUMBER = '+15005550010';
export const NURSE = `${NURSES_NUMBER}@${SMS}`;
/** The numbers that the gateway has, and whose they are. */
export const NUMBERS = {
  [JULIETS_NUMBER]: 'juliet@localhost',
  [YOUR_NUMBER]: 'you@localhost',
};
