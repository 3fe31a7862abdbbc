import type { ContactId, Memory } from '../../src/plugin/index.ts';
import { Remembered } from './remembered.ts';
import { threadOf } from './writing/message-ids.ts';
import { isSameTopic, topic } from './writing/subject.ts';

const SIZE = { shards: 8, characters: 60_000 };
const MAX_TALKS = 6;
const MAX_REFERENCES = 8;
const MAX_ALIASES = 4;

/** One thread of mails with a contact. */
export interface Talk {
  readonly thread: string;
  readonly subject: string;
  /** Message-IDs, the root first, the last one last; some between them may be left out. */
  readonly references: readonly string[];
  /** Where answers go when that is not the contact (Reply-To). */
  readonly replyTo?: string;
  /** What clients of the user call it. */
  readonly aliases: readonly string[];
  /** The user has written to the contact, in this thread or before it. */
  readonly isMutual?: boolean;
}

/** What is known of the mail before this one. */
export interface Place {
  readonly talk: Talk | undefined;
  /** It goes on with what was last talked of in this chat. */
  readonly isLatest: boolean;
}

/** A mail that belongs to a thread from now on. */
interface Noted {
  readonly id: string;
  readonly talk: Talk | undefined;
  readonly references: readonly string[];
  readonly subject: string;
  readonly thread?: string;
  readonly replyTo?: string;
  /** The user wrote it. */
  readonly isOwn?: boolean;
}

/** The threads that a user has with each of her contacts. */
export class Talks {
  readonly #remembered: Remembered<readonly Talk[]>;

  constructor(memory: Memory) {
    this.#remembered = new Remembered(memory, 'talks', decode, SIZE);
  }

  /** The thread that a mail with these references belongs to. */
  async ofIncoming(contact: ContactId, references: readonly string[]): Promise<Place> {
    const talks = await this.#of(contact);
    const root = references[0];
    const thread = root === undefined ? undefined : threadOf(root);
    const talk = talks.findLast(
      (one) => one.thread === thread || references.some((id) => one.references.includes(id)),
    );
    return { talk, isLatest: talk !== undefined && talk === talks.at(-1) };
  }

  /** The thread that a message of the user goes on with; none when it begins one. */
  async ofOutgoing(
    contact: ContactId,
    said: { readonly answers?: string; readonly thread?: string; readonly subject?: string },
  ): Promise<Talk | undefined> {
    const talks = await this.#of(contact);
    const { answers, subject, thread } = said;
    const answered = talks.findLast(
      (talk) => answers !== undefined && talk.references.includes(answers),
    );
    if (answered !== undefined) return answered;
    const named = talks.findLast(
      (talk) => thread !== undefined && (talk.thread === thread || talk.aliases.includes(thread)),
    );
    if (named !== undefined) return named;
    // What it answers is forgotten: the last thread is another one, and may go to somebody else.
    if (answers !== undefined) return undefined;
    const latest = talks.at(-1);
    if (latest === undefined || subject === undefined) return latest;
    return isSameTopic(latest.subject, subject) ? latest : undefined;
  }

  /** A mail was received or sent; it is the last of its thread now. */
  async note(contact: ContactId, mail: Noted): Promise<Talk> {
    const talks = await this.#of(contact);
    const isMutual = mail.isOwn === true || talks.some((one) => one.isMutual === true);
    const now = { ...nextTalk(mail), ...(isMutual ? { isMutual } : {}) };
    const rest = talks.filter((one) => one.thread !== now.thread);
    await this.#remembered.set(contact, [...rest, now].slice(-MAX_TALKS));
    return now;
  }

  /** Whether anything was ever exchanged with this contact, as far as is remembered. */
  async has(contact: ContactId): Promise<boolean> {
    return (await this.#of(contact)).length > 0;
  }

  /** Whether the user has ever written to this contact, as far as is remembered. */
  async isMutual(contact: ContactId): Promise<boolean> {
    return (await this.#of(contact)).some((talk) => talk.isMutual === true);
  }

  flush(): Promise<void> {
    return this.#remembered.flush();
  }

  async #of(contact: ContactId): Promise<readonly Talk[]> {
    return (await this.#remembered.get(contact)) ?? [];
  }
}

/** The thread with this mail at its end. */
function nextTalk(mail: Noted): Talk {
  const { talk, thread: alias } = mail;
  const known = talk?.references ?? mail.references;
  const all = [...known, mail.id].filter((id, at, ids) => ids.lastIndexOf(id) === at);
  const [root = mail.id, ...others] = all;
  // What the contact writes says anew where answers go.
  const replyTo = mail.isOwn === true ? talk?.replyTo : mail.replyTo;
  return {
    thread: talk?.thread ?? alias ?? threadOf(root),
    subject: mail.subject === '' ? (talk?.subject ?? '') : topic(mail.subject).slice(0, 200),
    references: [root, ...others.slice(1 - MAX_REFERENCES)],
    aliases: aliasesOf(talk, alias),
    ...(replyTo === undefined ? {} : { replyTo }),
  };
}

function aliasesOf(talk: Talk | undefined, alias: string | undefined): readonly string[] {
  if (talk === undefined) return [];
  if (alias === undefined || alias === talk.thread) return talk.aliases;
  return [...talk.aliases.filter((one) => one !== alias), alias].slice(-MAX_ALIASES);
}

function decode(value: unknown): readonly Talk[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return (value as unknown[]).filter((talk): talk is Talk => isTalk(talk));
}

function isTalk(value: unknown): value is Talk {
  if (typeof value !== 'object' || value === null) return false;
  const { thread, subject, references, aliases } = value as Record<string, unknown>;
  return (
    typeof thread === 'string' &&
    typeof subject === 'string' &&
    Array.isArray(references) &&
    Array.isArray(aliases)
  );
}
