import type { ContactId, Memory } from '../../src/plugin/index.ts';

/** Whose mails come through as messages. */
export const LEVELS = ['all', 'replies', 'contacts'] as const;
export type Level = (typeof LEVELS)[number];
/** How newsletters are told: by a headline now and then, like other mails, or not. */
export const NEWSLETTERS = ['digest', 'messages', 'nothing'] as const;
export type Newsletters = (typeof NEWSLETTERS)[number];

export interface Settings {
  readonly level: Level;
  readonly newsletters: Newsletters;
  /** What the user has seen in the chat is marked as read in the mailbox. */
  readonly marksSeen: boolean;
  /** What is read with another mail program is shown as read in the chat. */
  readonly showsSeen: boolean;
  /** Other folders of the mailbox to read, paths or special uses. */
  readonly folders: readonly string[];
  /** The name in the sender of her mails; empty for none. */
  readonly name: string;
}

const defaults: Settings = {
  level: 'all',
  newsletters: 'digest',
  marksSeen: true,
  showsSeen: true,
  folders: [],
  name: '',
};

const MAX_CONTACTS = 3_000;

/** What one user has chosen, and who is on her list. */
export class Preferences {
  readonly #memory: Memory;
  #settings: Settings = defaults;
  #contacts = new Set<string>();
  #loading: Promise<void> | undefined;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  load(): Promise<void> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  /** After {@link Preferences.load}; the defaults before it. */
  get settings(): Settings {
    return this.#settings;
  }

  async change(change: Partial<Settings>): Promise<void> {
    await this.load();
    this.#settings = { ...this.#settings, ...change };
    await this.#memory.set('settings', JSON.stringify(this.#settings));
  }

  hasContact(contact: ContactId): boolean {
    return this.#contacts.has(contact);
  }

  async addContact(contact: ContactId): Promise<void> {
    await this.load();
    if (this.#contacts.has(contact)) return;
    this.#contacts.add(contact);
    await this.#writeContacts();
  }

  async removeContact(contact: ContactId): Promise<void> {
    await this.load();
    if (this.#contacts.delete(contact)) await this.#writeContacts();
  }

  async #writeContacts(): Promise<void> {
    const kept = [...this.#contacts].slice(-MAX_CONTACTS);
    let text = JSON.stringify(kept);
    while (text.length > 65_000) {
      kept.splice(0, 100);
      text = JSON.stringify(kept);
    }
    await this.#memory.set('contacts', text);
  }

  async #load(): Promise<void> {
    const [settings, contacts] = await Promise.all([
      this.#memory.get('settings'),
      this.#memory.get('contacts'),
    ]);
    this.#settings = decode(settings === undefined ? {} : JSON.parse(settings));
    const list: unknown = contacts === undefined ? [] : JSON.parse(contacts);
    if (!Array.isArray(list)) return;
    for (const one of list as unknown[]) if (typeof one === 'string') this.#contacts.add(one);
  }
}

function decode(stored: unknown): Settings {
  if (typeof stored !== 'object' || stored === null) return defaults;
  const { folders, level, marksSeen, name, newsletters, showsSeen } = stored as Record<
    string,
    unknown
  >;
  return {
    level: LEVELS.find((one) => one === level) ?? defaults.level,
    newsletters: NEWSLETTERS.find((one) => one === newsletters) ?? defaults.newsletters,
    marksSeen: typeof marksSeen === 'boolean' ? marksSeen : defaults.marksSeen,
    showsSeen: typeof showsSeen === 'boolean' ? showsSeen : defaults.showsSeen,
    folders: Array.isArray(folders)
      ? (folders as unknown[]).filter((one) => typeof one === 'string')
      : defaults.folders,
    name: typeof name === 'string' ? name : defaults.name,
  };
}
