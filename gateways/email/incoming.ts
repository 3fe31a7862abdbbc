import { messageId, NetworkError } from '../../src/plugin/index.ts';
import type { ContactId, Event, MessageEvent, Recipient, Reply } from '../../src/plugin/index.ts';
import type { Digest } from './digest.ts';
import { nameOfMail } from './imap/cursor.ts';
import type { Person, Reading } from './reading/reading.ts';
import type { Outcome, Report } from './reading/report.ts';
import { addressOf } from './sent-mails.ts';
import type { SentMail, SentMails } from './sent-mails.ts';
import type { Newsletters, Preferences } from './settings.ts';
import { kindOfReply } from './smtp/outcome.ts';
import type { Talk, Talks } from './talks.ts';
import type { Texts } from './texts.ts';
import { isSameTopic } from './writing/subject.ts';

export interface IncomingParts {
  /** The address of the user. */
  readonly own: string;
  /** A mailbox elsewhere has the mails, whether they are told or not. */
  readonly isKept: boolean;
  readonly preferences: Preferences;
  readonly talks: Talks;
  readonly sent: SentMails;
  readonly digest: Digest;
  readonly texts: () => Texts;
}

/** How a mail came. */
export interface Arrival {
  readonly receivedAt: Date;
  /** It lies among what the user has sent. */
  readonly isSent?: boolean;
  /** She has asked to see it: nothing holds it back. */
  readonly isWanted?: boolean;
  /** The sender may not write to her before she agrees. */
  readonly isUninvited?: boolean;
  /** What stands behind the sender's name. */
  readonly verdict?: string;
  /** The address that it came to, which may be another one of hers. */
  readonly to?: string;
  /** The return path named the mail that this is about. */
  readonly about?: SentMail;
}

/** Decides what becomes of a mail: a message of somebody, news of a mail that was sent, a line of a digest, or nothing. */
export class Incoming {
  readonly #parts: IncomingParts;

  constructor(parts: IncomingParts) {
    this.#parts = parts;
  }

  async events(reading: Reading, arrival: Arrival): Promise<readonly Event[]> {
    const { preferences } = this.#parts;
    await preferences.load();
    const news = await this.#reportEvents(reading, arrival);
    if (news !== undefined) return news;
    if (arrival.isSent === true) return this.#ownEvents(reading, arrival);
    const contact =
      reading.list?.isDiscussion === true ? reading.list.contact : reading.from.contact;
    if (arrival.isWanted !== true) {
      if (isNewsletter(reading) && !preferences.hasContact(contact)) {
        const newsletters = this.#newsletters;
        if (newsletters === 'digest') {
          await this.#parts.digest.add(nameOfMail(reading), nameOf(reading.from), reading.subject);
        }
        if (newsletters !== 'messages') return [];
      }
      if (!(await this.#isLetIn(contact, reading))) return [];
    }
    return [await this.#message(contact, reading, arrival)];
  }

  /** Nobody else has what comes to a name of our own domain: a line of a digest would be all that is left of it. */
  get #newsletters(): Newsletters {
    const { isKept, preferences } = this.#parts;
    const { newsletters } = preferences.settings;
    return newsletters === 'digest' && !isKept ? 'messages' : newsletters;
  }

  /** On disk when it resolves: an answer to what was told goes on with its thread. */
  flush(): Promise<void> {
    return this.#parts.talks.flush();
  }

  /** The level of the user: whether mails of this contact are shown at all. */
  async #isLetIn(contact: ContactId, reading: Reading): Promise<boolean> {
    const { preferences, sent, talks } = this.#parts;
    const { level } = preferences.settings;
    if (level === 'all' || preferences.hasContact(contact)) return true;
    if (level === 'contacts') return false;
    if (await talks.has(contact)) return true;
    for (const id of reading.references) {
      if ((await sent.byMessageId(id)) !== undefined) return true;
    }
    return false;
  }

  async #message(
    contact: ContactId,
    reading: Reading,
    { isUninvited, receivedAt, to, verdict }: Arrival,
  ): Promise<MessageEvent> {
    const { talks } = this.#parts;
    const { list } = reading;
    const place = await talks.ofIncoming(contact, reading.references);
    const isNews = place.talk === undefined || !isSameTopic(place.talk.subject, reading.subject);
    const isShown = reading.subject !== '' && (isNews || !place.isLatest);
    const elsewhere = this.#elsewhere(contact, reading);
    const talk = await talks.note(contact, {
      id: reading.id,
      talk: place.talk,
      references: reading.references,
      subject: reading.subject,
      ...(elsewhere === undefined ? {} : { replyTo: elsewhere }),
    });
    const author = list?.isDiscussion === true ? `${nameOf(reading.from)}:\n` : '';
    const name = list?.isDiscussion === true ? list.name : reading.from.name;
    const nick = [name, verdict].filter((part) => part !== undefined).join(' ');
    return {
      kind: 'message',
      from: contact,
      id: messageId(reading.id),
      text: author + reading.text,
      ...(isShown ? { subject: reading.subject } : {}),
      thread: talk.thread,
      ...answerIn(reading, talk),
      ...(nick === '' ? {} : { nick }),
      ...(isUninvited === true ? { isUninvited } : {}),
      ...looksOf(reading, author.length),
      ...this.#others(contact, reading, to),
      ...timeOf(reading, receivedAt),
    };
  }

  /** Where answers go, when not to the contact; never to the user herself, as some forms on web pages would have it. */
  #elsewhere(contact: ContactId, { list, replyTo }: Reading): ContactId | undefined {
    const wanted = list === undefined ? replyTo?.contact : undefined;
    return wanted === contact || wanted === this.#parts.own ? undefined : wanted;
  }

  /** Group mail: everybody else who got it. */
  #others(
    contact: ContactId,
    reading: Reading,
    to: string | undefined,
  ): { also?: readonly Recipient[] } {
    if (reading.list !== undefined) return {};
    const seen = new Set<string | undefined>([contact, this.#parts.own, to, reading.from.contact]);
    const others: Recipient[] = [];
    for (const role of ['to', 'cc'] as const) {
      for (const { contact: other, name } of reading[role]) {
        if (seen.has(other)) continue;
        seen.add(other);
        others.push({ contact: other, role, ...(name === undefined ? {} : { name }) });
      }
    }
    return others.length === 0 ? {} : { also: others };
  }

  /** What the user wrote with another mail program. */
  async #ownEvents(reading: Reading, { receivedAt }: Arrival): Promise<readonly Event[]> {
    const { own, sent, talks } = this.#parts;
    if ((await sent.byMessageId(reading.id)) !== undefined) return [];
    const [to] = [...reading.to, ...reading.cc].filter(({ contact }) => contact !== own);
    if (to === undefined) return [];
    const place = await talks.ofIncoming(to.contact, reading.references);
    const talk = await talks.note(to.contact, {
      id: reading.id,
      talk: place.talk,
      references: reading.references,
      subject: reading.subject,
      isOwn: true,
    });
    const event: MessageEvent = {
      kind: 'message',
      from: to.contact,
      id: messageId(reading.id),
      text: reading.text,
      thread: talk.thread,
      isOwn: true,
      ...(place.talk === undefined && reading.subject !== '' ? { subject: reading.subject } : {}),
      ...(reading.files.length > 0 ? { files: reading.files } : {}),
      ...timeOf(reading, receivedAt),
    };
    return [event];
  }

  /** RFC 3464: only of a mail that we know, and of nobody else's. */
  async #reportEvents(reading: Reading, { about }: Arrival): Promise<readonly Event[] | undefined> {
    const { report } = reading;
    const { sent } = this.#parts;
    const mail = about ?? (report === undefined ? undefined : await mailOf(report, sent));
    if (mail === undefined) return undefined;
    if (report === undefined) {
      // Answers of programs go to the return path, too (RFC 3834 §4); they are shown.
      if (!/^(mailer-daemon|postmaster)@/.test(reading.from.contact)) return undefined;
      const diagnostic = /^.*\b[45]\d\d[ -].*$/m.exec(reading.text)?.[0].trim().slice(0, 300);
      return this.#outcomeEvents(mail, {
        action: 'failed',
        recipient: undefined,
        status: undefined,
        diagnostic,
      });
    }
    return report.outcomes.flatMap((outcome) => {
      const diagnostic = outcome.diagnostic ?? saidOf(outcome.recipient, reading.text);
      return this.#outcomeEvents(mail, { ...outcome, diagnostic });
    });
  }

  #outcomeEvents(mail: SentMail, outcome: Outcome): readonly Event[] {
    const to = addressOf(mail);
    switch (outcome.action) {
      case 'failed': {
        const said = [outcome.status, outcome.diagnostic].filter((part) => part !== undefined);
        const kind = kindOfReply(replyIn(outcome));
        const text = this.#parts.texts().bounced(outcome.recipient ?? mail.to, said.join(' '));
        return [{ kind: 'failed', to, key: mail.key, error: new NetworkError(kind, text) }];
      }
      case 'delivered':
        return [{ kind: 'receipt', to, id: messageId(mail.id), state: 'delivered' }];
      case 'delayed':
      case 'relayed':
      case 'expanded':
        return [];
    }
  }
}

/** What the server of the recipient has answered, or what stands for it. */
function replyIn({ diagnostic = '', status }: Outcome): string {
  if (/^\d{3}/.test(diagnostic)) return diagnostic;
  if (status !== undefined) return `${status[0]}50 ${status}`;
  return /\b[45]\d\d[ -].*/.exec(diagnostic)?.[0] ?? '550';
}

/** Exim tells people alone why it has given up by itself: on the line under the address, further in. */
function saidOf(recipient: string | undefined, text: string): string | undefined {
  if (recipient === undefined) return undefined;
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.trim().toLowerCase() === recipient.toLowerCase());
  const [indent = ''] = /^\s*/.exec(lines[at] ?? '') ?? [];
  const below = lines[at + 1] ?? '';
  const isFurther = at >= 0 && below.startsWith(`${indent} `);
  return isFurther ? below.trim().slice(0, 300) : undefined;
}

async function mailOf(report: Report, sent: SentMails): Promise<SentMail | undefined> {
  const { envelopeId, messageId: id } = report;
  const byId = id === undefined ? undefined : await sent.byMessageId(id);
  return byId ?? (envelopeId === undefined ? undefined : sent.byShortId(envelopeId));
}

const isNewsletter = ({ automatic, list, unsubscribe }: Reading): boolean =>
  automatic.isBulk &&
  list?.isDiscussion !== true &&
  (unsubscribe !== undefined || list !== undefined);

const nameOf = ({ contact, name }: Person): string =>
  name === undefined ? contact : `${name} <${contact}>`;

/** What it answers, where that was seen. */
function answerIn({ references }: Reading, talk: Talk): { readonly reply?: Reply } {
  const answered = references.at(-1);
  const isSeen = answered !== undefined && talk.references.includes(answered);
  return isSeen ? { reply: { id: messageId(answered) } } : {};
}

/** Styles and files; the text of the mail stands behind so many characters of ours. */
const looksOf = (
  { files, styles }: Reading,
  behind: number,
): Pick<MessageEvent, 'files' | 'styles'> => ({
  ...(styles.length > 0 ? { styles: styles.map((style) => moved(style, behind)) } : {}),
  ...(files.length > 0 ? { files } : {}),
});

const moved = <Run extends { readonly from: number; readonly to: number }>(
  run: Run,
  by: number,
): Run => ({ ...run, from: run.from + by, to: run.to + by });

/** When it was written; by the clock of the sender only when that is not after it came. */
function timeOf({ at }: Reading, receivedAt: Date): { readonly at?: Date } {
  const time = at === undefined || at > receivedAt ? receivedAt : at;
  return Date.now() - time.getTime() > 60_000 ? { at: time } : {};
}
