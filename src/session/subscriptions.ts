import type { Jid } from '../xmpp/jid.ts';
import type { GatewayDomain } from './gateway-domain.ts';

/** How a JID of ours and a user see each other's presence (RFC 6121 §3). */
export interface Subscription {
  /** We see the user's presence. */
  readonly toUser: boolean;
  /** The user sees ours. */
  readonly fromUser: boolean;
}

const NONE: Subscription = { toUser: false, fromUser: false };
const NOBODY: ReadonlyMap<string, Subscription> = new Map();

/** Between one user and our JIDs, by their local part; '' is the gateway itself. Kept as they change. */
export class Subscriptions {
  readonly #domain: GatewayDomain;
  readonly #user: Jid;
  readonly #watched: (local: string, isWatched: boolean) => void;
  /** Absent while there are none. */
  #all: Map<string, Subscription> | undefined;

  /** @param watched is told when she begins or ceases to see the presence of one of our addresses. */
  constructor(
    domain: GatewayDomain,
    user: Jid,
    watched: (local: string, isWatched: boolean) => void,
  ) {
    this.#domain = domain;
    this.#user = user;
    this.#watched = watched;
  }

  [Symbol.iterator](): IterableIterator<[string, Subscription]> {
    return (this.#all ?? NOBODY)[Symbol.iterator]();
  }

  async load(): Promise<void> {
    const { store, domain } = this.#domain;
    const rows = await store.subscriptions.list(domain, this.#user.bare);
    for (const { address, toUser, fromUser } of rows) {
      (this.#all ??= new Map()).set(address, { toUser, fromUser });
    }
  }

  has(local: string): boolean {
    return this.#all?.has(local) === true;
  }

  of(local: string): Subscription {
    return this.#all?.get(local) ?? NONE;
  }

  /** Changes one side, or both, and keeps it. */
  async change(local: string, change: Partial<Subscription>): Promise<void> {
    const { store, domain } = this.#domain;
    const user = this.#user.bare;
    const known = this.of(local);
    const next = { ...known, ...change };
    if (next.toUser === known.toUser && next.fromUser === known.fromUser) return;
    if (next.toUser || next.fromUser) {
      (this.#all ??= new Map()).set(local, next);
      await store.subscriptions.save(domain, user, { address: local, ...next });
    } else {
      this.#all?.delete(local);
      await store.subscriptions.remove(domain, user, local);
    }
    if (next.fromUser !== known.fromUser) this.#watched(local, next.fromUser);
  }

  /** They are no longer kept either. */
  forget(): void {
    this.#all = undefined;
  }
}
