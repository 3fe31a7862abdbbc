import { NetworkError, messageId } from '../../src/plugin/index.ts';
import type { File, GatewayContext, Host } from '../../src/plugin/index.ts';
import { KINDS } from './failures.ts';
import type { OwnNumber, Owners } from './owners.ts';
import { partyAddress, partyId, writeParty } from './party.ts';
import type { Party } from './party.ts';
import { senderParty } from './phone-numbers.ts';
import { ProviderError } from './provider-error.ts';
import type { Reception, Report, TextIn } from './provider.ts';
import type { Shelf } from './shelf.ts';
import { TextStates } from './text-state.ts';
import { texts } from './texts.ts';
import type { Texts } from './texts.ts';
import type { Tickets } from './tickets.ts';

export interface SwitchboardParts {
  readonly context: Pick<GatewayContext, 'log' | 'find'>;
  readonly owners: Owners;
  readonly tickets: Tickets;
  /** Who talked to whom last from a shared number. */
  readonly conversations: Shelf;
  /** Who wants the texts of whom to a shared number. */
  readonly claims: Shelf;
  readonly optOuts: Shelf;
  readonly region: string | undefined;
  readonly windowMs: number;
  readonly now: () => number;
}

/** Providers tell seconds, by clocks of their own. */
const LATE_MS = 60_000;

/** Whom nobody can write to: its texts are told all the same, under the name that it has. */
const UNKNOWN: Party = { kind: 'name', name: 'unknown' };

/** Brings what the providers tell to the users it is for. */
export class Switchboard {
  readonly #parts: SwitchboardParts;
  readonly #states = new TextStates();
  /** Texts whose `send` has not settled: what is told of them waits, so that the core knows their ids by then. */
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(parts: SwitchboardParts) {
    this.#parts = parts;
  }

  /** A text came in. Resolves when it is on disk. */
  async received(text: TextIn): Promise<Reception> {
    const { log, find } = this.#parts.context;
    const from = senderParty(text.from, this.#parts.region) ?? UNKNOWN;
    const own = await this.#parts.owners.named(text.to);
    const number = own?.number ?? this.#parts.owners.normal(text.to);
    await this.#noteOptOut(number, from, text);
    for (const user of await this.#candidates(own, number, from)) {
      const host = await find(user);
      if (host === undefined) continue;
      await tell(host, this.#dated(text), from);
      if (own !== undefined && own.users.length > 1) await this.talked(number, from, user);
      return 'stored';
    }
    log.warn({ to: number }, 'a text came to a number that no registered user has');
    return 'unknown-number';
  }

  /** The state of a text changed, or is told again. Resolves when it is on disk. */
  async reported({ ticket: sealed, state, failure }: Report): Promise<void> {
    const ticket = await this.#parts.tickets.open(sealed);
    if (ticket === undefined)
      return this.#parts.context.log.warn('a state of an unknown text was told');
    const { user, to, key, asksReceipt } = ticket;
    await this.#underWay.get(key);
    const party = senderParty(to, undefined);
    if (party === undefined) return;
    const next = this.#states.tell(key, state);
    if (next !== 'delivered' && next !== 'failed') return;
    if (next === 'delivered' && !asksReceipt) return;
    try {
      const host = await this.#parts.context.find(user);
      if (host === undefined) return;
      const address = partyAddress(party);
      if (next === 'delivered') {
        await host.emit({ kind: 'receipt', to: address, id: messageId(key), state: 'delivered' });
        return;
      }
      const reason = failure?.reason ?? 'unknown';
      const words = texts(host.language).failed(reason);
      const detail = failure === undefined ? '' : ` (${failure.detail})`;
      const error = new NetworkError(KINDS[reason], `${words}${detail}`);
      await host.emit({ kind: 'failed', to: address, key, error });
    } catch (error) {
      // It will be told again.
      this.#states.forget(key);
      throw error;
    }
  }

  /** What is known of a text by now: that its provider spoke of it proves that it was taken. */
  isKnown(key: string): boolean {
    return this.#states.of(key) !== undefined;
  }

  /** Holds what is told of a text back until its `send` has settled. */
  whileSending<Result>(key: string, sending: Promise<Result>): Promise<Result> {
    // One turn more, in which whoever waits for the send notes its outcome.
    const settled = sending.then(
      () => nextTurn(),
      () => nextTurn(),
    );
    this.#underWay.set(key, settled);
    settled.finally(() => this.#underWay.delete(key)).catch(() => undefined);
    return sending;
  }

  /** A user and a contact talk by a shared number: answers go to this user for a while. */
  async talked(number: string, contact: Party, user: string): Promise<void> {
    const value = `${this.#parts.now()} ${user}`;
    await this.#parts.conversations.put(`${number} ${writeParty(contact)}`, value);
  }

  /** What has just come needs no time; nor does a text from the future, as some clock has it. */
  #dated(text: TextIn): TextIn {
    const { at, ...others } = text;
    return at !== undefined && this.#parts.now() - at.getTime() > LATE_MS ? text : others;
  }

  async #candidates(own: OwnNumber | undefined, number: string, from: Party): Promise<Set<string>> {
    // A claimed number is a key of the account that claimed it.
    if (own === undefined) return new Set([number, ...this.#operatorFor(undefined)]);
    const [first] = own.users;
    const operator = this.#operatorFor(own);
    if (own.users.length === 1) return new Set([...own.users, ...operator]);
    const place = `${number} ${writeParty(from)}`;
    const [at = '', last] = ((await this.#parts.conversations.get(place)) ?? '').split(' ');
    const isRecent = this.#parts.now() - Number(at) <= this.#parts.windowMs;
    const claimed = await this.#parts.claims.get(place);
    const asked = [isRecent ? last : undefined, claimed].filter(
      (user): user is string => user !== undefined && own.users.includes(user),
    );
    // Without an operator the first user stands in: nothing is dropped that somebody could read.
    return new Set([...asked, ...operator, ...(first === undefined ? [] : [first]), ...own.users]);
  }

  #operatorFor(own: OwnNumber | undefined): string[] {
    const operator = own?.operator ?? this.#parts.owners.operator;
    return operator === undefined ? [] : [operator];
  }

  async #noteOptOut(number: string, from: Party, { optOut, text }: TextIn): Promise<void> {
    const place = `${number} ${writeParty(from)}`;
    if (optOut === 'stop') await this.#parts.optOuts.put(place, String(this.#parts.now()));
    if (optOut === 'start' || /^\s*(start|unstop)\s*$/i.test(text)) {
      await this.#parts.optOuts.delete(place);
    }
  }
}

async function tell(host: Host, text: TextIn, from: Party): Promise<void> {
  const nick = from.kind === 'name' ? text.from.replace(/\p{C}/gu, '').trim() : '';
  await host.emit({
    kind: 'message',
    from: partyId(from),
    id: messageId(text.id),
    text: shownText(text, texts(host.language)),
    ...(nick === '' ? {} : { nick }),
    ...(text.at === undefined ? {} : { at: text.at }),
    ...(text.files === undefined || text.files.length === 0
      ? {}
      : { files: text.files.map((file) => explained(file, host)) }),
  });
}

/** Nothing to read is said in words: clients show no message without a text. */
function shownText({ text, bytes, files = [] }: TextIn, words: Texts): string {
  if (bytes !== undefined) return words.notText(bytes);
  return text.trim() === '' && files.length === 0 ? words.emptyText : text;
}

/** What a provider says of a file, in the words of the user's language. */
function explained(file: File, host: Host): File {
  const open = async (signal: AbortSignal): ReturnType<File['open']> => {
    try {
      return await file.open(signal);
    } catch (error) {
      throw error instanceof ProviderError ? error.explained(texts(host.language)) : error;
    }
  };
  return { ...file, open };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
