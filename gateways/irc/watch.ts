import type { ContactId } from '../../src/plugin/index.ts';
import { placeOf } from './address.ts';
import { isNick } from './names.ts';
import type { ServerLink } from './server-link.ts';

/** More of one user's contacts on one server are not watched. */
const MOST_WATCHED = 1_000;
/** Of a line of nicks; the answer to it, which the server begins with names of its own, has to fit, too. */
const LINE_BYTES = 380;

type Presence = 'offline' | 'online' | 'away';

/** A nick whose coming and going a user is told of. */
interface Watched {
  /** As it stands in a line. */
  readonly nick: string;
  /** Several ids may stand for what is one nick to the server. */
  readonly ids: Set<ContactId>;
  /** By MONITOR, or asked for again and again. */
  isMonitored: boolean;
  /** Absent until the server has said. */
  show: Presence | undefined;
}

/**
 * The contacts of one user on one server while she is connected to it: IRCv3 MONITOR as far as the server lets us, ISON
 * (RFC 2812 §4.9), one line at a time, for the rest.
 */
export class Watch {
  readonly #link: ServerLink;
  /** By folded nick. */
  readonly #people = new Map<string, Watched>();
  #monitored = 0;
  #canPoll = true;
  /** Whom ISON has yet to be asked about in this round, by folded nick. */
  #round: string[] = [];
  #nextRoundAt = 0;
  /** What the server was asked last, and has not answered. */
  #asked: { readonly folded: readonly string[]; readonly at: number } | undefined;

  constructor(link: ServerLink) {
    this.#link = link;
  }

  get isEmpty(): boolean {
    return this.#people.size === 0;
  }

  /** Watches all of these from now on. */
  add(ids: Iterable<ContactId>): void {
    const fresh: string[] = [];
    for (const id of ids) {
      const watched = this.#take(id);
      if (watched?.isMonitored === true) fresh.push(watched.nick);
    }
    this.#monitor('+', fresh);
  }

  remove(id: ContactId): void {
    const folded = this.#foldedOf(id);
    const watched = this.#people.get(folded);
    if (watched?.ids.delete(id) !== true || watched.ids.size > 0) return;
    this.#people.delete(folded);
    if (!watched.isMonitored) return;
    this.#monitored -= 1;
    this.#monitor('-', [watched.nick]);
  }

  /** The address by which the user knows somebody. */
  idOf(folded: string): ContactId | undefined {
    const [id] = this.#people.get(folded)?.ids ?? [];
    return id;
  }

  /** The server tells whether somebody is there. Of others than those we asked for it tells in vain. */
  seen(folded: string, isThere: boolean): void {
    const watched = this.#people.get(folded);
    if (watched === undefined) return;
    if (!isThere) this.#show(watched, 'offline');
    else if (watched.show !== 'away') this.#show(watched, 'online');
  }

  /** Somebody is away, or back. @returns whether that was of use */
  away(folded: string, words: string | undefined): boolean {
    const watched = this.#people.get(folded);
    if (watched === undefined) return false;
    if (words === undefined) this.#show(watched, 'online');
    else this.#show(watched, 'away', words);
    return true;
  }

  /** 734: the server watches no more than it does. */
  refused(folded: readonly string[]): void {
    for (const one of folded) {
      const watched = this.#people.get(one);
      if (watched?.isMonitored !== true) continue;
      watched.isMonitored = false;
      this.#monitored -= 1;
    }
    this.#nextRoundAt = 0;
  }

  /** The server does not know a command after all. */
  unknown(command: 'MONITOR' | 'ISON'): void {
    if (command === 'MONITOR') this.refused([...this.#people.keys()]);
    else this.#canPoll = false;
  }

  /** Called every few seconds. Asks about a few, if it is time and a line may go at once. */
  poll(now: number): void {
    const { answerTimeoutMs, watchIntervalMs } = this.#link.context.timings;
    if (this.#asked !== undefined && now - this.#asked.at < answerTimeoutMs) return;
    this.#asked = undefined;
    if (!this.#canPoll) return;
    if (this.#round.length === 0) {
      if (now < this.#nextRoundAt || this.#monitored === this.#people.size) return;
      // Never all users at once.
      this.#nextRoundAt = now + watchIntervalMs * (0.75 + Math.random() / 2);
      for (const [folded, { isMonitored }] of this.#people) {
        if (!isMonitored) this.#round.push(folded);
      }
    }
    this.#ask(now);
  }

  /** ISON is answered: of those that were asked for, these are there. @returns whether it was we who had asked */
  answered(there: ReadonlySet<string>): boolean {
    for (const folded of there) this.seen(folded, true);
    const folded = this.#asked?.folded;
    // The user may have asked something like it herself.
    if (folded === undefined || ![...there].every((one) => folded.includes(one))) return false;
    this.#asked = undefined;
    for (const one of folded) if (!there.has(one)) this.seen(one, false);
    return true;
  }

  /** The connection is gone: nothing is known of anybody. */
  lost(): void {
    for (const watched of this.#people.values()) {
      if (watched.show !== undefined) this.#show(watched, 'offline');
    }
  }

  #foldedOf(id: ContactId): string {
    return this.#link.fold(placeOf(id).name);
  }

  /** @returns the one to watch now that was not watched before */
  #take(id: ContactId): Watched | undefined {
    const nick = placeOf(id).name;
    const folded = this.#foldedOf(id);
    const known = this.#people.get(folded);
    if (known !== undefined) {
      known.ids.add(id);
      if (known.show !== undefined) this.#tell(id, known.show);
      return undefined;
    }
    if (!isNick(nick) || this.#people.size >= MOST_WATCHED) return undefined;
    const isMonitored = this.#monitored < this.#link.features.monitorCount;
    if (isMonitored) this.#monitored += 1;
    else this.#nextRoundAt = 0;
    const watched: Watched = { nick, ids: new Set([id]), isMonitored, show: undefined };
    this.#people.set(folded, watched);
    return watched;
  }

  #monitor(sign: '+' | '-', nicks: readonly string[]): void {
    for (let at = 0; at < nicks.length;) {
      const count = countThatFit(nicks, at);
      this.#link.sender?.line(`MONITOR ${sign} ${nicks.slice(at, at + count).join(',')}`);
      at += count;
    }
  }

  #ask(now: number): void {
    const nicks = this.#round.map((folded) => this.#people.get(folded)?.nick ?? '');
    const count = countThatFit(nicks, 0);
    const known = nicks.slice(0, count).filter((nick) => nick !== '');
    if (known.length > 0 && this.#link.sender?.aside(`ISON ${known.join(' ')}`) !== true) return;
    const folded = this.#round.splice(0, count);
    if (known.length > 0) this.#asked = { folded, at: now };
  }

  #show(watched: Watched, show: Presence, status?: string): void {
    if (watched.show === show && status === undefined) return;
    watched.show = show;
    for (const id of watched.ids) this.#tell(id, show, status);
  }

  #tell(id: ContactId, show: Presence, status = ''): void {
    this.#link.emit({ kind: 'contact', contact: { id, show, status } });
  }
}

/** Watches the contacts of the user as soon as it is known what the server can do for that. */
export function greet(link: ServerLink): void {
  if (link.isGreeted) return;
  link.isGreeted = true;
  const { host, settings, nameOf } = link.context;
  const own: ContactId[] = [];
  for (const id of host.watched ?? []) if (nameOf(placeOf(id).server) === settings.id) own.push(id);
  if (own.length === 0) return;
  link.watch = new Watch(link);
  link.watch.add(own);
  link.watch.poll(Date.now());
}

/** The user wants to see whether a contact is there, or no longer wants to. Nothing is connected for its sake. */
export function watchContact(link: ServerLink, contact: ContactId, isWatched: boolean): void {
  if (!link.isGreeted || link.sender === undefined) return;
  if (isWatched) (link.watch ??= new Watch(link)).add([contact]);
  else link.watch?.remove(contact);
  if (link.watch?.isEmpty === true) link.watch = undefined;
}

/** How many from there on one line can hold: at least one. */
function countThatFit(nicks: readonly string[], from: number): number {
  let bytes = 0;
  let at = from;
  for (; at < nicks.length; at += 1) {
    bytes += Buffer.byteLength(nicks[at] ?? '') + 1;
    if (bytes > LINE_BYTES && at > from) break;
  }
  return at - from;
}
