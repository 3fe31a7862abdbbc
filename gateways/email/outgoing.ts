import { messageId, NetworkError } from '../../src/plugin/index.ts';
import type { ContactId, NetworkErrorKind, Outgoing, Sent } from '../../src/plugin/index.ts';
import { mailboxOf } from './address.ts';
import { contactOf } from './mail-address.ts';
import type { EmailOptions } from './options.ts';
import { oneLine } from './reading/read-mail.ts';
import { SendQueue } from './send-queue.ts';
import type { SentMails } from './sent-mails.ts';
import type { Preferences } from './settings.ts';
import { Bucket } from './smtp/bucket.ts';
import type { Mailer, Taken } from './smtp/mailer.ts';
import { isForNow } from './smtp/outcome.ts';
import type { Refusal } from './smtp/outcome.ts';
import { Transfers } from './smtp/transfers.ts';
import type { Progress } from './smtp/transfers.ts';
import type { Talk, Talks } from './talks.ts';
import type { Texts } from './texts.ts';
import { compose } from './writing/compose.ts';
import type { Written } from './writing/compose.ts';
import type { Letter } from './writing/letter.ts';
import { recipientsOf } from './writing/letter.ts';
import { isGiven, messageIdFor, shortId } from './writing/message-ids.ts';
import { answerTo, splitSubject } from './writing/subject.ts';
import type { LaterRecipients } from './later-recipients.ts';
import type { SentCopies } from './sent-copies.ts';
import type { Unfinished, UnfinishedMails } from './unfinished.ts';
import { keptLetter } from './writing/kept-letter.ts';

export interface OutgoingParts {
  readonly own: string;
  /** The name in the registration. */
  readonly name: string;
  readonly mailer: Mailer;
  readonly preferences: Preferences;
  readonly talks: Talks;
  readonly sent: SentMails;
  readonly texts: () => Texts;
  readonly options: EmailOptions;
  /** Where reports of this mail go (RFC 5321 §4.4). */
  returnPath(id: string): string;
  readonly unfinished: UnfinishedMails;
  readonly later: LaterRecipients;
  /** Absent where what was sent is put away by others, or nowhere. */
  readonly copies: SentCopies | undefined;
  /** How long an answer of the server is waited for before it is looked up later; less than the minute that the core gives. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 50_000;
const MAX_UNKEPT = 1_000;

/** Turns messages of the user into mails and hands them to the server, in order for each contact. */
export class OutgoingMail {
  readonly #parts: OutgoingParts;
  readonly #queue = new SendQueue();
  readonly #bucket: Bucket;
  readonly #transfers: Transfers<Sent>;
  /** Of mails in doubt, by key, for which there was no room on disk. */
  readonly #unkept = new Map<string, Unfinished>();

  constructor(parts: OutgoingParts) {
    this.#parts = parts;
    this.#transfers = new Transfers(parts.patienceMs ?? PATIENCE_MS);
    const { burst, perMinute } = parts.options.limits;
    this.#bucket = new Bucket(burst, perMinute, Date.now());
  }

  async send(contact: ContactId, message: Outgoing, signal: AbortSignal): Promise<Sent> {
    const { key } = message;
    if (!this.#transfers.has(key)) {
      const waitMs = this.#bucket.take(Date.now());
      if (waitMs > 0) {
        const { tooFast } = this.#parts.texts();
        throw new NetworkError('too-fast', tooFast, { retryAfterMs: waitMs });
      }
      this.#transfers.begin(key, (progress) =>
        this.#queue.run(contact, () => this.#send(contact, message, { progress, signal })),
      );
    }
    return this.#transfers.outcome(key, () => this.#late('uncertain'));
  }

  /** Whether a mail that goes on by itself was taken. @throws NetworkError unreachable, while its server does not say */
  async outcome({ key }: Outgoing): Promise<Sent | 'unknown' | 'failed'> {
    if (!this.#transfers.has(key)) return 'unknown';
    const sent = await this.#transfers.taken(key, () => this.#late('unreachable'));
    return sent ?? 'failed';
  }

  #late(kind: NetworkErrorKind): NetworkError {
    return new NetworkError(kind, this.#parts.texts().slowServer);
  }

  /** What became of it, when the server is known to have taken it. */
  async known({ key }: Outgoing): Promise<Sent | undefined> {
    const state = await this.#parts.unfinished.find(key);
    return state?.isTaken === true ? sentOf(state) : undefined;
  }

  /** It has gone out already, as the folder of what was sent shows. */
  async wasSent(contact: ContactId, message: Outgoing): Promise<Sent> {
    const { later, sent, unfinished } = this.#parts;
    const { key } = message;
    const { letter, talk } = await this.#written(contact, message);
    const id = letter.messageId;
    await sent.add({ key, to: contact, id });
    // What the server said of its recipients before it was given the mail.
    const state = await unfinished.find(key);
    const unkept = this.#unkept.get(key);
    await Promise.all([
      sent.flush(),
      this.#note(contact, { id, letter, message, talk }),
      unfinished.change(key, { isTaken: true, isFiled: true, ids: [id] }),
    ]);
    this.#unkept.delete(key);
    if (unkept !== undefined) return sentOf({ ...this.#withoutLater(unkept), ids: [id] });
    if (state === undefined) return { ids: [messageId(id)] };
    if (state.later.length > 0) later.add(key, []);
    return sentOf({ ...state, ids: [id] });
  }

  async #send(
    contact: ContactId,
    message: Outgoing,
    { progress, signal: ended }: { readonly progress: Progress; readonly signal: AbortSignal },
  ): Promise<Sent> {
    const signal = AbortSignal.any([ended, progress.signal]);
    const { copies, mailer, options, sent, texts, unfinished } = this.#parts;
    const { letter, talk } = await this.#written(contact, message);
    const { messageId: given } = letter;
    // Of an earlier try, which may have been taken.
    const before = this.#unkept.get(message.key) ?? (await unfinished.find(message.key));
    const mail = { key: message.key, to: contact, id: given };
    await sent.add(mail);
    // On disk before the mail counts as sent: a bounce of it must find its message whatever happens to us.
    const noted = sent.flush();
    const isKept = copies !== undefined;
    const how = { signal, texts: texts() };
    const taken = await mailer
      .send(
        {
          from: this.#parts.returnPath(given),
          to: recipientsOf(letter),
          ...(message.asksReceipt ? { receipt: shortId(given) } : {}),
        },
        () => compose(letter, { ...how, isKept, maxFileBytes: options.limits.outboundBytes }),
        {
          ...how,
          progress,
          refused: async (refused) => {
            const said = this.#stateOf(contact, message, { ids: [], isTaken: false, refused });
            const state = inEither(said, before);
            const isForAll = state.later.length + state.refused.length === 0;
            await (isForAll ? this.#forget(message.key) : this.#keep(state, letter));
          },
        },
      )
      .catch(async (error: unknown) => {
        const isOpen = error instanceof NetworkError && error.kind === 'uncertain';
        if (!isOpen) {
          await (before === undefined ? this.#forget(message.key) : this.#keep(before, letter));
        }
        throw error;
      });
    this.#unkept.delete(message.key);
    const other = taken.serverMessageId;
    const ids = other === undefined ? [given] : [given, other];
    if (other !== undefined) await sent.add(mail, ids);
    const [state] = await Promise.all([
      this.#finish(this.#stateOf(contact, message, { ...taken, ids, isTaken: true }), {
        letter,
        taken,
      }),
      other === undefined ? noted : sent.flush(),
      this.#note(contact, { id: ids.at(-1) ?? given, letter, message, talk }),
    ]);
    return sentOf(state);
  }

  /** Who is refused while the mail is in doubt: at least for as long as the program runs. */
  async #keep(state: Unfinished, letter: Letter): Promise<void> {
    const { key } = state;
    this.#unkept.delete(key);
    if (await this.#parts.unfinished.keep(state, keptLetter(letter))) return;
    const [oldest] = this.#unkept.keys();
    if (this.#unkept.size >= MAX_UNKEPT && oldest !== undefined) this.#unkept.delete(oldest);
    this.#unkept.set(key, state);
  }

  async #forget(key: string): Promise<void> {
    this.#unkept.delete(key);
    await this.#parts.unfinished.forget(key);
  }

  /** Nobody can be tried again without the letter: whoever waits for that does not get it. */
  #withoutLater(state: Unfinished): Unfinished {
    const text = this.#parts.texts().notTriedAgain;
    const late = state.later.map((address) => ({ address, kind: 'unreachable' as const, text }));
    return { ...state, later: [], refused: [...state.refused, ...late] };
  }

  #stateOf(
    to: ContactId,
    { asksReceipt, at, key }: Outgoing,
    {
      refused,
      ...known
    }: Pick<Unfinished, 'ids' | 'isTaken'> & { readonly refused: readonly Refusal[] },
  ): Unfinished {
    const { ids, isTaken } = known;
    return {
      key,
      to,
      since: at.getTime(),
      asksReceipt,
      isTaken,
      ids,
      isFiled: this.#parts.copies === undefined,
      later: refused.filter(isForNow).map(({ address }) => address),
      refused: refusedOf(refused.filter((one) => !isForNow(one))),
    };
  }

  /** What is left to do is on disk when it resolves. @returns what became of the mail: who cannot be kept does not get it */
  async #finish(
    state: Unfinished,
    { letter, taken }: { readonly letter: Letter; readonly taken: Taken & { written: Written } },
  ): Promise<Unfinished> {
    const { copies, later, unfinished } = this.#parts;
    const { kept } = taken.written;
    if (state.isFiled && taken.refused.length === 0) {
      await unfinished.forget(state.key);
      return state;
    }
    const isKept = await unfinished.keep(state, keptLetter(letter));
    if (!isKept) {
      if (kept !== undefined) copies?.addOnce(state, keptLetter(letter), kept);
      return { ...state, later: [], refused: refusedOf(taken.refused) };
    }
    if (kept !== undefined) copies?.add(state.key, kept);
    if (state.later.length > 0) later.add(state.key, taken.refused.filter(isForNow));
    return state;
  }

  async #written(contact: ContactId, message: Outgoing): Promise<Prepared> {
    const { preferences, talks } = this.#parts;
    await preferences.load();
    const given = oneLine(message.subject ?? '');
    const split = given === '' ? splitSubject(message.text) : { text: message.text };
    const subject = given === '' ? split.subject : given;
    const answers = message.reply?.id;
    const talk = await talks.ofOutgoing(contact, {
      ...(answers === undefined ? {} : { answers }),
      ...(message.thread === undefined ? {} : { thread: message.thread }),
      ...(subject === undefined ? {} : { subject }),
    });
    return { letter: this.#letter(contact, { message, subject, talk, text: split.text }), talk };
  }

  /** On disk when it resolves: an answer to it goes on with its thread, whatever happens to us. */
  async #note(
    contact: ContactId,
    { id, letter, message, talk }: Prepared & { readonly id: string; readonly message: Outgoing },
  ): Promise<void> {
    const { talks } = this.#parts;
    await talks.note(contact, {
      id,
      talk,
      references: [],
      subject: letter.subject,
      isOwn: true,
      ...(message.thread === undefined ? {} : { thread: message.thread }),
    });
    await talks.flush();
  }

  /** @throws NetworkError unsupported, for a list that takes no mail */
  #letter(
    contact: ContactId,
    parts: {
      readonly message: Outgoing;
      readonly subject: string | undefined;
      readonly talk: Talk | undefined;
      readonly text: string;
    },
  ): Letter {
    const { message, subject, talk, text } = parts;
    const { name, own, preferences, texts } = this.#parts;
    const to = mailboxOf(contact);
    if (to === undefined) throw new NetworkError('unsupported', texts().readOnlyList);
    const fromName = oneLine(preferences.settings.name === '' ? name : preferences.settings.name);
    const others = message.also ?? [];
    const among = (role: 'to' | 'cc' | 'bcc'): string[] =>
      others
        .filter((recipient) => recipient.role === role)
        .flatMap((recipient) => mailboxOf(recipient.contact) ?? []);
    const answer = talk === undefined ? '' : answerTo(talk.subject);
    return {
      from: own,
      fromName: fromName === '' ? undefined : fromName,
      to: [talk?.replyTo ?? to, ...among('to')],
      cc: among('cc'),
      bcc: among('bcc'),
      messageId: messageIdFor(message.key, own),
      subject: subject ?? (answer === '' ? this.#defaultSubject(fromName) : answer),
      text,
      at: message.at,
      references: referencesOf(message, talk),
      files: message.files ?? [],
    };
  }

  #defaultSubject(name: string): string {
    const { options, own } = this.#parts;
    return options.subject.replace('{name}', () => (name === '' ? own : name));
  }
}

interface Prepared {
  readonly letter: Letter;
  /** The thread that it goes on with. */
  readonly talk: Talk | undefined;
}

const refusedOf = (refused: readonly Refusal[]): Unfinished['refused'] =>
  refused.map(({ address, error }) => ({ address, kind: error.kind, text: error.message }));

/**
 * What is owed when one of two tries was taken, and nobody knows which: who was refused by one of them may not have got the mail. That
 * somebody is refused for good is certain when both say so; else another try says it.
 */
function inEither(now: Unfinished, before: Unfinished | undefined): Unfinished {
  if (before === undefined) return now;
  const addresses = ({ later, refused }: Unfinished): string[] => [
    ...later,
    ...refused.map(({ address }) => address),
  ];
  const refused = now.refused.filter(({ address }) =>
    before.refused.some((one) => one.address === address),
  );
  const isRefused = (address: string): boolean => refused.some((one) => one.address === address);
  const later = new Set([...addresses(before), ...addresses(now)]);
  return { ...now, refused, later: [...later].filter((address) => !isRefused(address)) };
}

function sentOf({ ids, refused }: Unfinished): Sent {
  const told = refused.map(({ address, kind, text }) => ({
    contact: contactOf(address),
    error: new NetworkError(kind, text),
  }));
  return {
    ids: ids.map((id) => messageId(id)),
    ...(told.length > 0 ? { refused: told } : {}),
  };
}

/** The mails before this one in its thread, the one it answers last; only what others know them by. */
function referencesOf(message: Outgoing, talk: Talk | undefined): readonly string[] {
  const known = talk?.references ?? [];
  const answered = message.reply?.id;
  const all = answered === undefined ? known : [...known.filter((id) => id !== answered), answered];
  return all.filter(isGiven);
}
