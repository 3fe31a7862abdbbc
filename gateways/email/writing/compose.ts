import { Transform } from 'node:stream';
import type { Readable, TransformCallback } from 'node:stream';
import type { SendMailOptions } from 'nodemailer';
import { NetworkError } from '../../../src/plugin/index.ts';
import { fileName } from '../reading/file-name.ts';
import type { Texts } from '../texts.ts';
import type { Letter } from './letter.ts';
import { Spool } from './spool.ts';

/** For all files of a mail together: with the time that it takes to send them, less than the core waits. */
const FETCH_MS = 30_000;

/** What a mail is made of, and how far it has come on its way to a server. */
export class Written {
  /** For nodemailer; without its envelope. */
  readonly content: SendMailOptions;
  /** All of the mail, when it is wanted again once it was sent; whoever takes it discards it. */
  readonly kept: Spool | undefined;
  readonly #release: () => void;
  #bytes: Readable | undefined;

  /**
   * @param isKept whether the mail is wanted again when it was sent
   * @param release what it holds is not needed any longer
   */
  constructor(content: SendMailOptions, isKept: boolean, release: () => void) {
    this.content = content;
    this.kept = isKept ? new Spool() : undefined;
    this.#release = release;
  }

  /** All of it was handed over: from now on the server may have taken it. */
  get isWhole(): boolean {
    return this.#bytes?.readableEnded ?? false;
  }

  /** Some of it was. */
  get isBegun(): boolean {
    return this.#bytes?.readableDidRead ?? false;
  }

  /** The connection reads these. */
  readFrom(bytes: Readable): Readable {
    this.#bytes = bytes;
    return bytes;
  }

  /** It was sent, or will not be. */
  end(): void {
    if (this.#bytes === undefined || this.#bytes.closed) return this.#release();
    this.#bytes.once('close', this.#release);
    this.#bytes.destroy();
  }
}

/** Puts away what passes. */
export class Keeping extends Transform {
  readonly #spool: Spool;

  constructor(spool: Spool) {
    super();
    this.#spool = spool;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#spool.write(chunk).then(
      () => done(null, chunk),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
    );
  }
}

interface Limits {
  readonly maxFileBytes: number;
  readonly signal: AbortSignal;
  readonly texts: Texts;
  readonly fetchMs?: number;
}

/**
 * Writes a mail (RFC 5322, 2045). Nothing in it is taken for a path or URL to read from.
 * @throws NetworkError too-large, not-found, unreachable, for a file that cannot be had
 */
export async function compose(
  letter: Letter,
  how: Limits & { readonly isKept: boolean },
): Promise<Written> {
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
  const content: SendMailOptions = {
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
  };
  return new Written(content, how.isKept, discard);
}

/** All of a mail, as it is sent, but for signatures. @throws NetworkError as {@link compose} */
export async function composed(letter: Letter, how: Limits): Promise<Buffer> {
  const written = await compose(letter, { ...how, isKept: false });
  try {
    const { createTransport } = await import('nodemailer');
    const options = { streamTransport: true, buffer: true, newline: 'windows' } as const;
    const { message } = await createTransport(options).sendMail({
      ...written.content,
      envelope: { from: letter.from, to: [...letter.to] },
    });
    return Buffer.isBuffer(message) ? message : Buffer.alloc(0);
  } finally {
    written.end();
  }
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
  const signal = AbortSignal.any([how.signal, AbortSignal.timeout(how.fetchMs ?? FETCH_MS)]);
  for (const file of letter.files) {
    try {
      if ((file.sizeBytes ?? 0) > left) throw tooLarge(how);
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
