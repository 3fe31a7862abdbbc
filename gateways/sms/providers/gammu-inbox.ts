import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** `IN<date>_<time>_<serial>_<sender>_<part>.txt` */
const NAME = /^IN(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)_(\d+)_(.*)_(\d+)\.txt$/;
/** The daemon writes the parts of one text one after the other. */
const SETTLED_MS = 500;

export interface InboxText {
  /** The name of the first file without its part. */
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
    texts.push({ id, from, text: parts.join(''), at, files });
  }
  return texts;
}

/** `undefined` while it may still be written to. */
async function readPart(path: string): Promise<string | undefined> {
  const { mtimeMs } = await stat(path);
  if (Date.now() - mtimeMs < SETTLED_MS) return undefined;
  const bytes = await readFile(path);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.subarray(2).toString('utf16le');
  if (bytes[0] === 0xfe && bytes[1] === 0xff)
    return Buffer.from(bytes.subarray(2)).swap16().toString('utf16le');
  return bytes.toString('utf8');
}
