import type { Jid } from '../xmpp/jid.ts';
import { soon } from '../in-time.ts';
import { bareOf } from '../xmpp/jid.ts';
import type { Language } from '../plugin/index.ts';
import type { DomainDelivery } from '../delivery/domain-delivery.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import type { GatewayDomain } from './gateway-domain.ts';
import { inMailbox } from './in-mailbox.ts';
import type { MailboxEdge } from './mailbox.ts';
import { sessionTexts } from './session-texts.ts';
import { UserSession } from './user-session.ts';
import type { SessionEvents } from './user-session.ts';

/** What is still under way then is left where it is. */
const CLOSE_MS = 500;
const IDLE_MS = 600_000;
/** What is kept of a user and could not be read is read again after so long, then after twice as long each time. */
const FIRST_RELOAD_MS = 2_000;
const LAST_RELOAD_MS = 300_000;

/** All users of one gateway that something is under way for. */
export class Sessions {
  readonly #domain: GatewayDomain;
  readonly #edge: MailboxEdge;
  readonly #events: SessionEvents;
  readonly #delivery: DomainDelivery | undefined;
  readonly #sessions = new Map<string, UserSession>();

  constructor(
    domain: GatewayDomain,
    edge: MailboxEdge,
    events: SessionEvents,
    delivery: DomainDelivery | undefined,
  ) {
    this.#domain = domain;
    this.#delivery = delivery;
    this.#edge = edge;
    this.#events = events;
  }

  /**
   * The session of a user, made now if there is none; its first work is then to load what is kept of her.
   * @param language is the one that she speaks, if that is known.
   * @throws StanzaError when there are too many users already
   */
  of(user: Jid, language: Language = this.#domain.language): UserSession {
    const known = this.#sessions.get(user.bare);
    if (known !== undefined) return known;
    if (!this.#domain.users.enter()) {
      const { tooManyUsers } = sessionTexts(language);
      throw new StanzaError('resource-constraint', tooManyUsers, { language });
    }
    const session = new UserSession({
      user: bareOf(user),
      domain: this.#domain,
      edge: this.#edge,
      events: this.#events,
      delivery: this.#delivery,
    });
    session.language = language;
    this.#sessions.set(user.bare, session);
    session.mailbox.post(() => this.#load(session, FIRST_RELOAD_MS));
    return session;
  }

  /** Who is to be on the network without a client of hers cannot ask for it again. */
  async #load(session: UserSession, retryMs: number): Promise<undefined> {
    try {
      await session.load();
    } catch {
      // The session has logged it, and says so to whoever asks meanwhile.
      const again = (): void => {
        if (this.#sessions.get(session.user.bare) !== session || session.isLoaded) return;
        const nextMs = Math.min(retryMs * 2, LAST_RELOAD_MS);
        session.mailbox.post(() => this.#load(session, nextMs));
      };
      setTimeout(again, retryMs).unref();
    }
    return undefined;
  }

  find(user: Jid): UserSession | undefined {
    return this.#sessions.get(user.bare);
  }

  get count(): number {
    return this.#sessions.size;
  }

  all(): IterableIterator<UserSession> {
    return this.#sessions.values();
  }

  /** Lets go of sessions with nothing under way: of those without a network at once, of others after ten minutes. */
  sweep(): void {
    const now = this.#domain.now();
    for (const [bare, session] of this.#sessions) {
      if (!session.isIdle || !session.isLoaded) continue;
      const isUnused = session.link.session === undefined;
      if (!isUnused && now - session.lastActiveAt < IDLE_MS) continue;
      this.#sessions.delete(bare);
      this.#domain.users.leave();
      void session.link.close();
    }
  }

  /** Takes leave of all networks. */
  async leaveAll(): Promise<void> {
    for (const { dialogues } of this.#sessions.values()) dialogues.end();
    await Promise.all(
      [...this.#sessions.values()].map((session) =>
        Promise.all([session.outbox?.close(), session.link.close()]),
      ),
    );
  }

  /** Lets all go, once what is under way for them is over: soon, or never. */
  async closeAll(): Promise<void> {
    const idle = [...this.#sessions.values()].map((session) => inMailbox(session, () => undefined));
    await soon(Promise.all(idle), CLOSE_MS);
    this.#sessions.clear();
  }
}
