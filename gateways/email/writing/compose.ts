import { Readable, Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { NetworkError } from '../../../src/plugin/index.ts';
import { fileName } from '../reading/file-name.ts';
import type { Texts } from '../texts.ts';
import type { Letter } from './letter.ts';

const FETCH_MS = 40_000;

/** The bytes of a mail on their way to a server. */
export class Written extends Transform {
  /** All of it was handed over: from now on the server may have taken it. */
  isWhole = false;
  /** Some of it was. */
  isBegun = false;
  readonly #kept: Buffer[] | undefined;

  /** @param isKept whether the mail is wanted again when it was sent */
  constructor(isKept: boolean) {
    super();
    this.#kept = isKept ? [] : undefined;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.isBegun = true;
    this.#kept?.push(chunk);
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    this.isWhole = true;
    done();
  }

  get content(): Buffer {
    return Buffer.concat(this.#kept ?? []);
  }
}

interface Limits {
  readonly maxFileBytes: number;
  readonly signal: AbortSignal;
  readonly texts: Texts;
}

/**
 * Writes a mail (RFC 5322, 2045). Nothing in it is taken for a path or URL to read from.
 * @throws NetworkError too-large, not-found, unreachable, for a file that cannot be had
 */
export async function compose(
  letter: Letter,
  how: Limits & { readonly isKept: boolean },
): Promise<Written> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const { attachments, links } = await openFiles(letter, how);
  const text = [letter.text, ...links].filter((part) => part !== '').join('\n');
  const answered = letter.references.at(-1);
  const composer = new MailComposer({
    from: { name: letter.fromName ?? '', address: letter.from },
    to: letter.to.map((address) => ({ name: '', address })),
    cc: letter.cc.map((address) => ({ name: '', address })),
    subject: letter.subject,
    messageId: `<${letter.messageId}>`,
    date: letter.at,
    text,
    textEncoding: 'quoted-printable',
    ...(answered === undefined
      ? {}
      : {
          inReplyTo: `<${answered}>`,
          references: letter.references.map((id) => `<${id}>`),
        }),
    ...(letter.isAutomatic === true ? { headers: { 'Auto-Submitted': 'auto-generated' } } : {}),
    attachments,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const written = new Written(how.isKept);
  const source = composer.compile().createReadStream();
  source.once('error', (error: Error) => written.destroy(error));
  written.once('close', () => source.destroy());
  source.pipe(written);
  return written;
}

interface Attached {
  readonly filename: string;
  readonly contentType: string;
  readonly content: Readable;
}

/** The files of the user; of one that cannot be had its link, if it has any. */
async function openFiles(
  letter: Letter,
  how: Limits,
): Promise<{ readonly attachments: Attached[]; readonly links: string[] }> {
  const attachments: Attached[] = [];
  const links: string[] = [];
  let left = how.maxFileBytes;
  for (const file of letter.files) {
    try {
      if ((file.sizeBytes ?? 0) > left) throw tooLarge(how);
      const signal = AbortSignal.any([how.signal, AbortSignal.timeout(FETCH_MS)]);
      // Read in full before the server is told of the mail: half a file would be sent as if it were whole.
      const content = await readAll(await file.open(signal), left, how);
      left -= content.length;
      attachments.push({
        filename: fileName(file.name, file.type),
        contentType: isType(file.type) ? file.type : 'application/octet-stream',
        content: Readable.from([content]),
      });
    } catch (error) {
      if (file.url === undefined || how.signal.aborted) throw error;
      if (!letter.text.includes(file.url)) links.push(file.url);
    }
  }
  return { attachments, links };
}

async function readAll(
  stream: ReadableStream<Uint8Array>,
  max: number,
  how: Limits,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > max) throw tooLarge(how);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const isType = (text: string): boolean => /^[\w.+-]+\/[\w.+-]+$/.test(text);

function tooLarge({ texts }: Limits): NetworkError {
  return new NetworkError('too-large', texts.fileTooLarge);
}
