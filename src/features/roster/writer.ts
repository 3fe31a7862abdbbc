import type { ContactId } from '../../plugin/index.ts';
import { ConnectionLost } from '../../router/requests.ts';
import type { Surroundings } from '../../router/surroundings.ts';
import type { Resource } from '../../session/resource.ts';
import type { UserSession } from '../../session/user-session.ts';
import type { RosterEntry, RosterWay } from '../../store/contacts.ts';
import type { XmlElement } from '../../xml/element.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';
import type { ClientFeatures } from '../client-features.ts';
import { contactChange, contactGone } from '../contact-presence.ts';
import { puppetStanza, subscribeRequest } from '../subscription.ts';
import { rosterChanges } from './differences.ts';
import type { Removal, Wanted, Writing } from './differences.ts';
import { EXCHANGE_SIZE, exchangeResource, suggest, suggestion } from './exchange.ts';
import type { ExchangeAction, ExchangeItem } from './exchange.ts';
import { readRoster, writeItem } from './privileged.ts';

/** Between two changes of one roster: servers write each to disk and tell every client of it. */
const PAUSE_MS = 100;

/** These say that a client cannot, rather than that its user will not. */
const CANNOT: ReadonlySet<string> = new Set(['service-unavailable', 'feature-not-implemented']);

export type Pause = (durationMs: number) => Promise<void>;

/**
 * Keeps rosters as the networks' lists are, by the best means that there is: the server's leave (XEP-0356), a client that
 * takes items (XEP-0144), or a request for each contact once. One run at a time for each user, of nothing but differences.
 */
export class RosterWriter {
  readonly #surroundings: Surroundings;
  readonly #clients: ClientFeatures;
  readonly #pause: Pause;
  /** Users whose rosters are being seen to; `true` when something has changed meanwhile. */
  readonly #running = new Map<UserSession, boolean>();

  constructor(surroundings: Surroundings, clients: ClientFeatures, pause: Pause = sleep) {
    this.#surroundings = surroundings;
    this.#clients = clients;
    this.#pause = pause;
  }

  /** The network's list, or what we know of the roster, is not as before. */
  changed(session: UserSession): void {
    if (this.#running.has(session)) {
      this.#running.set(session, true);
      return;
    }
    this.#running.set(session, false);
    this.#run(session)
      .catch((error: unknown) => {
        // The rest is done when she is heard of on the next attachment.
        if (error instanceof ConnectionLost) return;
        session.log.error({ err: error }, 'a roster was not written');
      })
      .finally(() => {
        const isBehind = this.#running.get(session) === true;
        this.#running.delete(session);
        if (isBehind) this.changed(session);
      });
  }

  /** Takes off her roster what was put there, for a user who unregisters. It must be called while her contacts are known. */
  clear(session: UserSession): void {
    const removals: Removal[] = [];
    for (const { id, entry } of session.contacts.all()) {
      if (entry !== undefined) removals.push({ id, entry });
    }
    this.#takeOff(session, removals).catch((error: unknown) =>
      session.log.warn({ err: error }, 'a roster was not cleared'),
    );
  }

  async #run(session: UserSession): Promise<void> {
    const { domain } = this.#surroundings;
    if (!hasSomething(session)) return;
    if (this.#may(session, 'get')) await this.#read(session);
    if (!this.#isOpen(session)) return;
    const changes = rosterChanges(session.contacts.all(), {
      localOf: (id) => domain.localOf({ kind: 'contact', id }),
      addressOf: (id) => domain.gateway.addresses.format({ kind: 'contact', id }),
      items: session.roster.items(domain.attachment.number),
    });
    for (const id of changes.dismiss) {
      session.contacts.change(id, { isDismissed: true, entry: undefined });
    }
    for (const { id, wanted } of changes.note) this.#note(session, id, wanted, 'privilege');
    await this.#offer(session, await this.#write(session, changes.add));
    await this.#modify(session, changes.modify);
    await this.#takeOff(session, changes.remove);
    await session.contacts.save();
  }

  /** The user is still known to be there, and the gateway not about to stop. */
  #isOpen(session: UserSession): boolean {
    return this.#surroundings.sessions.find(session.user) === session && session.isRegistered;
  }

  #may({ user }: UserSession, act: 'get' | 'set'): boolean {
    return this.#surroundings.domain.privileges.mayRoster(user.domain, act);
  }

  async #read(session: UserSession): Promise<void> {
    const { attachment } = this.#surroundings.domain;
    const { number } = attachment;
    if (session.roster.items(number) !== undefined) return;
    try {
      session.roster.read(await readRoster(this.#surroundings, session), number);
    } catch (error) {
      this.#failed(session, error);
    }
  }

  /** By privilege. @returns what could not be done in this way */
  async #write(session: UserSession, changes: readonly Writing[]): Promise<readonly Writing[]> {
    for (const [index, change] of changes.entries()) {
      if (!this.#isOpen(session)) return [];
      if (!this.#may(session, 'set')) return changes.slice(index);
      const local = this.#localOf(change.id);
      try {
        await writeItem(this.#surroundings, session, local, change.item);
      } catch (error) {
        this.#failed(session, error);
        return changes.slice(index);
      }
      this.#surroundings.domain.privileges.worked(session.user.domain);
      session.roster.changed(local, { ...change.item, subscription: 'both' });
      this.#note(session, change.id, change.wanted, 'privilege');
      await this.#subscribed(session, change.id, local);
      await this.#pause(PAUSE_MS);
    }
    return [];
  }

  /** The server was told to take both sides as agreed. */
  async #subscribed(session: UserSession, id: ContactId, local: string): Promise<void> {
    await session.subscriptions.change(local, { toUser: true, fromUser: true });
    session.mailbox.post(() => contactChange(session, id));
  }

  /** Without privilege: to a client that takes items, else by asking for the user's presence, once. */
  async #offer(session: UserSession, additions: readonly Writing[]): Promise<void> {
    if (additions.length === 0) return;
    const resource = await exchangeResource(session, this.#clients);
    for (let start = 0; start < additions.length; start += EXCHANGE_SIZE) {
      if (!this.#isOpen(session)) return;
      const some = additions.slice(start, start + EXCHANGE_SIZE);
      const items = some.map(({ id, item }) => ({ local: this.#localOf(id), ...item }));
      if (resource !== undefined && (await this.#exchange(resource, 'add', items))) {
        for (const { id, wanted } of some) this.#note(session, id, wanted, 'exchange');
      } else await this.#ask(session, some);
      await session.contacts.save();
      await this.#pause(PAUSE_MS);
    }
  }

  /** @returns whether the client has understood, whatever its user wants */
  async #exchange(
    resource: Resource,
    action: ExchangeAction,
    items: readonly ExchangeItem[],
  ): Promise<boolean> {
    try {
      await suggest(this.#surroundings, resource, action, items);
      return true;
    } catch (error) {
      return !(error instanceof StanzaError && CANNOT.has(error.condition));
    }
  }

  async #ask(session: UserSession, additions: readonly Writing[]): Promise<void> {
    for (const { id, wanted } of additions) {
      // She may have added it by herself in the meantime.
      if (session.contacts.get(id)?.entry !== undefined || !this.#isOpen(session)) continue;
      this.#note(session, id, wanted, 'subscription');
      await session.contacts.save();
      if (session.subscriptions.of(this.#localOf(id)).toUser) continue;
      this.#tell(session, [subscribeRequest(session, id)]);
      await this.#pause(PAUSE_MS);
    }
  }

  async #modify(session: UserSession, all: readonly Writing[]): Promise<void> {
    if (all.length === 0) return;
    const wayOf = (id: ContactId): RosterWay | undefined => session.contacts.get(id)?.entry?.way;
    await this.#write(
      session,
      all.filter(({ id }) => wayOf(id) === 'privilege'),
    );
    const exchanged = all.filter(({ id }) => wayOf(id) === 'exchange');
    const items = exchanged.map(({ id, item }) => ({ local: this.#localOf(id), ...item }));
    await this.#suggestAll(session, 'modify', items);
    for (const { id, wanted } of exchanged) this.#note(session, id, wanted, 'exchange');
  }

  async #takeOff(session: UserSession, removals: readonly Removal[]): Promise<void> {
    const items: ExchangeItem[] = [];
    for (const { id, entry } of removals) {
      const local = this.#localOf(id);
      session.contacts.change(id, { entry: undefined });
      const isWritten = entry.way === 'privilege' && this.#may(session, 'set');
      if (isWritten) await this.#remove(session, local);
      if (entry.way === 'exchange') items.push({ local, name: entry.name, groups: entry.groups });
      await this.#part(session, id, local);
      await this.#pause(PAUSE_MS);
    }
    await this.#suggestAll(session, 'delete', items);
  }

  async #remove(session: UserSession, local: string): Promise<void> {
    try {
      await writeItem(this.#surroundings, session, local, undefined);
      session.roster.changed(local, undefined);
    } catch (error) {
      this.#failed(session, error);
    }
  }

  /** XEP-0100 §5.2.1. */
  async #part(session: UserSession, id: ContactId, local: string): Promise<void> {
    const { fromUser, toUser } = session.subscriptions.of(local);
    if (!fromUser && !toUser) return;
    await session.subscriptions.change(local, { fromUser: false, toUser: false });
    this.#tell(session, [
      puppetStanza(session, id, 'unsubscribe'),
      puppetStanza(session, id, 'unsubscribed'),
      contactGone(session, local),
    ]);
  }

  async #suggestAll(
    session: UserSession,
    action: ExchangeAction,
    items: readonly ExchangeItem[],
  ): Promise<void> {
    if (items.length === 0) return;
    const resource = await exchangeResource(session, this.#clients);
    for (let start = 0; start < items.length; start += EXCHANGE_SIZE) {
      const some = items.slice(start, start + EXCHANGE_SIZE);
      if (resource !== undefined && (await this.#exchange(resource, action, some))) continue;
      this.#tell(session, [suggestion(session, action, some)]);
    }
  }

  #note(session: UserSession, id: ContactId, wanted: Wanted, way: RosterWay): void {
    const { name, groups } = wanted;
    const entry: RosterEntry = { way, name, groups };
    session.contacts.change(id, { entry });
  }

  #tell(session: UserSession, stanzas: readonly XmlElement[]): void {
    session.mailbox.post(() => stanzas);
  }

  #localOf(id: ContactId): string {
    return this.#surroundings.domain.localOf({ kind: 'contact', id });
  }

  /**
   * A server that cannot do what it has announced is not asked again on this attachment; one that hung up ends the run.
   * @throws ConnectionLost
   */
  #failed({ user, log }: UserSession, error: unknown): void {
    const { privileges } = this.#surroundings.domain;
    if (error instanceof ConnectionLost) {
      privileges.broke(user.domain);
      throw error;
    }
    privileges.refused(user.domain);
    log.warn({ err: error, server: user.domain }, 'the server does not let us at the roster');
  }
}

function hasSomething(session: UserSession): boolean {
  if (!session.isRegistered) return false;
  for (const { isListed, entry } of session.contacts.all()) {
    if (isListed || entry !== undefined) return true;
  }
  return false;
}

function sleep(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
