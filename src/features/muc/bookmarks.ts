import { ConnectionLost } from '../../router/requests.ts';
import type { Surroundings } from '../../router/surroundings.ts';
import type { Room } from '../../session/room.ts';
import type { UserSession } from '../../session/user-session.ts';
import { parseJid } from '../../xmpp/jid.ts';
import { NS_PUBSUB } from '../../xmpp/namespaces.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';
import {
  completed,
  isAutojoin,
  isUntouched,
  newBookmark,
  publishBookmark,
  readBookmark,
  readBookmarks,
  removeBookmark,
} from './bookmark-item.ts';

/** So many rooms of one user wait to be bookmarked; what comes on top is not. */
const MAX_WAITING = 100;

interface Line {
  end: Promise<unknown>;
  waiting: number;
}

/**
 * XEP-0402: keeps the rooms that users are in among their bookmarks, where their server lets us (XEP-0356). Nothing is
 * ever written elsewhere: XEP-0048 has all bookmarks in one item, which two writers at a time would spoil.
 *
 * By default only for those who stay connected. They are in their rooms whether or not a client is, so that each client
 * should find them. For all others a visit may be a visit, and their client knows whether it is more.
 */
export class Bookmarks {
  readonly #surroundings: Surroundings;
  /** One after the other for each user. */
  readonly #lines = new Map<UserSession, Line>();
  /** During which attachment a server has refused us the bookmarks of a user. */
  readonly #refused = new WeakMap<UserSession, number>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** Whether rooms of this user are to be bookmarked, and can be as far as is known. */
  isWanted(session: UserSession): boolean {
    const { bookmarks } = session.settings.get();
    const isChosen = bookmarks === 'on' || (bookmarks === 'auto' && session.staysConnected);
    const isRefused = this.#refused.get(session) === session.domain.attachment.number;
    return session.isRegistered && isChosen && !isRefused && mayBookmark(session);
  }

  /** She came in with a client, under the nick that she asked for. */
  entered(session: UserSession, room: Room, nick: string): void {
    if (this.isWanted(session)) void this.keep(session, room, nick);
  }

  /** @returns whether there is a bookmark now that brings her clients in */
  keep(session: UserSession, room: Room, nick: string): Promise<boolean> {
    return this.#inLine(session, () => this.#keep(session, room, nick));
  }

  /** She unregisters: takes away what the gateway has made and she has not changed, as it leads nowhere any more. */
  clear(session: UserSession): void {
    if (mayBookmark(session)) void this.#inLine(session, () => this.#clear(session));
  }

  async #keep(session: UserSession, room: Room, nick: string): Promise<boolean> {
    const isDue = (): boolean => session.rooms.get(room.id) === room && this.isWanted(session);
    if (!isDue()) return false;
    const known = await readBookmark(this.#surroundings, session.user, room.jid);
    if (!isDue()) return false;
    const conference = known === undefined ? newBookmark(nick) : completed(known, nick);
    if (conference !== undefined) {
      await publishBookmark(this.#surroundings, session.user, { room: room.jid, conference });
      session.log.debug({ room: room.id }, 'bookmarked a room');
    }
    return isAutojoin(conference ?? known ?? newBookmark(nick));
  }

  async #clear({ user, domain }: UserSession): Promise<boolean> {
    for (const { room, conference } of await readBookmarks(this.#surroundings, user)) {
      const isHere = parseJid(room)?.domain === domain.domain;
      if (isHere && isUntouched(conference)) await removeBookmark(this.#surroundings, user, room);
    }
    return true;
  }

  /** @returns what comes of the work; `false` when it fails */
  #inLine(session: UserSession, work: () => Promise<boolean>): Promise<boolean> {
    const line = this.#lines.get(session) ?? { end: Promise.resolve(), waiting: 0 };
    if (line.waiting >= MAX_WAITING) return Promise.resolve(false);
    line.waiting += 1;
    this.#lines.set(session, line);
    const done = line.end
      .then(work)
      .catch((error: unknown) => this.#failed(session, error))
      .finally(() => {
        line.waiting -= 1;
        if (line.waiting === 0) this.#lines.delete(session);
      });
    line.end = done;
    return done;
  }

  /** What is refused for one room is refused for all: the node is one that others can read, or the server cannot do it. */
  #failed(session: UserSession, error: unknown): boolean {
    if (error instanceof ConnectionLost) return false;
    if (!(error instanceof StanzaError)) {
      session.log.error({ err: error }, 'a room was not bookmarked');
      return false;
    }
    this.#refused.set(session, session.domain.attachment.number);
    session.log.info({ err: error }, 'the server does not let us at the bookmarks');
    return false;
  }
}

/** Whether the user's server has given us leave to read and write her bookmarks. */
export function mayBookmark({ domain, user }: UserSession): boolean {
  const { privileges, gateway } = domain;
  if (!gateway.features.includes('join')) return false;
  return (['get', 'set'] as const).every((act) => privileges.mayAsk(user.domain, act, NS_PUBSUB));
}
