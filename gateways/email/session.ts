import { NetworkError, Unregistered } from '../../src/plugin/index.ts';
import type {
  Account,
  Address,
  ContactCard,
  ContactId,
  Host,
  MessageId,
  Outgoing,
  Sent,
  Session,
} from '../../src/plugin/index.ts';
import type { Registration } from './account.ts';
import { mailboxOf } from './address.ts';
import { Arrived } from './arrived.ts';
import { Digest } from './digest.ts';
import { FullTexts } from './full-texts.ts';
import { Incoming } from './incoming.ts';
import { LaterRecipients } from './later-recipients.ts';
import type { Mailbox } from './mailbox.ts';
import type { EmailOptions } from './options.ts';
import { OutgoingMail } from './outgoing.ts';
import type { Reading } from './reading/reading.ts';
import { SentCopies } from './sent-copies.ts';
import { SentMails } from './sent-mails.ts';
import { Preferences } from './settings.ts';
import type { Mailer } from './smtp/mailer.ts';
import { Talks } from './talks.ts';
import { texts } from './texts.ts';
import type { Texts } from './texts.ts';
import { UnfinishedMails } from './unfinished.ts';
import { messageIdFor } from './writing/message-ids.ts';

/** What makes the session of a mailbox elsewhere different from that of a name at our own domain. */
export interface Side {
  readonly mailer: Mailer;
  /** Absent where mail comes in by the gateway's own server. */
  readonly mailbox?: Mailbox;
  /** What is sent is put away by us. */
  readonly isFiling: boolean;
  returnPath(id: string): string;
  /** From now on mail for this user comes in; ends with the signal. */
  open(session: EmailSession, signal: AbortSignal): void;
}

/** What a side is made with. */
export interface SessionTools {
  readonly incoming: Incoming;
  readonly preferences: Preferences;
  readonly sent: SentMails;
  readonly texts: () => Texts;
}

/** One user with her mailbox. */
export class EmailSession implements Session {
  readonly account: Account;
  readonly registration: Registration;
  readonly host: Host;
  readonly preferences: Preferences;
  readonly talks: Talks;
  readonly sent: SentMails;
  readonly arrived: Arrived;
  readonly incoming: Incoming;
  readonly #fullTexts: FullTexts;
  readonly #side: Side;
  readonly #outgoing: OutgoingMail;
  readonly #digest: Digest;
  readonly #unfinished: UnfinishedMails;
  readonly #later: LaterRecipients;
  readonly #copies: SentCopies | undefined;
  #signal: AbortSignal | undefined;

  constructor(
    account: Account,
    registration: Registration,
    parts: {
      readonly host: Host;
      readonly options: EmailOptions;
      readonly side: (tools: SessionTools) => Side;
    },
  ) {
    const { host, options } = parts;
    const say = (): Texts => texts(host.language);
    this.account = account;
    this.registration = registration;
    this.host = host;
    this.preferences = new Preferences(host.memory);
    this.talks = new Talks(host.memory);
    this.sent = new SentMails(host.memory);
    this.arrived = new Arrived(host.memory);
    this.#fullTexts = new FullTexts(host.memory);
    this.#digest = new Digest(host, say, options.timings.digestMs);
    this.incoming = new Incoming({
      own: registration.address,
      isKept: registration.kind === 'mailbox',
      preferences: this.preferences,
      talks: this.talks,
      sent: this.sent,
      digest: this.#digest,
      texts: say,
    });
    const tools = { incoming: this.incoming, preferences: this.preferences, sent: this.sent };
    const side = parts.side({ ...tools, texts: say });
    this.#side = side;
    const { mailer, mailbox } = side;
    const returnPath = (id: string): string => side.returnPath(id);
    const unfinished = new UnfinishedMails(host.memory, host.messageLifeMs);
    const kept = { own: registration.address, unfinished, host, options, texts: say };
    this.#unfinished = unfinished;
    this.#later = new LaterRecipients({ ...kept, mailer, returnPath });
    this.#copies =
      side.isFiling && mailbox !== undefined ? new SentCopies({ ...kept, mailbox }) : undefined;
    this.#outgoing = new OutgoingMail({
      own: registration.address,
      name: registration.name,
      mailer,
      preferences: this.preferences,
      talks: this.talks,
      sent: this.sent,
      texts: say,
      options,
      returnPath,
      unfinished: this.#unfinished,
      later: this.#later,
      copies: this.#copies,
    });
  }

  get texts(): Texts {
    return texts(this.host.language);
  }

  /** @throws NetworkError unsupported, at the gateway's own domain */
  get mailbox(): Mailbox {
    const { mailbox } = this.#side;
    if (mailbox === undefined) throw new NetworkError('unsupported', this.texts.noMailbox);
    return mailbox;
  }

  /** Whether it is the gateway that keeps the mails. */
  get isNamed(): boolean {
    return this.#side.mailbox === undefined;
  }

  async keepFullText(reading: Reading): Promise<void> {
    const contact =
      reading.list?.isDiscussion === true ? reading.list.contact : reading.from.contact;
    if (reading.fullText !== undefined) await this.#fullTexts.keep(contact, reading.fullText);
  }

  /** All of the last mail of a contact, or of anybody. @throws NetworkError unreachable */
  async fullText(contact: ContactId | undefined): Promise<string | undefined> {
    const { mailbox } = this.#side;
    if (mailbox === undefined) return this.#fullTexts.last(contact);
    const reading = await mailbox.last(contact);
    return reading?.fullText ?? reading?.text;
  }

  async run(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return this.#leave(signal);
    this.#signal = signal;
    this.#digest.start();
    this.#side.open(this, signal);
    try {
      await Promise.all([this.#later.start(signal), this.#copies?.start(signal)]);
      const { mailbox } = this.#side;
      await (mailbox === undefined ? aborted(signal) : mailbox.run(signal));
    } finally {
      this.#signal = undefined;
      this.#digest.stop();
      this.#side.mailer.close();
      await Promise.all([this.talks.flush(), this.sent.flush(), this.#unfinished.flush()]);
    }
    await this.#leave(signal);
  }

  /** When the registration ends, too, nothing is left out in silence. */
  async #leave({ reason }: AbortSignal): Promise<void> {
    if (!(reason instanceof Unregistered)) return;
    await this.#later.abandon();
    await this.#copies?.abandon();
  }

  async send(to: Address, message: Outgoing): Promise<Sent> {
    const signal = this.#signal;
    if (to.kind !== 'contact') throw new NetworkError('not-found', this.texts.onlyContacts);
    if (signal === undefined) throw new NetworkError('unreachable', this.texts.smtpUnreachable);
    return this.#outgoing.send(to.id, message, signal);
  }

  /** A provider that puts away what was sent knows; where we do it, we can only know that it was. */
  async wasTaken(to: Address, message: Outgoing): Promise<Sent | undefined> {
    const { mailbox } = this.#side;
    if (to.kind !== 'contact') return undefined;
    const outcome = await this.#outgoing.outcome(message);
    if (outcome !== 'unknown') return outcome === 'failed' ? undefined : outcome;
    const known = await this.#outgoing.known(message);
    if (known !== undefined || mailbox === undefined) return known;
    const id = messageIdFor(message.key, this.registration.address);
    try {
      if (!(await mailbox.hasSent(id))) return undefined;
      return await this.#outgoing.wasSent(to.id, message);
    } catch (error) {
      if (this.#side.isFiling) return undefined;
      throw error;
    }
  }

  async mark(to: Address, id: MessageId): Promise<void> {
    const { mailbox } = this.#side;
    await this.preferences.load();
    if (mailbox === undefined || !this.preferences.settings.marksSeen) return;
    if (to.kind === 'contact') await mailbox.markSeen(to.id, id);
  }

  async changeContact(
    contact: ContactId,
    change: 'add' | 'remove' | 'accept' | 'refuse',
  ): Promise<void> {
    const isAdded = change === 'add' || change === 'accept';
    await (isAdded
      ? this.preferences.addContact(contact)
      : this.preferences.removeContact(contact));
    // Nobody has to agree to be written to: the user's client would wait for that without end.
    if (change === 'add') await this.host.emit({ kind: 'contact', contact: { id: contact } });
  }

  async lookup(contact: ContactId): Promise<ContactCard> {
    const email = mailboxOf(contact);
    if (email === undefined)
      return { name: contact.replace(/^list:/, ''), note: this.texts.readOnlyList };
    await this.preferences.load();
    return { email };
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
