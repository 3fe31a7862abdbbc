import { NetworkError, messageId } from '../../src/plugin/index.ts';
import type {
  Account,
  Address,
  ContactCard,
  ContactId,
  Host,
  Outgoing,
  Sent,
  Session,
} from '../../src/plugin/index.ts';
import { compose, recipientOf } from './compose.ts';
import { Lanes } from './lanes.ts';
import type { Office } from './office.ts';
import type { OwnNumber } from './owners.ts';
import { partyOf, writeParty } from './party.ts';
import { factsOf } from './phone-numbers.ts';
import { ProviderError } from './provider-error.ts';
import type { Provider, TextOut } from './provider.ts';
import { checkRecipient } from './restrictions.ts';
import { texts } from './texts.ts';
import type { Texts } from './texts.ts';
import { UsageCounter } from './usage.ts';
import type { Quota, Usage } from './usage.ts';

/** A send settles within a minute (see `Session`): so long it may wait for those before it, and so long for the answer. */
const WAIT_MS = 25_000;
const ANSWER_MS = 30_000;
/** All that she writes to a phone waits for a file that cannot be fetched: so often it is tried, in a minute or two. */
const FILE_TRIES = 6;

interface Prepared {
  readonly provider: Provider;
  readonly text: TextOut;
  readonly own: OwnNumber | undefined;
}

/** One user with her number. */
export class SmsSession implements Session {
  readonly user: string;
  readonly #account: Account | undefined;
  readonly #host: Host;
  readonly #office: Office;
  readonly #usage: UsageCounter;
  readonly #lanes = new Lanes();
  #running: AbortSignal | undefined;

  constructor(account: Account | undefined, host: Host, office: Office) {
    const user = typeof account?.['user'] === 'string' ? account['user'] : '';
    this.user = user;
    this.#account = account;
    this.#host = host;
    this.#office = office;
    // Not in her own memory, which ends with her registration: a new one would start from nothing.
    const { usage } = office;
    this.#usage = new UsageCounter(
      { get: () => usage.get(user), set: (_, value) => usage.put(user, value) },
      office.now,
    );
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#running = signal;
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await this.#usage.saved();
  }

  async send(to: Address, message: Outgoing): Promise<Sent> {
    const signal = this.#signal();
    const deadline = performance.now() + WAIT_MS;
    const sending = this.#lanes.run(to.id, async () => {
      const patienceMs = deadline - performance.now();
      if (patienceMs <= 0) throw new NetworkError('too-fast', this.words.providerBusy);
      return this.#sendNow(
        to,
        message,
        AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
        patienceMs,
      );
    });
    return this.#office.switchboard.whileSending(message.key, sending);
  }

  async wasTaken(to: Address, message: Outgoing): Promise<Sent | undefined> {
    const signal = AbortSignal.any([this.#signal(), AbortSignal.timeout(ANSWER_MS)]);
    const { provider, text } = await this.#prepare(to, message);
    const isTaken =
      this.#office.switchboard.isKnown(message.key) || (await provider.find?.(text, signal));
    if (isTaken !== true) return undefined;
    await this.#usage.reserve(text.parts.length, NO_LIMIT);
    await this.#usage.release(text.parts.length, true);
    return { ids: [messageId(message.key)] };
  }

  async lookup(contact: ContactId): Promise<ContactCard> {
    const party = partyOf(contact);
    if (party.kind !== 'number') return { note: writeParty(party) };
    const facts = factsOf(party.number);
    const country = facts?.country;
    return {
      phone: party.number,
      ...(facts === undefined ? {} : { note: [facts.shown, country].filter(Boolean).join('\n') }),
    };
  }

  /** The number that this user's texts come from. @throws NetworkError when there is none any more */
  async ownNumber(): Promise<{ readonly number: string; readonly own: OwnNumber | undefined }> {
    const chosen = this.#account?.['phone'];
    const assigned = await this.#office.owners.of(this.user);
    const own = assigned.find(({ number }) => number === chosen) ?? assigned[0];
    const isClaimed = this.#account?.['isClaimed'] === true && typeof chosen === 'string';
    // A claim ends where the administrator gives the number to somebody.
    if (isClaimed && (await this.#office.owners.named(chosen)) === undefined) {
      return { number: chosen, own: undefined };
    }
    if (own === undefined) throw new NetworkError('refused', this.words.numberGone);
    return { number: own.number, own };
  }

  async used(): Promise<Usage & Quota> {
    return { ...(await this.#usage.read()), ...(await this.#office.quotaOf(this.user)) };
  }

  get words(): Texts {
    return texts(this.#host.language);
  }

  #signal(): AbortSignal {
    if (this.#running !== undefined && !this.#running.aborted) return this.#running;
    throw new NetworkError('unreachable', this.words.notRunning);
  }

  async #sendNow(
    to: Address,
    message: Outgoing,
    signal: AbortSignal,
    patienceMs: number,
  ): Promise<Sent> {
    const { provider, text, own } = await this.#prepare(to, message);
    await this.#checkOptOut(text);
    const segments = text.parts.length;
    await this.#reserve(segments);
    let isTaken = false;
    try {
      await this.#office.bucket(text.from).take(segments, patienceMs, signal);
      if (own !== undefined && own.users.length > 1) {
        await this.#office.switchboard.talked(own.number, text.to, this.user);
      }
      await provider.send(text, signal);
      isTaken = true;
    } catch (error) {
      throw await this.#explained(error, text, message.attempt, signal);
    } finally {
      await this.#usage.release(segments, isTaken);
    }
    return { ids: [messageId(message.key)] };
  }

  async #prepare(to: Address, message: Outgoing): Promise<Prepared> {
    const { words } = this;
    const { options, carriers, tickets } = this.#office;
    const party = to.kind === 'contact' ? recipientOf(to.id, message) : undefined;
    if (party === undefined) throw new NetworkError('unsupported', words.noGroups);
    checkRecipient(party, options.limits, await this.#office.blocked(), words);
    const { number, own } = await this.ownNumber();
    if (party.kind === 'number' && party.number === number) {
      throw new NetworkError('refused', words.toSelf);
    }
    const provider = carriers.pick(this.user, party, own);
    const content = compose(message, party, provider.capabilities, options, words);
    const { key, at, asksReceipt } = message;
    const ticket = await tickets.seal({ user: this.user, to: to.id, key, asksReceipt });
    const text = { ...content, key, from: number, to: party, at, asksReceipt, ticket };
    return { provider, text, own };
  }

  async #reserve(segments: number): Promise<void> {
    const quota = await this.#office.quotaOf(this.user);
    const passed = await this.#usage.reserve(segments, quota);
    if (passed === undefined) return;
    const { words } = this;
    const { segmentsPerDay, segmentsPerMonth } = quota;
    throw new NetworkError(
      'refused',
      passed === 'day' ? words.quotaDay(segmentsPerDay) : words.quotaMonth(segmentsPerMonth),
    );
  }

  async #checkOptOut({ from, to }: TextOut): Promise<void> {
    if ((await this.#office.optOuts.get(`${from} ${writeParty(to)}`)) === undefined) return;
    throw new NetworkError('not-allowed', this.words.failed('opted-out'));
  }

  /** In the user's language; and what the provider said of the recipient is remembered. */
  async #explained(
    error: unknown,
    text: TextOut,
    attempt: number,
    signal: AbortSignal,
  ): Promise<unknown> {
    if (error instanceof ProviderError) {
      if (error.what === 'opted-out') {
        await this.#office.optOuts.put(
          `${text.from} ${writeParty(text.to)}`,
          String(this.#office.now()),
        );
      }
      return error.explained(this.words);
    }
    if (error instanceof NetworkError) {
      // Providers throw errors of their own: this is where a file lies.
      const isGivenUp = error.kind === 'unreachable' && attempt >= FILE_TRIES;
      return isGivenUp ? new NetworkError('not-found', error.message, { cause: error }) : error;
    }
    if (!signal.aborted) return error;
    return new NetworkError('uncertain', this.words.uncertain, { cause: error });
  }
}

const NO_LIMIT: Quota = { segmentsPerDay: Infinity, segmentsPerMonth: Infinity };
