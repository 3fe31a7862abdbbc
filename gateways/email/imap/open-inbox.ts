import type { ImapFlow, MailboxObject } from 'imapflow';
import type { Position } from './cursor.ts';
import { modseqOf } from './read-folder.ts';
import type { SeenMails } from './seen-mails.ts';

export const INBOX = 'INBOX';

/**
 * Opens the inbox if it is not open, and has the server say what has changed since it was looked at: while it opens (RFC 7162
 * §3.2.5), which comes as events, or where it cannot by a question (§3.1.4). Nothing is asked of servers that do not count changes.
 */
export async function openSince(
  client: ImapFlow,
  known: Position | undefined,
  seen: SeenMails,
): Promise<MailboxObject> {
  const { mailbox } = client;
  if (mailbox !== false && mailbox.path === INBOX) return mailbox;
  if (known?.modseq === undefined) return client.mailboxOpen(INBOX);
  const { modseq, nextUid, uidValidity } = known;
  const box = await client.mailboxOpen(INBOX, {
    changedSince: modseq,
    uidValidity: BigInt(uidValidity),
  });
  const isTold = client.enabled.has('QRESYNC') || modseqOf(box).modseq === modseq;
  const isSame = String(box.uidValidity) === uidValidity;
  if (isTold || !isSame || nextUid <= 1 || !client.enabled.has('CONDSTORE')) return box;
  const changed = await client.fetchAll(
    `1:${nextUid - 1}`,
    { uid: true, flags: true },
    { uid: true, changedSince: BigInt(modseq) },
  );
  for (const { flags, seq, uid } of changed) {
    if (flags !== undefined) seen.note({ flags, seq, uid });
  }
  return box;
}
