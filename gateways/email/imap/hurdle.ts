import type { Stored } from './fetch-mails.ts';

/** How often the same mail may break off the reading before it is passed over. */
const MAX_FALLS = 4;

/** A place in a folder: the next mail to be read, as the server numbers them now. */
export interface Spot {
  readonly folder: string;
  readonly uidValidity: string;
  readonly nextUid: number;
}

/**
 * Where reading was broken off: some servers cannot give out a certain mail, and say so or hang up each time that they are asked for it.
 * What lies behind it has to be read all the same. Outlives the connection.
 */
export class Hurdle {
  #spot = '';
  #falls = 0;

  /** Whether one mail has to be read after the other from here on, to find the one that is in the way. */
  isAt(spot: Spot): boolean {
    return this.#falls > 0 && nameOf(spot) === this.#spot;
  }

  /** Whether there is no more hope for the next mail. */
  isTooHigh(spot: Spot): boolean {
    return this.#falls >= MAX_FALLS && this.isAt(spot);
  }

  /** Reading was broken off here. */
  fell(spot: Spot): void {
    const name = nameOf(spot);
    this.#falls = name === this.#spot ? this.#falls + 1 : 1;
    this.#spot = name;
  }
}

const nameOf = ({ folder, nextUid, uidValidity }: Spot): string =>
  `${uidValidity} ${nextUid} ${folder}`;

/** What stands for a mail that cannot be had; with an id, so that it is told once. */
export function unreadable(uid: number, { folder, uidValidity }: Spot, now: number): Stored {
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
