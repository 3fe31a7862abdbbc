import type { Texts } from '../texts.ts';
import { sendError } from './outcome.ts';
import { transportOptions } from './transport.ts';
import type { MailerParts } from './transport.ts';

const ASK_MS = 20_000;

/**
 * Whether a server takes addresses with letters beyond ASCII (RFC 6531). It is asked over a connection of its own, as those that are
 * kept do not tell.
 * @throws NetworkError unreachable
 */
export async function offersUtf8(
  parts: MailerParts,
  texts: Texts,
  signal: AbortSignal,
): Promise<boolean> {
  const { default: Connection } = await import('nodemailer/lib/smtp-connection');
  const connection = new Connection(await transportOptions(parts, texts, undefined));
  const limit = AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]);
  try {
    await new Promise<void>((resolve, reject) => {
      connection.on('error', reject);
      connection.on('end', () => reject(new Error('the server has ended the connection')));
      limit.addEventListener('abort', () => reject(new Error('it took too long')), { once: true });
      connection.connect((error) => (error instanceof Error ? reject(error) : resolve()));
    });
    const { lastServerResponse } = connection;
    return lastServerResponse !== false && /^250[ -]SMTPUTF8\b/im.test(lastServerResponse);
  } catch (error) {
    throw sendError(error, { isWhole: false, texts });
  } finally {
    connection.close();
  }
}
