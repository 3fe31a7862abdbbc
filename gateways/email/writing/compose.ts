import { Transform } from 'node:stream';
import type { Readable, TransformCallback } from 'node:stream';
import { NetworkError } from '../../../src/plugin/index.ts';
import { fileName } from '../reading/file-name.ts';
import type { Texts } from '../texts.ts';
import type { Letter } from './letter.ts';
import { Spool } from './spool.ts';

const FETCH_MS = 40_000;

/** The bytes of a mail on their way to a server. */
export class Written extends Transform {
  /** All of it was handed over: from now on the server may have taken it. */
  isWhole = false;
  /** Some of it was. */
  isBegun = false;
  /** All of the mail, when it is wanted again once it was sent; whoever takes it discards it. */
  readonly kept: Spool | undefined;

  /** @param isKept whether the mail is wanted again when it was sent */
  constructor(isKept: boolean) {
    super();
    this.kept = isKept ? new Spool() : undefined;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.isBegun = true;
    if (this.kept === undefined) return done(null, chunk);
    return void this.kept.write(chunk).then(
      () => done(null, chunk),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
    );
  }

  override _flush(done: TransformCallback): void {
    this.isWhole = true;
    done();
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
  const spools: Spool[] = [];
  const discard = (): void => {
    for (const spool of spools) void spool.discard().catch(() => undefined);
  };
  const { attachments, links } = await openFiles(letter, { ...how, spools }).catch(
    (error: unknown) => {
      discard();
      throw error;
    },
  );
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
  written.once('close', () => {
    source.destroy();
    discard();
  });
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
  how: Limits & { readonly spools: Spool[] },
): Promise<{ readonly attachments: Attached[]; readonly links: string[] }> {
  const attachments: Attached[] = [];
  const links: string[] = [];
  let left = how.maxFileBytes;
  for (const file of letter.files) {
    try {
      if ((file.sizeBytes ?? 0) > left) throw tooLarge(how);
      const signal = AbortSignal.any([how.signal, AbortSignal.timeout(FETCH_MS)]);
      // Fetched in full before the server is told of the mail: half a file would be sent as if it were whole.
      const spool = new Spool();
      how.spools.push(spool);
      await readAll(await file.open(signal), spool, { ...how, max: left });
      left -= spool.sizeBytes;
      attachments.push({
        filename: fileName(file.name, file.type),
        contentType: isType(file.type) ? file.type : 'application/octet-stream',
        content: await spool.read(),
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
  spool: Spool,
  { max, ...how }: Limits & { readonly max: number },
): Promise<void> {
  for await (const chunk of stream) {
    if (spool.sizeBytes + chunk.byteLength > max) throw tooLarge(how);
    await spool.write(chunk);
  }
}

const isType = (text: string): boolean => /^[\w.+-]+\/[\w.+-]+$/.test(text);

function tooLarge({ texts }: Limits): NetworkError {
  return new NetworkError('too-large', texts.fileTooLarge);
}
