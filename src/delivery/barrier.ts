import type { XmlElement } from '../xml/element.ts';
import { childOf, xml } from '../xml/element.ts';
import { delayElement } from '../xmpp/delay.ts';
import { NS_CLIENT, NS_DELAY } from '../xmpp/namespaces.ts';
import type { Clock } from './clock.ts';

/** How long until a server is asked again that did not answer, though the stream stands. */
const AGAIN_MS = 5_000;
/** What was stored for longer than this before it goes out says when it came. */
const LATE_MS = 10_000;

/** Stanzas on their way to a user that must not get lost. */
export interface Parcel {
  /** Unique among those of a user. */
  readonly id: number;
  /** A bare JID. */
  readonly user: string;
  /** The server of the user. */
  readonly server: string;
  readonly stanzas: readonly XmlElement[];
  /** When it was stored. */
  readonly at: number;
  /** The user's server has it. */
  proven(): void;
}

/** The stream of our domain. */
export interface Line {
  readonly domain: string;
  isAttached(): boolean;
  write(stanzas: readonly XmlElement[]): void;
  /** Asks a server for a sign of life, behind all that was written. Resolves for whatever answer. */
  ping(server: string): Promise<void>;
}

/**
 * A component stream acknowledges nothing. But its stanzas are handled in order: when the server answers a ping
 * (XEP-0199) that was written behind them, it has them all. What is unproven when the stream is lost goes out again, with
 * the same ids.
 */
export class Barrier {
  readonly #line: Line;
  readonly #clock: Clock;
  readonly #unproven = new Map<string, Set<Parcel>>();
  /** Of each server that is being asked: which question. */
  readonly #asking = new Map<string, symbol>();

  constructor(line: Line, clock: Clock) {
    this.#line = line;
    this.#clock = clock;
  }

  get isAttached(): boolean {
    return this.#line.isAttached();
  }

  send(parcel: Parcel): void {
    const parcels = this.#unproven.get(parcel.server) ?? new Set();
    this.#unproven.set(parcel.server, parcels.add(parcel));
    if (!this.isAttached) return;
    this.#write(parcel, this.#clock.now() - parcel.at > LATE_MS);
    this.#ask(parcel.server);
  }

  /** The stream is there, again perhaps. */
  attached(): void {
    this.#asking.clear();
    for (const [server, parcels] of this.#unproven) {
      for (const parcel of parcels) this.#write(parcel, true);
      this.#ask(server);
    }
  }

  /** It came back, or nobody wants it any more. */
  forget(user: string, id?: number): void {
    for (const [server, parcels] of this.#unproven) {
      for (const parcel of parcels) {
        if (parcel.user === user && (id === undefined || parcel.id === id)) parcels.delete(parcel);
      }
      if (parcels.size === 0) this.#unproven.delete(server);
    }
  }

  #write({ stanzas, at }: Parcel, isLate: boolean): void {
    const stamp = delayElement(new Date(at), this.#line.domain);
    this.#line.write(isLate ? stanzas.map((stanza) => stamped(stanza, stamp)) : stanzas);
  }

  /** Asks once at a time; the answer is good for all that went out before. */
  #ask(server: string): void {
    if (this.#asking.has(server)) return;
    const question = Symbol(server);
    this.#asking.set(server, question);
    const isOver = (): boolean => this.#asking.get(server) !== question;
    setImmediate(() => {
      if (isOver()) return;
      const parcels = [...(this.#unproven.get(server) ?? [])];
      if (parcels.length === 0 || !this.isAttached) return void this.#asking.delete(server);
      this.#line.ping(server).then(
        () => isOver() || this.#answered(server, parcels),
        () => isOver() || this.#unanswered(server, isOver),
      );
    });
  }

  #answered(server: string, parcels: readonly Parcel[]): void {
    this.#asking.delete(server);
    const unproven = this.#unproven.get(server);
    for (const parcel of parcels) if (unproven?.delete(parcel) === true) parcel.proven();
    if (unproven === undefined) return;
    if (unproven.size > 0) this.#ask(server);
    else this.#unproven.delete(server);
  }

  /** The stream is gone, and `attached` follows; or the server is slow. */
  #unanswered(server: string, isOver: () => boolean): void {
    this.#clock.after(AGAIN_MS, () => {
      if (isOver()) return;
      this.#asking.delete(server);
      if (this.#unproven.has(server)) this.#ask(server);
    });
  }
}

/** XEP-0203 §2. */
function stamped(stanza: XmlElement, stamp: XmlElement): XmlElement {
  const isMessage = stanza.name === 'message' && stanza.attributes['type'] !== 'error';
  if (!isMessage || childOf(stanza, 'delay', NS_DELAY) !== undefined) return stanza;
  return xml(stanza.name, NS_CLIENT, stanza.attributes, [...stanza.children, stamp]);
}
