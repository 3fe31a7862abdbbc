import type { Logger } from 'pino';
import { randomUUID } from 'node:crypto';
import { isStorable } from '../delivery/stored-event.ts';
import { messageId } from '../plugin/index.ts';
import type {
  ContactId,
  Event,
  File,
  Host,
  Language,
  Memory,
  MessageEvent,
  NoticeEvent,
} from '../plugin/index.ts';
import { BOT_CONTACT } from './bot.ts';
import type { SessionEvents, UserSession } from './user-session.ts';

/** What the gateway's session of one user is given. It has little of its own, for there are thousands. */
export class SessionHost implements Host {
  readonly #session: UserSession;
  readonly #events: SessionEvents;

  constructor(session: UserSession, events: SessionEvents) {
    this.#session = session;
    this.#events = events;
  }

  get log(): Logger {
    return this.#session.log;
  }

  get language(): Language {
    return this.#session.language;
  }

  get memory(): Memory {
    const { user, domain } = this.#session;
    return domain.store.memory.of(domain.domain, user.bare);
  }

  get user(): string {
    return this.#session.user.bare;
  }

  get staysConnected(): boolean {
    return this.#session.staysConnected;
  }

  get watched(): Iterable<ContactId> {
    return this.#session.watched();
  }

  get messageLifeMs(): number {
    return this.#session.domain.messageLifeMs;
  }

  file(kept: Omit<File, 'open'>): File {
    return this.#session.domain.files.fromUser(kept, this.language);
  }

  emit(event: Event): Promise<void> | undefined {
    const { watch, inbox, mailbox } = this.#session;
    if (this.#session.gathers(event)) return undefined;
    if (event.kind !== 'network' || event.state === 'online') watch.proven();
    if (inbox !== undefined) {
      if (isStorable(event)) return inbox.take(event);
      if (event.kind === 'notice' && event.network === undefined)
        return inbox.take(keptNotice(event));
    }
    mailbox.post(() => this.#events.event(this.#session, event), event.kind);
    return mailbox.drained;
  }
}

/** A headline reaches nobody who is not there: what is to be kept, the bot says. */
const keptNotice = ({ id, text }: NoticeEvent): MessageEvent => ({
  kind: 'message',
  from: BOT_CONTACT,
  id: id ?? messageId(randomUUID()),
  text,
});
