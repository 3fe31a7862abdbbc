import type { SettingsStore } from '../store/settings.ts';

const BOOKMARK_CHOICES = ['auto', 'on', 'off'] as const;
export type BookmarkChoice = (typeof BOOKMARK_CHOICES)[number];

/** What a user may choose for the gateway as such, whatever its network. */
export interface Settings {
  /** She stays on the network when none of her resources is there, and is brought there when the gateway starts. */
  readonly stayConnected: boolean;
  /** What is said in her rooms is kept for her, where the administrator has it kept. */
  readonly keepHistory: boolean;
  /** Her server is given the rooms that she is in for bookmarks; `auto` while she stays connected. */
  readonly bookmarks: BookmarkChoice;
  /** The subject of a message stands above its text, too. */
  readonly subjectsInText: boolean;
  /** The language to speak to her, whatever her clients say; empty when they decide. */
  readonly language: string;
}

const DEFAULTS: Settings = {
  stayConnected: false,
  keepHistory: true,
  bookmarks: 'auto',
  subjectsInText: true,
  language: '',
};

/** The settings of one user; loaded with her session. */
export class UserSettings {
  readonly #store: SettingsStore;
  readonly #gateway: string;
  readonly #user: string;
  #values: Settings = DEFAULTS;

  constructor(store: SettingsStore, gateway: string, user: string) {
    this.#store = store;
    this.#gateway = gateway;
    this.#user = user;
  }

  get(): Settings {
    return this.#values;
  }

  /** Changes what is given. On disk when it resolves; `UserSession.changeSettings` also acts on it. */
  async set(change: Partial<Settings>): Promise<void> {
    const before = new Map(Object.entries(this.#values));
    const values = { ...this.#values, ...change };
    for (const [name, value] of Object.entries(values)) {
      const place = { gateway: this.#gateway, user: this.#user, name };
      if (before.get(name) !== value) await this.#store.save(place, String(value));
    }
    this.#values = values;
  }

  async load(): Promise<void> {
    const stored = await this.#store.list(this.#gateway, this.#user);
    this.#values = {
      stayConnected: stored.get('stayConnected') === 'true',
      keepHistory: stored.get('keepHistory') !== 'false',
      bookmarks: bookmarkChoice(stored.get('bookmarks')),
      subjectsInText: stored.get('subjectsInText') !== 'false',
      language: stored.get('language') ?? '',
    };
  }

  /** Forgets all, for a user who unregisters. */
  async clear(): Promise<void> {
    await this.#store.removeAll(this.#gateway, this.#user);
    this.#values = DEFAULTS;
  }
}

/** `auto` for what is none of the choices. */
export function bookmarkChoice(value: string | undefined): BookmarkChoice {
  return BOOKMARK_CHOICES.find((choice) => choice === value) ?? 'auto';
}
