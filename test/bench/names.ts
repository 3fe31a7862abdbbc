/** The domain of the gateway. */
export const DOMAIN = 'irc.localhost';
/** The IRC server's name in JIDs, the same for all: `#channel%bench@domain`. */
export const SERVER = 'bench';

export function userJid(user: number): string {
  return `u${user}@localhost/desk`;
}

export function nickOf(user: number): string {
  return `u${user}`;
}

export function roomJid(channel: string): string {
  return `${channel}%${SERVER}@${DOMAIN}`;
}

export function memberNick(number: number): string {
  return `member${number}`;
}
