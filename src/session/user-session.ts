import type { Logger } from 'pino';
import type {
  Account,
  ContactId,
  Event,
  Host,
  Language,
  NetworkId,
  RoomId,
  Session,
  TypingState,
} from '../plugin/index.ts';
import type { DomainDelivery } from '../delivery/domain-delivery.ts';
import type { StoredEvent } from '../delivery/stored-event.ts';
import type { UserInbox } from '../delivery/user-inbox.ts';
import type { UserOutbox } from '../delivery/user-outbox.ts';
import type { RoomArchive } from '../store/room-archive.ts';
import type { Jid } from '../xmpp/jid.ts';
import type { XmlElement } from '../xml/element.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { BOT } from './bot.ts';
import { Cards } from './cards.ts';
import { Contacts } from './contacts.ts';
import { Dialogues } from './dialogues.ts';
import type { GatewayDomain } from './gateway-domain.ts';
import { Mailbox } from './mailbox.ts';
import type { MailboxEdge, Output } from './mailbox.ts';
import { Marks } from './marks.ts';
import { beginningOf, MessageIds } from './message-ids.ts';
import { MessageLedger } from './message-ledger.ts';
import { NetworkLink } from './network-link.ts';
import { RecentStanzas } from './recent-stanzas.ts';
import { NetworkWatch } from './network-watch.ts';
import type { NetworkState } from './network-watch.ts';
import type { MergedPresence, Resource } from './resource.ts';
import { OccupantIds } from './occupant-ids.ts';
import { Room } from './room.ts';
import { RosterCopy } from './roster-copy.ts';
import { sessionTexts } from './session-texts.ts';
import { SentMessages } from './sent-messages.ts';
import { SessionHost } from './session-host.ts';
import { UserSettings } from './settings.ts';
import type { Settings } from './settings.ts';
import { Subscriptions } from './subscriptions.ts';
import { Writers } from './writers.ts';

export interface UserSessionOptions {
  readonly user: Jid;
  readonly domain: GatewayDomain;
  readonly edge: MailboxEdge;
  readonly events: SessionEvents;
  /** Absent where messages pass through in memory. */
  readonly delivery: DomainDelivery | undefined;
}

export interface SessionEvents {
  /** Turns what the network tells into stanzas. */
  event(session: UserSession, event: Event): Output | Promise<Output>;
  /** The same for what was stored on the way. @param nextId gives the ids of its stanzas */
  stored(session: UserSession, event: StoredEvent, nextId: () => string): Output | Promise<Output>;
  lost(session: UserSession, error: unknown, isFinal: boolean): Output;
  /** The gateway's session was told to connect, perhaps again. */
  running(session: UserSession): Output;
  stateChanged(session: UserSession, state: NetworkState): Output;
  unregistering(session: UserSession): void;
  /** What is kept of her could be read at last, after it could not. */
  recovered(session: UserSession): void;
}

interface Whisper {
  readonly room: RoomId;
  readonly nick: string;
}

/** One user on one gateway: what we know of her, and what is under way for her. Touched only through its mailbox. */
export class UserSession {
  readonly user: Jid;
  readonly domain: GatewayDomain;
  readonly mailbox: Mailbox;
  readonly link: NetworkLink;
  /** What the gateway's session of her is given. */
  readonly host: Host;
  /** Absent where messages pass through in memory. */
  readonly outbox: UserOutbox | undefined;
  readonly inbox: UserInbox | undefined;
  /** Absent while she has not registered. */
  account: Account | undefined;
  /** Her available resources, by full JID. */
  readonly resources = new Map<string, Resource>();
  readonly rooms = new Map<RoomId, Room>();
  /** The people whom she knows on the network. */
  readonly contacts: Contacts;
  readonly settings: UserSettings;
  readonly subscriptions: Subscriptions;
  /** How the network was last told to show her. */
  announced: MergedPresence | undefined;
  readonly watch: NetworkWatch;
  readonly roster = new RosterCopy();
  readonly onlineNetworks = new Set<NetworkId>();
  // Made when it is first needed: of thousands of users, most say nothing for hours.
  #sent: SentMessages | undefined;
  #recent: RecentStanzas | undefined;
  #messageIds: MessageIds | undefined;
  #marks: Marks | undefined;
  #typing: Map<string, TypingState> | undefined;
  #writers: Writers | undefined;
  #whispers: Map<ContactId, Whisper> | undefined;
  #dialogues: Dialogues | undefined;
  #cards: Cards | undefined;
  #shown: Map<string, string> | undefined;
  #adding: Set<ContactId> | undefined;
  /** What is told while her registration ends. */
  #lastWords: Event[] | undefined;
  #askedAt: Map<ContactId, number> | undefined;
  /**
   * Something was heard of a client of hers since the last one went away. An error reaches nobody else: servers keep none
   * (RFC 6121 §8.5.2.2).
   */
  isHeard = false;
  lastActiveAt: number;
  #isLoaded = false;
  #reading: Promise<void> | undefined;
  #couldNotLoad = false;
  /** The language that her clients last spoke. */
  #spoken: Language;

  readonly #events: SessionEvents;

  constructor({ user, domain, edge, events, delivery }: UserSessionOptions) {
    this.#events = events;
    this.user = user;
    this.domain = domain;
    this.#spoken = domain.language;
    this.mailbox = new Mailbox(edge, user.bare);
    this.outbox = delivery?.outbox(user, this.log, this.#outboxEvents());
    this.inbox = delivery?.inbox(user, this.log, this.#inboxEvents(events));
    this.contacts = new Contacts(domain.store.contacts, domain.domain, user.bare);
    this.settings = new UserSettings(domain.store.settings, domain.domain, user.bare);
    this.subscriptions = new Subscriptions(domain, user, (local, isWatched) =>
      this.#watch(local, isWatched),
    );
    this.lastActiveAt = domain.now();
    this.watch = new NetworkWatch((state) =>
      this.mailbox.post(() => events.stateChanged(this, state)),
    );
    this.host = new SessionHost(this, events);
    this.link = new NetworkLink(domain.gateway, this.host, {
      lost: (error, isFinal) => this.mailbox.post(() => events.lost(this, error, isFinal)),
      running: () => this.mailbox.post(() => events.running(this)),
      closed: () => this.#left(),
    });
  }

  /** Made when there is something to say. */
  get log(): Logger {
    return this.domain.log.child({ user: this.user.bare });
  }

  /** She is no longer on the network, and what it told of others with it. */
  #left(): void {
    this.watch.reset();
    this.announced = undefined;
    this.#adding?.clear();
    this.contacts.forgetShows();
  }

  /** What she was last shown of the presence of our addresses, by local part; none of what she cannot see. */
  get shown(): Map<string, string> {
    return (this.#shown ??= new Map());
  }

  /** Whom she wants on her list and the network has yet to say yes to. */
  get adding(): Set<ContactId> {
    return (this.#adding ??= new Set());
  }

  /** When contacts last asked for her presence. */
  get askedAt(): Map<ContactId, number> {
    return (this.#askedAt ??= new Map());
  }

  get sent(): SentMessages {
    return (this.#sent ??= new SentMessages());
  }

  get recent(): RecentStanzas {
    return (this.#recent ??= new RecentStanzas(this.domain.now));
  }

  get messageIds(): MessageIds {
    return (this.#messageIds ??= new MessageIds(this.domain.gateway.features, this.#ledger()));
  }

  get cards(): Cards {
    return (this.#cards ??= new Cards(() => this.link.session, this.log, this.domain.now));
  }

  /** How far people have seen what was said. */
  get marks(): Marks {
    return (this.#marks ??= new Marks());
  }

  /** Where she is writing, or paused, by address; absent when she is done. */
  get typing(): Map<string, TypingState> {
    return (this.#typing ??= new Map());
  }

  /** Who is writing to her, as her clients were told. */
  get writers(): Writers {
    return (this.#writers ??= new Writers(this.domain.now));
  }

  /** The same, if there has been anybody. */
  get knownWriters(): Writers | undefined {
    return this.#writers;
  }

  /** Contacts to whom she wrote last by way of a room, so that answers come the same way. */
  get whispers(): Map<ContactId, Whisper> {
    return (this.#whispers ??= new Map());
  }

  /** Commands and registrations that she is in the middle of. */
  get dialogues(): Dialogues {
    return (this.#dialogues ??= new Dialogues());
  }

  #outboxEvents(): Parameters<DomainDelivery['outbox']>[2] {
    return {
      send: async ({ to, message }, attempt) => this.network().send(to, { ...message, attempt }),
      wasTaken: ({ to, message }, attempt) =>
        this.network().wasTaken?.(to, { ...message, attempt }) ?? Promise.resolve(undefined),
      language: () => this.language,
      undelivered: (event) => this.inbox?.keep(event) ?? { queries: [], tell: () => undefined },
    };
  }

  #inboxEvents(events: SessionEvents): Parameters<DomainDelivery['inbox']>[2] {
    return {
      post: (task) => this.mailbox.post(task),
      stanzas: (event, nextId) => events.stored(this, event, nextId),
      isThere: () => this.isHeard,
      isAccepted: (contact) => this.hears(contact),
      asks: ({ from: contact, nick, text }) => {
        const name = nick === undefined ? {} : { name: nick };
        const beginning = beginningOf(text);
        this.mailbox.post(() =>
          events.event(this, { kind: 'contact-asks', contact, ...name, text: beginning }),
        );
      },
    };
  }

  #ledger(): MessageLedger | undefined {
    const { user, domain } = this;
    if (this.outbox === undefined) return undefined;
    return new MessageLedger({ gateway: domain.domain, user: user.bare }, domain);
  }

  /** The language to speak to her: the one that she chose, or that her clients last spoke. */
  get language(): Language {
    const { language } = this.settings.get();
    return language === '' ? this.#spoken : language;
  }

  set language(spoken: Language) {
    this.#spoken = spoken;
  }

  /** What is kept of her is known. Until then nobody can say whether she has registered. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  get isRegistered(): boolean {
    return this.account !== undefined;
  }

  /** She is to be on the network whether or not a resource of hers is there. */
  get staysConnected(): boolean {
    const isAlwaysOn = this.domain.gateway.isAlwaysOn === true;
    return this.isRegistered && (isAlwaysOn || this.settings.get().stayConnected);
  }

  /** Nothing is left that would be missed if the session went away. */
  get isIdle(): boolean {
    return (
      this.mailbox.isIdle &&
      this.outbox?.isIdle !== false &&
      this.inbox?.isIdle !== false &&
      this.rooms.size === 0 &&
      this.resources.size === 0 &&
      this.#dialogues?.isEmpty !== false &&
      !this.staysConnected
    );
  }

  /** The network, opened if need be. */
  network(): Session {
    this.lastActiveAt = this.domain.now();
    return this.link.open(this.account);
  }

  /** Whether she has agreed to hear from a contact. */
  hears(contact: ContactId): boolean {
    const local = this.domain.localOf({ kind: 'contact', id: contact });
    const { toUser, fromUser } = this.subscriptions.of(local);
    return toUser || fromUser || this.contacts.get(contact)?.isListed === true;
  }

  /** The contacts whose presence she wants to see. */
  *watched(): Generator<ContactId> {
    for (const [local, { fromUser }] of this.subscriptions) {
      const id = fromUser ? this.#contactAt(local) : undefined;
      if (id !== undefined) yield id;
    }
  }

  /** A client of hers shows itself: what waited for one is told now. */
  heard(): void {
    this.isHeard = true;
    this.inbox?.isThere();
  }

  /** She has agreed to hear from an address of ours, or does not want to: what was held until then is told, or dropped. */
  answered(local: string, isWelcome: boolean): void {
    const address = this.domain.addressOf(local);
    if (address?.kind !== 'contact') return;
    if (isWelcome) this.inbox?.accept(address.id);
    else this.inbox?.refuse(address.id);
  }

  /** Puts a room among those of the user, whom the network has yet to let in. */
  addRoom(id: RoomId, nick: string, password?: string): Room {
    const { domain } = this;
    const jid = domain.jidOf({ kind: 'room', id });
    const occupantIds = new OccupantIds(domain.occupantSecret, jid);
    const room = new Room({ id, jid, nick, password, occupantIds, archive: this.archiveOf(id) });
    this.rooms.set(id, room);
    return room;
  }

  /** What the user heard in a room, whether she is in it now or not. */
  archiveOf(id: RoomId): RoomArchive | undefined {
    const { store, domain } = this.domain;
    if (!this.settings.get().keepHistory) return undefined;
    return store.archives.of({ gateway: domain, user: this.user.bare, room: id });
  }

  /**
   * Reads what is kept of the user: the first piece of work of every session, and of what follows as long as it fails.
   * @throws StanzaError that says to try again later
   */
  async load(): Promise<undefined> {
    if (this.#isLoaded) return undefined;
    try {
      // One that takes so long that it was given up is still under way.
      this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
      await this.#reading;
    } catch (error) {
      this.#couldNotLoad = true;
      this.account = undefined;
      this.log.error({ err: error }, 'what is kept of a user could not be read');
      const { language } = this;
      const { cannotRead } = sessionTexts(language);
      throw new StanzaError('internal-server-error', cannotRead, { type: 'wait', language });
    }
    if (this.#isLoaded) return undefined;
    this.#isLoaded = true;
    if (this.#couldNotLoad) this.#events.recovered(this);
    return undefined;
  }

  async #read(): Promise<void> {
    const { store, domain } = this.domain;
    const registration = await store.registrations.find(domain, this.user.bare);
    await this.subscriptions.load();
    if (registration !== undefined) {
      await Promise.all([this.settings.load(), this.contacts.load()]);
    }
    this.account = registration?.account;
    await this.outbox?.restore();
  }

  /** Changes settings, keeps them, and acts on them. */
  async changeSettings(change: Partial<Settings>): Promise<void> {
    await this.settings.set(change);
    const { store, domain } = this.domain;
    if (change.keepHistory === false) await store.archives.removeUser(domain, this.user.bare);
    for (const room of this.rooms.values()) room.archive = this.archiveOf(room.id);
    if (this.staysConnected) this.network();
    else if (this.resources.size === 0 && this.rooms.size === 0) void this.link.close();
  }

  /**
   * Takes leave of the network for good, before what is kept of her is deleted.
   * @returns what she is told of that which the network can no longer do for her
   */
  async leave(): Promise<XmlElement[]> {
    const events: Event[] = [];
    this.#lastWords = events;
    try {
      await this.link.end(this.account);
    } finally {
      this.#lastWords = undefined;
    }
    const stanzas: XmlElement[] = [];
    for (const event of events) {
      try {
        stanzas.push(...((await this.#events.event(this, event)) ?? []));
      } catch (error) {
        this.log.error({ err: error, kind: event.kind }, 'an event could not be told');
      }
    }
    return stanzas;
  }

  /** Whether an event is one of {@link UserSession.leave}: there is no inbox any more that it could wait in. */
  gathers(event: Event): boolean {
    if (this.#lastWords === undefined) return false;
    const isLastWord = event.kind === 'failed' || event.kind === 'notice';
    if (isLastWord) this.#lastWords.push(event);
    return isLastWord;
  }

  /** To be called before what is kept of her is deleted. */
  unregistering(): void {
    this.#events.unregistering(this);
  }

  /** Stores what has changed about contacts, once all that waits is done. */
  saveContacts(): void {
    this.contacts.saveSoon((work) => this.mailbox.post(work));
  }

  /** Tells the network, if she is on it, whose presence she wants to see. */
  #watch(local: string, isWatched: boolean): void {
    const id = this.#contactAt(local);
    if (id === undefined) return;
    this.link.session
      ?.watch?.(id, isWatched)
      .catch((error: unknown) => this.log.warn({ err: error }, 'a contact is not watched'));
  }

  #contactAt(local: string): ContactId | undefined {
    const address = local === BOT ? undefined : this.domain.addressOf(local);
    return address?.kind === 'contact' ? address.id : undefined;
  }
}
