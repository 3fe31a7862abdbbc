import { inTime } from '../in-time.ts';
import { catalogue } from '../plugin/index.ts';
import type { Language } from '../plugin/index.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import { loaded } from '../session/in-mailbox.ts';
import type { Output, Written } from '../session/mailbox.ts';
import type { Sessions } from '../session/sessions.ts';
import type { UserSession } from '../session/user-session.ts';
import { childOf, elementsOf } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { isAt, parseJid } from '../xmpp/jid.ts';
import type { Jid } from '../xmpp/jid.ts';
import { NS_MUC } from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { errorReply, iqResult } from '../xmpp/stanza.ts';
import { contextOf, languageOf } from './context.ts';
import type { Context, TargetKind } from './context.ts';
import { toStanzaError } from './error-boundary.ts';
import type { Feature, IqRoute, Precondition, StanzaRoute } from './feature.ts';
import { nobodyThere } from './nobody-there.ts';
import type { Requests } from './requests.ts';
import { routerTexts } from './router-texts.ts';
import { StanzaRates } from './stanza-rates.ts';
import type { Surroundings } from './surroundings.ts';

/** An IQ is answered within this time, whatever the network does. */
const IQ_TIMEOUT_MS = 90_000;
const tooLate = (): StanzaError => new StanzaError('remote-server-timeout');
/** Made once: when it is needed, it is needed often. */
const TOO_FAST = catalogue(tooFast('en'), { de: tooFast('de') });
/** Presence of strangers that deserves an answer. */
const REQUESTS: ReadonlySet<string> = new Set(['available', 'subscribe']);
const ROOMS: ReadonlySet<TargetKind> = new Set(['room', 'occupant']);

/** Finds what is to be done with a stanza for one domain, does it, and sees to it that it gets its answer. */
export class Router {
  readonly #surroundings: Surroundings;
  readonly #domain: GatewayDomain;
  readonly #sessions: Sessions;
  readonly #requests: Requests;
  readonly #write: (stanzas: readonly XmlElement[]) => void;
  readonly #iqRoutes = new Map<string, IqRoute>();
  /** In the order in which they are asked; the last one takes what is left. */
  readonly #stanzaRoutes = new Map<string, StanzaRoute[]>();
  /** IQs under way, so that one which comes again meanwhile is done once and answered once. */
  readonly #underWay = new Set<string>();
  readonly #rates: StanzaRates;

  constructor(surroundings: Surroundings, features: readonly Feature[]) {
    const { domain, sessions, requests, write } = surroundings;
    this.#surroundings = surroundings;
    this.#domain = domain;
    this.#sessions = sessions;
    this.#requests = requests;
    this.#write = write;
    this.#rates = new StanzaRates(domain.limits);
    for (const feature of features) {
      for (const route of feature.routes ?? []) {
        if (route.stanza === 'iq') this.#addIq(route);
        else this.#addStanza(route);
      }
    }
  }

  /** Takes one stanza; never throws. */
  handle(stanza: XmlElement): void {
    const from = parseJid(stanza.attributes['from'] ?? '');
    const to = parseJid(stanza.attributes['to'] ?? '');
    if (from === undefined) {
      this.#domain.log.warn({ stanza: stanza.name }, 'dropped a stanza without a valid sender');
      return;
    }
    const addressed = this.#addressed(stanza, to);
    if (to === undefined) return this.#refuse(addressed, new StanzaError('jid-malformed'));
    const context = contextOf(this.#surroundings, addressed, from, to);
    if (context.name === 'iq') this.#handleIq(context);
    else if (context.name === 'message' || context.name === 'presence') this.#handleStanza(context);
    else this.#refuse(addressed, new StanzaError('bad-request'));
  }

  /** Answers a stanza that was too large to be read; only its opening tag is here. */
  handleOversized(opening: XmlElement, reason: string): void {
    const to = parseJid(opening.attributes['to'] ?? '');
    const addressed = this.#addressed(opening, to);
    const language = languageOf(opening, this.#domain) ?? this.#domain.language;
    const text = routerTexts(language).tooLarge(reason);
    this.#refuse(
      addressed,
      new StanzaError('policy-violation', text, { type: 'modify', language }),
    );
  }

  #addIq(route: IqRoute): void {
    const { name = '*', namespace } = route.payload;
    for (const target of route.targets) {
      this.#iqRoutes.set(`${route.type} ${target} ${name} ${namespace}`, route);
    }
  }

  #addStanza(route: StanzaRoute): void {
    for (const target of route.targets) {
      for (const type of route.types) {
        const name = `${route.stanza} ${type} ${target}`;
        const others = this.#stanzaRoutes.get(name) ?? [];
        if (others.some((other) => other.isFor === undefined)) {
          throw new Error(`there is another route for "${name}"`);
        }
        this.#stanzaRoutes.set(name, [...others, route]);
      }
    }
  }

  #handleIq(context: Context): void {
    const { stanza, type } = context;
    if (type === 'result' || type === 'error') return this.#requests.settle(context);
    if (this.#isTooFast(context)) return this.#refuse(stanza, TOO_FAST(context.language));
    const payloads = elementsOf(stanza);
    const payload = payloads[0];
    const isWellFormed = (type === 'get' || type === 'set') && context.id !== undefined;
    if (!isWellFormed || payload === undefined || payloads.length > 1) {
      return this.#refuse(stanza, new StanzaError('bad-request'));
    }
    const key = `${type} ${context.target.kind}`;
    const route =
      this.#iqRoutes.get(`${key} ${payload.name} ${payload.namespace}`) ??
      this.#iqRoutes.get(`${key} * ${payload.namespace}`);
    if (route === undefined) {
      const isUnknown = context.target.kind === 'unknown';
      return this.#refuse(
        stanza,
        new StanzaError(isUnknown ? 'item-not-found' : 'service-unavailable'),
      );
    }
    const name = `${context.from.full}\n${context.to.full}\n${context.id ?? ''}\n${payload.namespace}`;
    if (this.#underWay.has(name)) return;
    this.#underWay.add(name);
    const session = this.#sessions.find(context.from);
    if (session !== undefined) session.language = context.language;
    void this.#answer(context, route, payload).finally(() => this.#underWay.delete(name));
  }

  async #answer(context: Context, route: IqRoute, payload: XmlElement): Promise<void> {
    try {
      const reading = this.#checkIq(route.needs, context);
      if (reading !== undefined) this.#check(route.needs, context, await reading);
      const reply = await inTime(
        Promise.resolve(route.handle(context, payload)),
        IQ_TIMEOUT_MS,
        tooLate,
      );
      const { before = [], after = [] } = reply;
      const { stanza, language } = context;
      this.#write([...before, iqResult(stanza, reply.payload, language), ...after]);
    } catch (error) {
      this.#refuse(context.stanza, error, context.language);
    }
  }

  #handleStanza(context: Context): void {
    const { stanza, name, target } = context;
    if (isEntry(context) && !ROOMS.has(target.kind)) {
      return this.#refuse(stanza, this.#noRoom(context));
    }
    const route = this.#routeFor(context);
    if (route === undefined) {
      if (name === 'presence') return;
      const surroundings = { domain: this.#domain, sessions: this.#sessions };
      const error =
        target.kind === 'unknown'
          ? nobodyThere(surroundings, context)
          : new StanzaError('service-unavailable');
      return this.#refuse(stanza, error);
    }
    if (this.#isTooFast(context)) return this.#refuse(stanza, TOO_FAST(context.language));
    const session = this.#sessionFor(context);
    if (session === undefined) return;
    session.language = context.language;
    const isTaken = session.mailbox.offer(
      () => this.#perform(context, route, session),
      name,
      () => this.#errorOutput(stanza, new StanzaError('remote-server-timeout')),
    );
    if (!isTaken) this.#refuse(stanza, new StanzaError('resource-constraint'));
  }

  #routeFor(context: Context): StanzaRoute | undefined {
    const { name, type, target } = context;
    const routes = this.#stanzaRoutes.get(`${name} ${type} ${target.kind}`);
    if (routes === undefined) return undefined;
    for (const route of routes) if (route.isFor?.(context) !== false) return route;
    return undefined;
  }

  /** Most who end up here have left something out of the address. */
  #noRoom({ language }: Context): StanzaError {
    const { gateway } = this.#domain;
    const { noRoom } = routerTexts(language);
    const hint = gateway.features.includes('join')
      ? (gateway.addresses.description?.(language) ?? '')
      : '';
    return new StanzaError('item-not-found', `${noRoom} ${hint}`.trim(), { language });
  }

  /** Those who may not use this gateway get no session, nor does anybody when there are too many. */
  #sessionFor({ stanza, name, type, from, language }: Context): UserSession | undefined {
    try {
      const known = this.#sessions.find(from);
      if (known !== undefined) return known;
      const isWelcome = this.#domain.policy.allows(from) || this.#domain.isAdmin(from);
      if (isWelcome) return this.#sessions.of(from, language);
      if (name === 'message' || REQUESTS.has(type)) throw notOpen(language);
    } catch (error) {
      this.#refuse(stanza, error);
    }
    return undefined;
  }

  /** What a user asks for is counted; what servers send, and presence that only tells something, is not. */
  #isTooFast({ stanza, name, type, from }: Context): boolean {
    if (from.local === undefined || type === 'error') return false;
    const isCounted = name !== 'presence' || childOf(stanza, 'x', NS_MUC) !== undefined;
    return isCounted && !this.#rates.take(from.bare, this.#domain.now());
  }

  #perform(context: Context, route: StanzaRoute, session: UserSession): Written | Promise<Written> {
    if (!session.isLoaded) return this.#performLater(context, route, session);
    try {
      this.#check(route.needs, context, session);
      const output = route.handle(context, session);
      if (!(output instanceof Promise)) return output;
      return output.catch((error: unknown) =>
        this.#errorOutput(context.stanza, error, context.language),
      );
    } catch (error) {
      return this.#errorOutput(context.stanza, error, context.language);
    }
  }

  /** What is kept of the user could not be read. It is tried again, and the stanza with it. */
  async #performLater(
    context: Context,
    route: StanzaRoute,
    session: UserSession,
  ): Promise<Written> {
    try {
      await session.load();
    } catch (error) {
      return this.#errorOutput(context.stanza, error, context.language);
    }
    return this.#perform(context, route, session);
  }

  /** @returns what is read of the user before it can be said whether she has registered; nothing while it is known */
  #checkIq(needs: Precondition | undefined, context: Context): Promise<UserSession> | undefined {
    if (needs === undefined) return undefined;
    const { from, language } = context;
    if (!this.#domain.policy.allows(from)) throw notOpen(language);
    if (needs !== 'account' || this.#domain.gateway.registration === 'optional') return undefined;
    const known = this.#sessions.find(from);
    // She may have registered long ago, and nothing been under way for her since.
    if (known?.isLoaded !== true) return loaded(this.#sessions.of(from, language));
    this.#check(needs, context, known);
    return undefined;
  }

  #check(
    needs: Precondition | undefined,
    { from, language }: Context,
    { isRegistered }: UserSession,
  ): void {
    if (needs === undefined) return;
    if (!this.#domain.policy.allows(from)) throw notOpen(language);
    if (needs !== 'account' || this.#domain.gateway.registration === 'optional') return;
    if (!isRegistered) {
      const { registerFirst } = routerTexts(language);
      throw new StanzaError('registration-required', registerFirst, { language });
    }
  }

  #errorOutput(stanza: XmlElement, error: unknown, language?: Language): Output {
    const reply = this.#errorReply(stanza, error, language);
    return reply === undefined ? undefined : [reply];
  }

  #refuse(stanza: XmlElement, error: unknown, language?: Language): void {
    const reply = this.#errorReply(stanza, error, language);
    if (reply !== undefined) this.#write([reply]);
  }

  #errorReply(
    stanza: XmlElement,
    error: unknown,
    language: Language = 'en',
  ): XmlElement | undefined {
    return errorReply(stanza, toStanzaError(error, this.#domain.log, language));
  }

  /**
   * Answers come from the address as it was written, which has to be one of our domain to the letter, or servers close
   * the stream (XEP-0114 §3).
   */
  #addressed(stanza: XmlElement, to: Jid | undefined): XmlElement {
    const { domain } = this.#domain;
    const written = stanza.attributes['to'] ?? '';
    if (to !== undefined && isAt(domain, written)) return stanza;
    return { ...stanza, attributes: { ...stanza.attributes, to: to?.full ?? domain } };
  }
}

/** XEP-0045 §7.2: whoever wants to come in waits for an answer, wherever she believes the room to be. */
function isEntry({ name, type, stanza }: Context): boolean {
  return name === 'presence' && type === 'available' && childOf(stanza, 'x', NS_MUC) !== undefined;
}

function tooFast(language: Language): StanzaError {
  return new StanzaError('resource-constraint', routerTexts(language).tooFast, { language });
}

function notOpen(language: Language): StanzaError {
  return new StanzaError('forbidden', routerTexts(language).notOpen, { language });
}
