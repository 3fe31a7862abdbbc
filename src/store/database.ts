import type { Generated } from 'kysely';

/** The tables, as the latest migration leaves them. */
export interface Tables {
  registrations: RegistrationsTable;
  subscriptions: SubscriptionsTable;
  contacts: ContactsTable;
  avatars: AvatarsTable;
  settings: SettingsTable;
  account_keys: AccountKeysTable;
  media: MediaTable;
  archives: ArchivesTable;
  archived: ArchivedTable;
  meta: MetaTable;
}

interface RegistrationsTable {
  /** The domain of the gateway. */
  gateway: string;
  /** The bare JID of the user. */
  user: string;
  /** An account, encrypted. */
  account: Uint8Array;
  /** Milliseconds since 1970. */
  created_at: number;
  changed_at: number;
}

interface SubscriptionsTable {
  gateway: string;
  user: string;
  /** The local part of our JID; empty for the gateway itself. */
  address: string;
  to_user: number;
  from_user: number;
}

export interface ContactsTable {
  gateway: string;
  user: string;
  /** As the network names it. */
  contact: string;
  name: string;
  /** A JSON array of strings. */
  groups: string;
  is_listed: number;
  is_asking: number;
  is_dismissed: number;
  /** What the user's roster was told last: JSON with way, name and groups. */
  entry: string | null;
  avatar_hash: string | null;
}

interface AvatarsTable {
  gateway: string;
  user: string;
  contact: string;
  /** SHA-1 of the data, in hex. */
  hash: string;
  type: string;
  data: Uint8Array;
}

interface SettingsTable {
  gateway: string;
  user: string;
  name: string;
  value: string;
}

interface MediaTable {
  id: string;
  gateway: string;
  user: string;
  size: number;
  created_at: number;
  /** Name, type and where it was uploaded to; encrypted. */
  about: Uint8Array;
}

interface AccountKeysTable {
  gateway: string;
  key: string;
  user: string;
}

/** Written and read by archive.ts, without Kysely. */
interface ArchivesTable {
  id: number;
  /** Empty, as the user is, when the archive was taken away and its rows are yet to follow. */
  gateway: string;
  user: string;
  /** As the gateway names it. */
  room: string;
  /** By how many milliseconds `at` of a row may lie before the time that its id stands for. */
  lag: number;
}

interface ArchivedTable {
  /** Rises in the order of arrival: microseconds since 1970, or more. */
  id: number;
  archive: number;
  at: number;
  /** The part of the stanza id that is by chance. */
  mark: string;
  nick: string;
  occupant_id: string;
  message_id: string;
  network_id: string;
  content: string;
}

interface MetaTable {
  name: string;
  value: Uint8Array;
  changed_at: Generated<number>;
}
