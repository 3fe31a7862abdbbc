import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** `IN<date>_<time>_<serial>_<sender>_<part>.txt` */
const NAME = /^IN(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)_(\d+)_(.*)_(\d+)\.txt$/;
/** The daemon writes the parts of one text one after the other. */
const SETTLED_MS = 500;

export interface InboxText {
  /** The name of the first file without its part, and a digest of the text. */
  readonly id: string;
  readonly from: string;
  readonly text: string;
  readonly at: Date;
  readonly files: readonly string[];
}

/** The texts in gammu-smsd's inbox whose files are no longer written to, in order. */
export async function readInboxFiles(folder: string): Promise<InboxText[]> {
  const names = (await readdir(folder)).filter((name) => NAME.test(name)).toSorted();
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const id = name.replace(/_\d+\.txt$/, '');
    groups.set(id, [...(groups.get(id) ?? []), name]);
  }
  const texts: InboxText[] = [];
  for (const [id, files] of groups) {
    const parts = await Promise.all(files.map((file) => readPart(join(folder, file))));
    if (parts.some((part) => part === undefined)) continue;
    const [, year, month, day, hour, minute, second, , from = ''] = NAME.exec(files[0] ?? '') ?? [];
    const at = new Date(
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
    );
    // The daemon gives a name again once its file is gone.
    const digest = createHash('sha256').update(parts.join('')).digest('hex').slice(0, 8);
    texts.push({ id: `${id}-${digest}`, from, text: parts.join(''), at, files });
  }
  return texts;
}

/** `undefined` while it may still be written to. */
async function readPart(path: string): Promise<string | undefined> {
  const { mtimeMs } = await stat(path);
  if (Date.now() - mtimeMs < SETTLED_MS) return undefined;
  return decoded(await readFile(path));
}

/** The formats "unicode", "standard" and "detail" of the daemon. */
function decoded(bytes: Buffer): string {
  // COMPAT(gammu 1.42): behind letters that are not ASCII it writes what lies in memory after the end.
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return whole(bytes.subarray(2).toString('utf16le'));
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    const even = bytes.subarray(2, bytes.length - (bytes.length % 2));
    return whole(Buffer.from(even).swap16().toString('utf16le'));
  }
  const text = bytes.toString('utf8');
  if (!text.includes('[SMSBackup')) return whole(text);
  const units = [...text.matchAll(/^Text\d\d = ((?:[\dA-F]{4})*)\r?$/gm)].map(
    ([, line = '']) => line,
  );
  return Buffer.from(units.join(''), 'hex').swap16().toString('utf16le');
}

const whole = (text: string): string => text.split('\u0000', 1)[0] ?? '';
