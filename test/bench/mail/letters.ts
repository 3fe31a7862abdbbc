import { textOf } from '../load.ts';

export const MAIL_DOMAIN = 'mail.test';
export const PASSWORD = 'secret';

/** The address of one of our users. */
export const mailboxOf = (user: number): string => `u${user}@${MAIL_DOMAIN}`;

/** The address of somebody who writes to a user, and is written to. */
export const peerOf = (number: number): string => `peer${number}@else.test`;

/** Whose mail it is, either way. */
export interface Letter {
  readonly user: number;
  readonly peer: number;
  /** All of the text; the same number of letters is not written twice. */
  readonly text: string;
}

/** Each user has several correspondents, whose mails alternate. */
export function lettersOf(
  series: number,
  count: number,
  users: number,
  peersEach: number,
): Letter[] {
  return Array.from({ length: count }, (_, index) => {
    const user = index % users;
    const peer = user * peersEach + (Math.floor(index / users) % peersEach);
    return { user, peer, text: `${series}-${textOf(index)}` };
  });
}

/** As it comes in. */
export const rawOf = ({ peer, text, user }: Letter): string =>
  [
    `From: Peer ${peer} <${peerOf(peer)}>`,
    `To: ${mailboxOf(user)}`,
    'Subject: News of the day',
    `Message-ID: <${text.split(' ', 1)[0]}@else.test>`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    text,
    '',
  ].join('\r\n');

/** What was read of a letter. */
export interface Arrival {
  readonly user: number;
  readonly peer: number;
  readonly text: string;
}

/** @throws Error unless each came once, to the right one, and in order between each two */
export function verifyLetters(letters: readonly Letter[], arrivals: readonly Arrival[]): void {
  const between = (all: readonly Arrival[]): Map<string, string[]> => {
    const found = new Map<string, string[]>();
    for (const { peer, text, user } of all) {
      const pair = `${user} ${peer}`;
      found.set(pair, [...(found.get(pair) ?? []), text]);
    }
    return found;
  };
  const arrived = between(arrivals);
  for (const [pair, texts] of between(letters)) {
    const got = arrived.get(pair) ?? [];
    const wrong = texts.findIndex((text, index) => text !== got[index]);
    if (wrong >= 0 || got.length !== texts.length) {
      throw new Error(`between ${pair}: "${got[wrong]}" where "${texts[wrong]}" was due`);
    }
  }
}
