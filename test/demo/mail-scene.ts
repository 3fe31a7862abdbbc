import type { ImapFolder } from '../harness/imap-folder.ts';
import type { MailServer } from '../harness/mail-server.ts';
import { childText } from '../harness/xml-element.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { FRIAR, FRIARS_MAIL, JULIETS_MAIL, MAIL } from './names.ts';
import { register, say, WAIT_MS } from './playing.ts';
import type { Stage } from './stage.ts';

/** Juliet signs in to her mailbox and writes to somebody who has only e-mail; he answers with his mail program. */
export async function playMail(juliet: XmppClient, { mail }: Stage): Promise<void> {
  const password = 'capulet';
  await register(juliet, MAIL, `<email>${JULIETS_MAIL}</email><password>${password}</password>`);
  say('juliet', `is registered with ${MAIL}: her mail address and its password were enough`);

  const plea = 'Come weep with me; past hope, past cure, past help!';
  const arrived = nextMail(mail.folder(FRIARS_MAIL));
  const filed = nextMail(mail.folder(JULIETS_MAIL, 'Sent'));
  juliet.send(
    `<message to='${FRIAR}' type='chat' id='m3'><subject>Help</subject><thread>t1</thread><body>${plea}</body></message>`,
  );
  // The copy is filed when the gateway reads her mailbox, and will see the answer come.
  const [letter] = await Promise.all([arrived, filed]);
  say('juliet', `(to ${FRIAR}) ${plea}`);
  const { from, subject } = headersOf(letter);
  say('', `(laurence has it as a mail from ${from}, Subject: ${subject})`);

  const answer = 'Ah, Juliet, I already know thy grief.';
  mail.deliver(JULIETS_MAIL, answerTo(letter, answer));
  const heard = await juliet.expect(
    `<message from='${FRIAR}' type='chat'><thread>t1</thread><reply xmlns='urn:xmpp:reply:0' id='m3'/></message>`,
    WAIT_MS,
  );
  if (childText(heard, 'body')?.endsWith(answer) !== true) throw new Error('it says another thing');
  say('laurence', `(by mail) ${answer}`);
  say('', '(juliet got it as a chat message: an answer to hers, in its thread)');
}

/** Whoever comes to look gets an answer. */
export function answerMails(mail: MailServer): void {
  const folder = mail.folder(FRIARS_MAIL);
  folder.watchers.add(() => {
    const letter = folder.mails.at(-1)?.raw.toString() ?? '';
    const answer = answerTo(letter, 'Wisely and slow. They stumble that run fast.');
    try {
      mail.deliver(headersOf(letter).from, answer);
    } catch {
      say('laurence', 'has got a mail from somebody who has no mailbox here');
    }
  });
}

/** The next mail that comes into a folder. */
function nextMail(folder: ImapFolder): Promise<string> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      folder.watchers.delete(look);
    };
    const look = (): void => {
      end();
      resolve(folder.mails.at(-1)?.raw.toString() ?? '');
    };
    const timer = setTimeout(() => {
      end();
      reject(new Error('the mail did not come'));
    }, WAIT_MS);
    folder.watchers.add(look);
  });
}

const headersOf = (letter: string): Readonly<Record<'from' | 'subject' | 'messageId', string>> => {
  const header = (name: string): string =>
    new RegExp(`^${name}: *(.*)$`, 'im').exec(letter)?.[1]?.trim() ?? '';
  const from = header('From');
  return {
    from: /<(.+)>/.exec(from)?.[1] ?? from,
    subject: header('Subject'),
    messageId: header('Message-ID'),
  };
};

/** What a mail program makes of an answer: with the mail that it answers below it. */
function answerTo(letter: string, text: string): string {
  const { from, messageId, subject } = headersOf(letter);
  const [, body = ''] = letter.split(/\r\n\r\n(.*)/s);
  return [
    `From: Friar Laurence <${FRIARS_MAIL}>`,
    `To: ${from}`,
    `Subject: Re: ${subject}`,
    `Message-ID: <${Date.now()}@cell.example>`,
    `In-Reply-To: ${messageId}`,
    `Date: ${new Date().toUTCString()}`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    text,
    '',
    `On Monday, ${from} wrote:`,
    ...body
      .trim()
      .split(/\r?\n/)
      .map((line) => `> ${line}`),
    '',
  ].join('\r\n');
}
