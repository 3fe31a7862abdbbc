import { ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';
import { answerQuestions } from './helper.ts';
import { mailboxOf, PASSWORD, peerOf } from './letters.ts';
import type { Letter } from './letters.ts';

export type RawQuestion =
  | { readonly do: 'send'; readonly port: number; readonly letters: readonly Letter[] }
  /** Opens mailboxes and idles in them. */
  | { readonly do: 'idle'; readonly port: number; readonly first: number; readonly count: number }
  /** Reads mails as they come; answered when it has so many. */
  | { readonly do: 'fetch'; readonly count: number };

const AT_ONCE = 20;

let read = 0;
let wanted = Infinity;
let resolveRead: () => void = () => undefined;

/** nodemailer and imapflow with nothing around them. */
answerQuestions<RawQuestion, { readonly read?: number }>(async (question) => {
  switch (question.do) {
    case 'send':
      await send(question.port, question.letters);
      return {};
    case 'idle':
      for (let done = 0; done < question.count; done += AT_ONCE) {
        const first = question.first + done;
        const some = Math.min(AT_ONCE, question.count - done);
        await Promise.all(
          Array.from({ length: some }, (_, index) => idle(question.port, first + index)),
        );
      }
      return {};
    case 'fetch':
      read = 0;
      wanted = question.count;
      await new Promise<void>((resolve) => (resolveRead = resolve));
      return { read };
  }
});

async function send(port: number, letters: readonly Letter[]): Promise<void> {
  const transport = createTransport({
    pool: true,
    host: '127.0.0.1',
    port,
    ignoreTLS: true,
    maxMessages: Infinity,
    auth: { user: mailboxOf(0), pass: PASSWORD },
  });
  await Promise.all(
    letters.map(({ peer, text, user }) =>
      transport.sendMail({
        envelope: { from: mailboxOf(user), to: [peerOf(peer)] },
        from: mailboxOf(user),
        to: peerOf(peer),
        subject: `Message from ${mailboxOf(user)}`,
        text,
        textEncoding: 'quoted-printable',
      }),
    ),
  );
  transport.close();
}

async function idle(port: number, user: number): Promise<void> {
  const client = new ImapFlow({
    host: '127.0.0.1',
    port,
    secure: false,
    doSTARTTLS: false,
    auth: { user: mailboxOf(user), pass: PASSWORD },
    logger: false,
    disableAutoIdle: true,
  });
  client.on('error', () => undefined);
  await client.connect();
  let { uidNext } = await client.mailboxOpen('INBOX');
  let isReading = false;
  let isStale = false;
  const readNew = async (): Promise<void> => {
    isStale = true;
    if (isReading) return;
    isReading = true;
    while (isStale) {
      isStale = false;
      const found = await client.fetchAll(
        `${uidNext}:*`,
        { uid: true, source: true },
        { uid: true },
      );
      const fresh = found.filter(({ uid }) => uid >= uidNext);
      uidNext = Math.max(uidNext, ...fresh.map(({ uid }) => uid + 1));
      read += fresh.length;
    }
    isReading = false;
    if (read >= wanted) resolveRead();
    client.idle().catch(() => undefined);
  };
  client.on('exists', () => void readNew());
  client.idle().catch(() => undefined);
}
