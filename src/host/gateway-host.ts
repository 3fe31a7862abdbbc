import type { Logger } from 'pino';
import { farewells } from '../features/farewell.ts';
import { allFeatures } from '../features/index.ts';
import { dismissals } from '../features/muc/dismissal.ts';
import { rejoinRooms } from '../features/muc/rejoin.ts';
import type { Feature } from '../router/feature.ts';
import { Requests } from '../router/requests.ts';
import { Router } from '../router/router.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import type { MailboxEdge, Output } from '../session/mailbox.ts';
import { Sessions } from '../session/sessions.ts';
import { Turns } from '../session/turns.ts';
import type { UserSession } from '../session/user-session.ts';
import { ComponentStream } from '../stream/component-stream.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_CLIENT } from '../xmpp/namespaces.ts';
import { eventTable } from './event-table.ts';
import { Outbound } from './outbound.ts';

const SWEEP_MS = 60_000;
const PROBES_PER_TICK = 5;
const PROBE_TICK_MS = 250;

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
  #sweeping: NodeJS.Timeout | undefined;
  #probing: NodeJS.Timeout | undefined;

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
          this.#stopProbing();
          this.#requests.fail();
        },
      },
    );
    this.#outbound = new Outbound(this.domain, this.#stream, log, () => this.#dismissAll());
    const write = (stanzas: readonly XmlElement[]): void => this.#outbound.write(stanzas);
    const edge: MailboxEdge = {
      turns: new Turns(() => this.#stream.drained),
      write,
      failed: (error, user) => log.error({ err: error, user }, 'work for a user failed'),
      slow: (slowness, user) => {
        const text = slowness.isAbandoned
          ? 'work for a user was given up'
          : 'work for a user is slow';
        log.warn({ user, ...slowness }, text);
      },
    };
    this.#sessions = new Sessions(domain, edge, {
      event: (session, event) => handleEvent(session, event),
      lost: (session, error, isFinal) => this.#lost(session, error, isFinal),
    });
    this.#requests = new Requests(write);
    const surroundings = { domain, sessions: this.#sessions, requests: this.#requests, write };
    this.#features = allFeatures(surroundings);
    const handleEvent = eventTable(this.#features);
    this.#router = new Router(surroundings, this.#features);
  }

  start(): void {
    this.#stream.start();
    this.#sweeping = setInterval(() => this.#sessions.sweep(), SWEEP_MS);
    this.#sweeping.unref();
  }

  /** Takes a stanza for this domain, by whichever connection it came. */
  handle(stanza: XmlElement): void {
    this.#router.handle(stanza);
  }

  handleOversized(opening: XmlElement, reason: string): void {
    this.#router.handleOversized(opening, reason);
  }

  /** XEP-0100 §8: says unavailable to all, takes leave of all networks, closes the stream. */
  async stop(): Promise<void> {
    clearInterval(this.#sweeping);
    this.#stopProbing();
    for (const session of this.#sessions.all()) {
      this.#outbound.write(farewells(session, 'The gateway is going down'));
    }
    await this.#sessions.closeAll();
    await this.#stream.stop();
    await this.#options.domain.gateway.close?.();
  }

  #attached(): void {
    for (const feature of this.#features) feature.attached?.();
    this.#outbound.release();
    this.#options.attached();
    this.#probeAll().catch((error: unknown) =>
      this.#options.log.error({ err: error }, 'the registered users could not be read'),
    );
  }

  /** No server tells us who is there: registered users are asked, a few at a time (XEP-0100 §8). */
  async #probeAll(): Promise<void> {
    this.#stopProbing();
    const { store, domain } = this.#options.domain;
    const users = await store.registrations.users(domain);
    this.#probing = setInterval(() => {
      for (const to of users.splice(0, PROBES_PER_TICK)) {
        this.#outbound.write([xml('presence', NS_CLIENT, { from: domain, to, type: 'probe' })]);
      }
      if (users.length === 0) this.#stopProbing();
    }, PROBE_TICK_MS);
  }

  #stopProbing(): void {
    clearInterval(this.#probing);
    this.#probing = undefined;
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
        return dismissals(session, 'Messages were lost while the Jabber server was away');
      });
    }
  }

  /** XEP-0100 §4.4.2. */
  #lost(session: UserSession, error: unknown, isFinal: boolean): Output {
    session.log.warn({ err: error }, 'the session with the network is lost');
    if (!isFinal) {
      rejoinRooms(session);
      return undefined;
    }
    const condition = xml('not-authorized', 'urn:ietf:params:xml:ns:xmpp-stanzas');
    const stanzas = dismissals(session, 'The network refuses your registration');
    for (const to of session.resources.keys()) {
      stanzas.push(
        xml('presence', NS_CLIENT, { from: this.domain, to, type: 'error' }, [
          xml('error', NS_CLIENT, { type: 'auth', code: '401' }, [condition]),
        ]),
      );
    }
    return stanzas;
  }
}
