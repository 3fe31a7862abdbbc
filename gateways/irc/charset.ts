/** Makes text of bytes that are no UTF-8. */
export type Charset = (bytes: Buffer) => string;

const known = new Map<string, Charset>();

/** By a label of the Encoding standard; the same for all who ask for it. @throws RangeError for one that is not known */
export function charsetOf(label: string): Charset {
  const found = known.get(label);
  if (found !== undefined) return found;
  const decoder = new TextDecoder(label);
  const charset: Charset = (bytes) => decoder.decode(bytes);
  known.set(label, charset);
  return charset;
}

export function isCharset(label: string): boolean {
  try {
    return charsetOf(label) !== undefined;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** What Western clients wrote before UTF-8. */
export const DEFAULT_CHARSET = 'windows-1252';
export const western: Charset = charsetOf(DEFAULT_CHARSET);

/** Those that were in use on IRC. */
export const CHARSETS: readonly string[] = [
  DEFAULT_CHARSET,
  'iso-8859-2',
  'iso-8859-15',
  'windows-1250',
  'windows-1251',
  'koi8-r',
  'koi8-u',
  'iso-8859-7',
  'windows-1254',
  'windows-1255',
  'gbk',
  'big5',
  'shift_jis',
  'euc-jp',
  'iso-2022-jp',
  'euc-kr',
];
