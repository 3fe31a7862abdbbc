import type { Logger } from 'pino';
import { DomainDelivery } from '../delivery/domain-delivery.ts';
import type { Clock } from '../delivery/clock.ts';
import { accountTexts } from '../features/account/texts.ts';
import { farewells } from '../features/farewell.ts';
import { allFeatures } from '../features/index.ts';
import { networkLost, networkStateChanged } from '../features/gateway-presence.ts';
import { dismissals } from '../features/muc/dismissal.ts';
import { dropUnheard } from '../features/presence.ts';
import { announce } from '../features/user-presence.ts';
import type { Feature } from '../router/feature.ts';
import type { Finding, Gateway, Host } from '../plugin/index.ts';
import { languageOf } from '../router/context.ts';
import { Requests, Unanswered } from '../router/requests.ts';
import type { Request } from '../router/requests.ts';
import { Router } from '../router/router.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import { loaded } from '../session/in-mailbox.ts';
import type { MailboxEdge } from '../session/mailbox.ts';
import { Sessions } from '../session/sessions.ts';
import { Turns } from '../session/turns.ts';
import type { SessionEvents, UserSession } from '../session/user-session.ts';
import type { TroubleKind } from '../stream/attach-trouble.ts';
import { ComponentStream } from '../stream/component-stream.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { parseJid } from '../xmpp/jid.ts';
import type { Jid } from '../xmpp/jid.ts';
import { NS_CLIENT, NS_PING } from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { errorReply, newStanzaId } from '../xmpp/stanza.ts';
import { eventTable } from './event-table.ts';
import { Outbound } from './outbound.ts';
import { Probing } from './probing.ts';
import { texts as roomTexts } from '../features/muc/texts.ts';

const SWEEP_MS = 60_000;
const VISITS_PER_TICK = 10;
const VISITING_TICK_MS = 100;

export interface GatewayHostOptions {
  readonly domain: GatewayDomain;
  readonly jabber: { readonly host: string; readonly port: number; readonly tls: boolean };
  readonly secret: string;
  readonly log: Logger;
  /** Takes every stanza that comes; a server may send those of another domain here. */
  readonly route: (stanza: XmlElement) => void;
  /** As `route`, for a stanza that was too large to be read; only its opening tag is given. */
  readonly routeOversized: (opening: XmlElement, reason: string) => void;
  readonly attached: () => void;
  readonly delivery: { readonly expireHours: number; readonly keepDays: number };
  readonly clock: Clock;
}

/** How a domain is doing. */
export interface HostStatus {
  readonly isAttached: boolean;
  /** Why it is not attached, as far as is known. */
  readonly trouble: TroubleKind | undefined;
  readonly sessions: number;
  readonly received: number;
  readonly sent: number;
  readonly failures: number;
}

/** One gateway domain: its stream, its router, its users. */
export class GatewayHost {
  readonly domain: string;
  readonly #options: GatewayHostOptions;
  readonly #stream: ComponentStream;
  readonly #outbound: Outbound;
  readonly #sessions: Sessions;
  readonly #requests: Requests;
  readonly #features: readonly Feature[];
  readonly #router: Router;
  readonly #delivery: DomainDelivery | undefined;
  #isStarted = false;
  #isStopping = false;
  readonly #visiting = new Set<NodeJS.Timeout>();
  #received = 0;
  #failures = 0;
  #sweeping: NodeJS.Timeout | undefined;
  readonly #probing: Probing;

  /** How what all its users share is connected. */
  get condition(): readonly Finding[] {
    return this.#options.domain.gateway.condition?.() ?? [];
  }

  constructor(options: GatewayHostOptions) {
    const { domain, jabber, secret, log } = options;
    this.domain = domain.domain;
    this.#options = options;
    this.#stream = new ComponentStream(
      { ...jabber, domain: domain.domain, secret, log },
      {
        attached: () => this.#attached(),
        stanza: options.route,
        oversized: options.routeOversized,
        detached: () => {
          this.#probing.stop();
          this.#requests.fail();
        },
      },
    );
    this.#outbound = new Outbound(this.domain, this.#stream, log, () => this.#dismissAll());
    const write = (stanzas: readonly XmlElement[]): void => this.#outbound.write(stanzas);
    const edge: MailboxEdge = {
      turns: new Turns(() => this.#stream.drained ?? domain.store.archives.congestion),
      write,
      failed: (error, user) => {
        this.#failures += 1;
        log.error({ err: error, user }, 'work for a user failed');
      },
      slow: (slowness, user) => {
        const text = slowness.isAbandoned
          ? 'work for a user was given up'
          : 'work for a user is slow';
        log.warn({ user, ...slowness }, text);
      },
    };
    this.#probing = this.#makeProbing(options);
    this.#requests = new Requests(write);
    this.#delivery = this.#deliveryFor(write);
    const events: SessionEvents = {
      event: (session, event) => handleEvent(session, event, newStanzaId),
      stored: (session, event, nextId) => handleEvent(session, event, nextId),
      lost: networkLost,
      running: (session) => {
        session.watch.trying();
        if (session.resources.size > 0 || session.staysConnected) announce(session);
        return undefined;
      },
      stateChanged: networkStateChanged,
      unregistering: (session) => {
        for (const feature of this.#features) feature.unregistering?.(session);
      },
      recovered: (session) => this.#recovered(session),
    };
    this.#sessions = new Sessions(domain, edge, events, this.#delivery);
    const surroundings = { domain, sessions: this.#sessions, requests: this.#requests, write };
    this.#features = allFeatures(surroundings);
    const handleEvent = eventTable(this.#features);
    this.#router = new Router(surroundings, this.#features);
  }

  /** Opens what the gateway itself listens on, then attaches. @throws what the gateway says when it cannot start */
  async start(): Promise<void> {
    const { gateway } = this.#options.domain;
    this.#isStarted = true;
    await gateway.start?.();
    await this.#indexKeys();
    this.#stream.start();
    await this.#openSessions();
    this.#delivery?.retry((users) => this.#visit(users, ({ inbox }) => inbox?.tryAgain()));
    this.#sweeping = setInterval(() => this.#sessions.sweep(), SWEEP_MS);
    this.#sweeping.unref();
  }

  /** Takes a stanza for this domain, by whichever connection it came. */
  handle(stanza: XmlElement): void {
    this.#received += 1;
    if (this.#isStopping) return this.#turnAway(stanza);
    this.#router.handle(stanza);
  }

  handleOversized(opening: XmlElement, reason: string): void {
    this.#router.handleOversized(opening, reason);
  }

  /** Asks somebody a question of ours. */
  ask(request: Request): Promise<XmlElement | undefined> {
    return this.#requests.ask(request);
  }

  /** What the gateway answers over HTTP; absent when it answers nothing. */
  get web(): Gateway['web'] {
    const { gateway } = this.#options.domain;
    return gateway.web === undefined ? undefined : gateway.web.bind(gateway);
  }

  get status(): HostStatus {
    return {
      isAttached: this.#stream.isAttached,
      trouble: this.#stream.trouble,
      sessions: this.#sessions.count,
      received: this.#received,
      sent: this.#outbound.count,
      failures: this.#failures,
    };
  }

  /** See `GatewayContext.find`. */
  async find(key: string): Promise<Host | undefined> {
    const { store, domain } = this.#options.domain;
    const user = await store.accountKeys.userOf(domain, key);
    const jid = user === undefined ? undefined : parseJid(user);
    if (jid === undefined) return undefined;
    const session = await loaded(this.#sessions.of(jid));
    if (!session.isRegistered) return undefined;
    session.network();
    return session.host;
  }

  /** XEP-0100 §8: says unavailable to all, and takes leave of all networks. */
  async leave(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#sweeping);
    for (const visiting of this.#visiting) clearInterval(visiting);
    this.#delivery?.stop();
    this.#probing.stop();
    for (const session of this.#sessions.all()) {
      this.#outbound.write(farewells(session, accountTexts(session.language).goingDown));
    }
    await this.#sessions.leaveAll();
  }

  /** After {@link GatewayHost.leave}: writes what has come of it, and closes the stream. */
  async stop(): Promise<void> {
    await this.#sessions.closeAll();
    await this.#stream.stop();
    if (this.#isStarted) await this.#options.domain.gateway.close?.();
  }

  /** Nobody is let in any more, and nothing that users say is lost without a word. */
  #turnAway(stanza: XmlElement): void {
    if (stanza.name === 'presence') return;
    const { domain } = this.#options;
    const language = languageOf(stanza, domain) ?? domain.language;
    const { goingDown } = accountTexts(language);
    const error = new StanzaError('recipient-unavailable', goingDown, { language });
    const reply = errorReply(stanza, error);
    if (reply !== undefined) this.#outbound.write([reply]);
  }

  #attached(): void {
    this.#options.domain.attachment.begin();
    for (const feature of this.#features) feature.attached?.();
    this.#outbound.release();
    this.#delivery?.barrier.attached();
    for (const session of this.#sessions.all()) session.inbox?.catchUp();
    this.#options.attached();
    this.#probing
      .start()
      .catch((error: unknown) =>
        this.#options.log.error({ err: error }, 'the registered users could not be read'),
      );
  }

  #deliveryFor(write: (stanzas: readonly XmlElement[]) => void): DomainDelivery | undefined {
    const { domain, delivery, clock, log } = this.#options;
    if (domain.gateway.delivery !== 'stored') return undefined;
    return new DomainDelivery({
      domain: domain.domain,
      store: domain.store,
      files: domain.files,
      secret: domain.store.derivedKey('stanza ids'),
      line: {
        domain: domain.domain,
        isAttached: () => this.#stream.isAttached,
        write,
        ping: (server) => this.#ping(server),
      },
      ...delivery,
      clock,
      log,
    });
  }

  /** Whatever a server answers, it has handled what we wrote before. */
  async #ping(to: string): Promise<void> {
    const payload = xml('ping', NS_PING);
    try {
      await this.#requests.ask({ type: 'get', from: this.domain, to, payload });
    } catch (error) {
      if (error instanceof Unanswered || !(error instanceof StanzaError)) throw error;
    }
  }

  /** Accounts are found by their keys, those too that were made before the gateway had keys. */
  async #indexKeys(): Promise<void> {
    const { gateway, store, domain, log } = this.#options.domain;
    if (gateway.keys === undefined) return;
    const wanted = new Map<string, readonly string[]>();
    for await (const { user, account } of store.registrations.all(domain)) {
      wanted.set(user, gateway.keys(account));
    }
    for (const [user, keys] of await store.accountKeys.changed(domain, wanted)) {
      const taken = await store.accountKeys.save(domain, user, keys);
      if (taken !== undefined) log.warn({ user, key: taken }, 'another user has this key');
    }
  }

  /** Those for whom something is left from before, and all where sessions are always on: a few at a time. */
  async #openSessions(): Promise<void> {
    const { gateway, store, domain } = this.#options.domain;
    const registered = gateway.isAlwaysOn === true ? await store.registrations.users(domain) : [];
    const pending = (await this.#delivery?.usersWithPending()) ?? [];
    const users = [...new Set([...pending, ...registered])];
    this.#visit(users, (session) => {
      if (session.staysConnected) session.network();
      session.inbox?.catchUp();
    });
  }

  /** Does something for each of many users: a few at a time. */
  #visit(users: readonly string[], act: (session: UserSession) => void): void {
    const left = [...users];
    if (left.length === 0) return;
    const visiting = setInterval(() => {
      for (const user of left.splice(0, VISITS_PER_TICK)) {
        const jid = parseJid(user);
        if (jid === undefined) continue;
        try {
          this.#visitOne(jid, act);
        } catch (error) {
          this.#options.log.warn({ err: error, user }, 'nothing could be done for a user');
        }
      }
      if (left.length > 0) return;
      clearInterval(visiting);
      this.#visiting.delete(visiting);
    }, VISITING_TICK_MS);
    this.#visiting.add(visiting);
  }

  #visitOne(user: Jid, act: (session: UserSession) => void): void {
    const session = this.#sessions.of(user);
    session.mailbox.post(() => {
      act(session);
      return undefined;
    });
  }

  /** What a user was sent errors for, or would have been opened for at the start, comes now. */
  #recovered({ isRegistered, staysConnected, user, inbox }: UserSession): void {
    if (!isRegistered) return;
    const probe = { from: this.domain, to: user.bare, type: 'probe' };
    this.#outbound.write([xml('presence', NS_CLIENT, probe)]);
    if (staysConnected) this.#visitOne(user, (session) => session.network());
    inbox?.catchUp();
  }

  #makeProbing({ domain }: GatewayHostOptions): Probing {
    const { store, attachment } = domain;
    let staying: ReadonlySet<string> = new Set();
    return new Probing({
      attachment,
      users: async () => {
        staying = new Set(await store.settings.usersWith(this.domain, 'stayConnected', 'true'));
        return store.registrations.users(this.domain);
      },
      probe: (bare) => this.#askFor(bare, staying.has(bare)),
      settled: (bare) => {
        const user = parseJid(bare);
        const session = user === undefined ? undefined : this.#sessions.find(user);
        session?.mailbox.post(() => dropUnheard(session));
      },
      now: domain.now,
      random: Math.random,
    });
  }

  /** Asks whether a user is there, unless her server tells us by itself (XEP-0356 §7); who stays connected is brought to her network. */
  #askFor(bare: string, staysConnected: boolean): void {
    const user = parseJid(bare);
    if (user === undefined) return;
    const { privileges } = this.#options.domain;
    if (privileges.of(user.domain)?.tellsPresence !== true) {
      const probe = { from: this.domain, to: bare, type: 'probe' };
      this.#outbound.write([xml('presence', NS_CLIENT, probe)]);
    }
    if (!staysConnected) return;
    const session = this.#sessions.of(user);
    session.mailbox.post(() => {
      if (session.staysConnected) session.network();
      return undefined;
    });
  }

  /** What users have been told of their rooms is wrong: they are taken out and may come in again. */
  #dismissAll(): void {
    for (const session of this.#sessions.all()) {
      session.mailbox.post(() => {
        const rooms = [...session.rooms.keys()];
        for (const room of rooms) {
          session.link.session
            ?.leave?.(room)
            .catch((error: unknown) => session.log.debug({ err: error }, 'leaving failed'));
        }
        return dismissals(session, roomTexts(session.language).wereLost);
      });
    }
  }
}
