/** An item of a user's roster that stands for a contact of ours (RFC 6121 §2.1.2). */
export interface RosterItem {
  readonly name: string;
  readonly groups: readonly string[];
  /** `both`, `to`, `from`, `none`. */
  readonly subscription: string;
}

/** What is known of a user's roster where we may read it (XEP-0356 §4.3): our part of it, as of the present attachment. */
export class RosterCopy {
  #items: Map<string, RosterItem> | undefined;
  #attachment = 0;

  /** By local part of the contact's JID; `undefined` while the roster has not been read. */
  items(attachment: number): ReadonlyMap<string, RosterItem> | undefined {
    return this.#attachment === attachment ? this.#items : undefined;
  }

  read(items: ReadonlyMap<string, RosterItem>, attachment: number): void {
    this.#items = new Map(items);
    this.#attachment = attachment;
  }

  /** One item is as it is now; `undefined` when it is gone. */
  changed(local: string, item: RosterItem | undefined): void {
    if (item === undefined) this.#items?.delete(local);
    else this.#items?.set(local, item);
  }

  /** It has to be read again. */
  forget(): void {
    this.#items = undefined;
  }
}
