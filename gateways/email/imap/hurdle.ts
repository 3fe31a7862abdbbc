import type { Stored } from './fetch-mails.ts';

/** How often the same mail, asked for alone, may break off the reading before it is passed over. */
const MAX_FALLS = 3;

/** A place in a folder, as the server numbers the mails now: the next that was not looked at, or the mail itself. */
export interface Spot {
  readonly folder: string;
  readonly uidValidity: string;
  readonly uid: number;
}

/**
 * Where reading was broken off: some servers cannot give out a certain mail, and say so or hang up each time that they are asked for it.
 * What lies behind it has to be read all the same. Outlives the connection.
 */
export class Hurdle {
  #next = '';
  #mail = '';
  #falls = 0;

  /** Reading was broken off when this was the next. */
  fellBefore(next: Spot): void {
    this.#next = nameOf(next);
  }

  /** Reading was broken off at this mail, and no other. */
  fellAt(mail: Spot): void {
    const name = nameOf(mail);
    this.#falls = name === this.#mail ? this.#falls + 1 : 1;
    this.#mail = name;
  }

  /** Whether one mail has to be read after the other from here on, to find the one that is in the way. */
  isBehind(next: Spot): boolean {
    return nameOf(next) === this.#next;
  }

  /** Whether there is no more hope for this mail. */
  isTooHigh(mail: Spot): boolean {
    return this.#falls >= MAX_FALLS && nameOf(mail) === this.#mail;
  }
}

const nameOf = ({ folder, uid, uidValidity }: Spot): string => `${uidValidity} ${uid} ${folder}`;

/** What stands for a mail that cannot be had; with an id, so that it is told once. */
export function unreadable({ folder, uid, uidValidity }: Spot, now: number): Stored {
  const id = `unreadable.${encodeURIComponent(folder)}.${uidValidity}.${uid}`;
  return {
    uid,
    flags: new Set(),
    receivedAt: new Date(now),
    sizeBytes: 0,
    isUnreadable: true,
    whole: Buffer.from(`Message-ID: <${id}@no-message-id.invalid>\r\n\r\n`),
  };
}
