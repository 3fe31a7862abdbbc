import type { Generated } from 'kysely';

/** The tables, as the latest migration leaves them. */
export interface Tables {
  registrations: RegistrationsTable;
  subscriptions: SubscriptionsTable;
  memories: MemoriesTable;
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

interface MemoriesTable {
  gateway: string;
  user: string;
  key: string;
  /** Encrypted. */
  value: Uint8Array;
}

interface MetaTable {
  name: string;
  value: Uint8Array;
  changed_at: Generated<number>;
}
