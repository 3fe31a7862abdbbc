import type { ImapFlow } from 'imapflow';
import { messageId } from '../../src/plugin/index.ts';
import type { ContactId, Event } from '../../src/plugin/index.ts';
import { mailboxOf } from './address.ts';
import type { SeenMail } from './imap/seen-mails.ts';
import { readMail } from './reading/read-mail.ts';
import type { Reading } from './reading/reading.ts';
import type { Texts } from './texts.ts';

/** The mails of the inbox that were told: from this UID on, and below that. */
interface Told {
  readonly from: number;
  readonly below: number;
}

/**
 * What mails that were read elsewhere mean for chats: one event for each contact, of the last mail with none before it that is still
 * unread. Those from before the gateway was there do not count.
 */
export async function seenEvents(
  client: ImapFlow,
  mails: readonly SeenMail[],
  { texts, told }: { readonly texts: Texts; readonly told: Told },
): Promise<readonly Event[]> {
  const first = new Map<ContactId, number>();
  const ids = new Map<number, string>();
  for (const { header, uid } of mails) {
    const reading = await readMail(header, texts);
    const contact = contactOf(reading);
    if (uid >= told.from && !first.has(contact)) first.set(contact, uid);
    ids.set(uid, reading.id);
  }
  const events: Event[] = [];
  for (const [contact, uid] of first) {
    const last = await lastSeen(client, contact, { ...told, seen: uid });
    const id =
      last === undefined ? undefined : (ids.get(last) ?? (await idOf(client, last, texts)));
    const chat = { kind: 'contact', id: contact } as const;
    if (id !== undefined) events.push({ kind: 'seen', chat, id: messageId(id) });
  }
  return events;
}

const contactOf = ({ from, list }: Reading): ContactId =>
  list?.isDiscussion === true ? list.contact : from.contact;

/** Up to which mail all of a contact's are read. @returns nothing when one before those just read is not */
async function lastSeen(
  client: ImapFlow,
  contact: ContactId,
  { below, from, seen }: Told & { readonly seen: number },
): Promise<number | undefined> {
  const address = mailboxOf(contact);
  if (address === undefined) return seen;
  const search = async (isSeen: boolean, uids: string): Promise<readonly number[]> => {
    const found = await client.search({ uid: uids, from: address, seen: isSeen }, { uid: true });
    return Array.isArray(found) ? found : [];
  };
  const unread = Math.min(below, ...(await search(false, `${from}:${below - 1}`)));
  if (unread < seen) return undefined;
  // What came through a list is from whoever wrote it: not found by its contact, and read for itself.
  return Math.max(seen, ...(await search(true, `${seen}:${unread - 1}`)));
}

async function idOf(client: ImapFlow, uid: number, texts: Texts): Promise<string | undefined> {
  const query = { uid: true, headers: ['message-id'] };
  const found = await client.fetchOne(String(uid), query, { uid: true });
  if (found === false || found.headers === undefined) return undefined;
  return (await readMail(found.headers, texts)).id;
}
