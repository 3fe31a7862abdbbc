import { startMailServer } from '../../harness/mail-server.ts';
import type { MailServer } from '../../harness/mail-server.ts';
import { answerQuestions } from './helper.ts';
import { mailboxOf, PASSWORD, rawOf } from './letters.ts';
import type { Arrival, Letter } from './letters.ts';

export type ServerQuestion =
  | { readonly do: 'start'; readonly users: number }
  | { readonly do: 'deliver'; readonly letters: readonly Letter[] }
  /** Answered when so many mails were handed in, since the last time it was asked. */
  | { readonly do: 'expect'; readonly count: number };

export interface ServerAnswer {
  readonly smtpPort?: number;
  readonly imapPort?: number;
  readonly taken?: readonly Arrival[];
}

/** How long nothing may come before a measurement is given up. */
const STALL_MS = 60_000;

let server: MailServer | undefined;
let seen = 0;

/** The stand-in of the tests, so that its own work is not counted. */
answerQuestions<ServerQuestion, ServerAnswer>(async (question) => {
  if (question.do === 'start') {
    const accounts = Array.from({ length: question.users }, (_, user): [string, string] => [
      mailboxOf(user),
      PASSWORD,
    ]);
    server = await startMailServer({ accounts: Object.fromEntries<string>(accounts) });
    return { smtpPort: server.smtpPort, imapPort: server.imapPort };
  }
  if (server === undefined) throw new Error('the server was not started');
  if (question.do === 'deliver') {
    for (const letter of question.letters) server.deliver(mailboxOf(letter.user), rawOf(letter));
    return {};
  }
  const first = seen;
  seen += question.count;
  await taken(server, seen);
  return {
    taken: server.taken.slice(first, seen).map(({ from, raw, to }) => arrivalOf(from, to, raw)),
  };
});

/** Resolves when so many mails were handed in. @throws Error when nothing comes any more */
function taken({ smtp, taken: all }: MailServer, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`only ${all.length} of ${count} mails were handed in`)),
      STALL_MS,
    );
    const look = (): void => {
      timer.refresh();
      if (all.length < count) return;
      clearTimeout(timer);
      delete smtp.data;
      resolve();
    };
    smtp.data = () => {
      setImmediate(look);
      return undefined;
    };
    look();
  });
}

function arrivalOf(from: string, to: readonly string[], raw: Buffer): Arrival {
  const source = raw.toString();
  const body = source.slice(source.indexOf('\r\n\r\n') + 4);
  const text = body
    .replace(/=\r\n/g, '')
    .replace(/(=[0-9A-F]{2})+/g, (run) => Buffer.from(run.replaceAll('=', ''), 'hex').toString());
  const number = (address: string): number => Number(/\d+/.exec(address)?.[0]);
  return { user: number(from), peer: number(to[0] ?? ''), text: text.trim() };
}
