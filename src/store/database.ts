import type { Generated } from 'kysely';

/** The tables, as the latest migration leaves them. */
export interface Tables {
  registrations: RegistrationsTable;
  subscriptions: SubscriptionsTable;
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

interface MetaTable {
  name: string;
  value: Uint8Array;
  changed_at: Generated<number>;
}
