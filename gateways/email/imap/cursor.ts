import { hash } from 'node:crypto';
import type { Memory } from '../../../src/plugin/index.ts';

const MAX_KNOWN = 1_000;

/** How far a folder has been read. */
export interface Position {
  readonly uidValidity: string;
  /** The first UID that was not looked at yet. */
  readonly nextUid: number;
  /** When the last mail that was read had come in, in milliseconds. */
  readonly lastAt: number;
  /** All changes of flags up to this one were looked at (RFC 7162 §3.1.2), where the server counts them. */
  readonly modseq?: string;
}

/**
 * What of a mailbox was told to the user already: by folder, UIDVALIDITY and UID (RFC 9051 §2.3.1.1), and by Message-ID, for
 * the case that the server numbers all mails anew. Moved only when the core has stored what came before.
 */
export class Cursor {
  readonly #memory: Memory;
  readonly #key: string;
  readonly #positions: Map<string, Position>;
  readonly #known: Set<string>;
  /** The Message-IDs in these names, once somebody has asked for one. */
  #ids: Set<string> | undefined;

  private constructor(
    memory: Memory,
    key: string,
    { positions, known }: { positions: Map<string, Position>; known: Set<string> },
  ) {
    this.#memory = memory;
    this.#key = key;
    this.#positions = positions;
    this.#known = known;
  }

  /** @param mailbox tells it from other mailboxes that the user had before */
  static async load(memory: Memory, mailbox: string): Promise<Cursor> {
    const key = `cursor:${nameOf(mailbox)}`;
    const positions = new Map<string, Position>();
    const known = new Set<string>();
    const text = await memory.get(key);
    const stored: unknown = text === undefined ? undefined : JSON.parse(text);
    if (isStored(stored)) {
      for (const [folder, position] of Object.entries(stored.folders)) {
        if (isPosition(position)) positions.set(folder, position);
      }
      for (const id of stored.known) if (typeof id === 'string') known.add(id);
    }
    return new Cursor(memory, key, { positions, known });
  }

  position(folder: string): Position | undefined {
    return this.#positions.get(folder);
  }

  /** Whether a mail was told, as far as is remembered. @param name is made by {@link nameOfMail} */
  knows(name: string): boolean {
    return this.#known.has(name);
  }

  /** Whether any mail with the Message-ID of this one was told. */
  knowsId(name: string): boolean {
    this.#ids ??= new Set(Array.from(this.#known, idIn));
    return this.#ids.has(idIn(name));
  }

  /** On disk when it resolves. @param told are names of mails */
  async move(folder: string, position: Position, told: readonly string[] = []): Promise<void> {
    this.#positions.set(folder, position);
    if (told.length > 0) this.#ids = undefined;
    for (const name of told) {
      this.#known.delete(name);
      this.#known.add(name);
    }
    for (const id of this.#known) {
      if (this.#known.size <= MAX_KNOWN) break;
      this.#known.delete(id);
    }
    const folders = Object.fromEntries(this.#positions);
    await this.#memory.set(this.#key, JSON.stringify({ folders, known: [...this.#known] }));
  }
}

const ID_CHARACTERS = 8;
const TIME_CHARACTERS = 4;

/** What a mail is remembered by: its Message-ID, and when it was written, as some programs give all their mails the same. */
export const nameOfMail = ({
  id,
  writtenAt,
}: {
  readonly id: string;
  readonly writtenAt: string;
}): string => nameOf(id).slice(0, ID_CHARACTERS) + nameOf(writtenAt).slice(0, TIME_CHARACTERS);

/** Of two names made by {@link nameOfMail}. */
export const isSameId = (one: string, other: string): boolean => idIn(one) === idIn(other);

const idIn = (name: string): string => name.slice(0, ID_CHARACTERS);

export const nameOf = (id: string): string => hash('sha256', id, 'base64url').slice(0, 12);

function isStored(value: unknown): value is { folders: object; known: readonly unknown[] } {
  if (typeof value !== 'object' || value === null) return false;
  const { folders, known } = value as Record<string, unknown>;
  return typeof folders === 'object' && folders !== null && Array.isArray(known);
}

function isPosition(value: unknown): value is Position {
  if (typeof value !== 'object' || value === null) return false;
  const { uidValidity, nextUid, lastAt } = value as Record<string, unknown>;
  return (
    typeof uidValidity === 'string' && typeof nextUid === 'number' && typeof lastAt === 'number'
  );
}
