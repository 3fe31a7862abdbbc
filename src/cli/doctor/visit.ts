import { pino } from 'pino';
import { Requests } from '../../router/requests.ts';
import type { Request } from '../../router/requests.ts';
import { ComponentStream } from '../../stream/component-stream.ts';
import type { TroubleKind } from '../../stream/attach-trouble.ts';
import type { XmlElement } from '../../xml/element.ts';
import { isAt, parseJid } from '../../xmpp/jid.ts';
import { errorReply } from '../../xmpp/stanza.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';

/** Why a domain could not be attached. */
export interface Refusal {
  readonly kind: TroubleKind;
  /** What the server has said. */
  readonly detail: string;
}

export interface VisitOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly domain: string;
  readonly secret: string;
  readonly timeoutMs: number;
}

const NOT_THERE = 'The gateway is not running at the moment. Please try again later.';

/**
 * One domain, attached for a moment. Nobody is told that it is there, and whoever writes to it meanwhile gets an error, as
 * while it is away.
 */
export class Visit {
  /** Messages of the server that came until now. */
  readonly announcements: XmlElement[] = [];
  readonly #stream: ComponentStream;
  readonly #requests: Requests;
  readonly #domain: string;
  #ended: (refusal: Refusal) => void = () => undefined;

  private constructor({ host, port, tls, domain, secret }: VisitOptions, attached: () => void) {
    this.#domain = domain;
    this.#requests = new Requests((stanzas) => {
      for (const stanza of stanzas) this.#stream.send(stanza);
    });
    this.#stream = new ComponentStream(
      { host, port, tls, domain, secret, log: pino({ level: 'silent' }) },
      {
        attached,
        stanza: (stanza) => this.#take(stanza),
        oversized: (opening) => this.#turnAway(opening),
        detached: () => this.#requests.fail(),
        failed: (kind, detail) => this.#ended({ kind, detail }),
      },
    );
  }

  /** Attaches. @returns why it could not, if it could not */
  static async begin(options: VisitOptions): Promise<Visit | Refusal> {
    let attached = (): void => undefined;
    const visit = new Visit(options, () => attached());
    let timer: NodeJS.Timeout | undefined;
    const refusal = await new Promise<Refusal | undefined>((resolve) => {
      attached = () => resolve(undefined);
      visit.#ended = resolve;
      timer = setTimeout(() => resolve({ kind: 'no-answer', detail: '' }), options.timeoutMs);
      visit.#stream.start();
    });
    clearTimeout(timer);
    if (refusal === undefined) return visit;
    await visit.end();
    return refusal;
  }

  /** @throws StanzaError what is answered, or that nothing is */
  ask(request: Request): Promise<XmlElement | undefined> {
    return this.#requests.ask(request);
  }

  /** Closes the stream and waits for the server to do so. */
  async end(): Promise<void> {
    this.#requests.fail();
    await this.#stream.stop();
  }

  #take(stanza: XmlElement): void {
    const { id, type = '' } = stanza.attributes;
    const from = parseJid(stanza.attributes['from'] ?? '');
    const isAnswer = stanza.name === 'iq' && (type === 'result' || type === 'error');
    if (isAnswer) {
      if (from !== undefined) this.#requests.settle({ id, from, type, stanza });
      return;
    }
    const isOfServer = from?.local === undefined && from?.resource === undefined;
    if (stanza.name === 'message' && isOfServer) this.announcements.push(stanza);
    else this.#turnAway(stanza);
  }

  #turnAway(stanza: XmlElement): void {
    const { to } = stanza.attributes;
    if (stanza.name === 'presence' || to === undefined || !isAt(this.#domain, to)) return;
    const reply = errorReply(stanza, new StanzaError('recipient-unavailable', NOT_THERE));
    if (reply !== undefined) this.#stream.send(reply);
  }
}
