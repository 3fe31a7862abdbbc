import addressparser from 'nodemailer/lib/addressparser';
import type { Decode } from './charset.ts';
import { decodeWords } from './words.ts';

/** Somebody in an address field (RFC 5322 §3.4). */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

/** "Name <address>" or "address", one of them, without anything that needs a closer look. */
const simple =
  /^(?:([^"(),:;<>@[\\\]]*)<([^\s"(),:;<>@[\\\]]+@[^\s"(),:;<>@[\\\]]+)>|([^\s"(),:;<>@[\\\]]+@[^\s"(),:;<>@[\\\]]+))$/;

/** Everybody in a field, those in groups, too. */
export function mailboxesIn(text: string, decode: Decode): Mailbox[] {
  const one = text.length < 1_000 ? simple.exec(text) : null;
  if (one !== null) {
    const name = decodeWords((one[1] ?? '').trim(), decode);
    return [{ name, address: one[2] ?? one[3] ?? '' }];
  }
  return addressparser(text, { flatten: true }).map(({ address, name }) => ({
    name: decodeWords(name, decode),
    address,
  }));
}
