import { NetworkError } from '../../src/plugin/index.ts';
import type { Language } from '../../src/plugin/index.ts';
import { troubleTexts } from './trouble-texts.ts';

/** RFC 2812 §2.3: 512 bytes with the line end. */
const longestLineBytes = 510;

/**
 * Writes one line. The last parameter is text and may hold spaces; line ends in it become spaces. The others
 * are names, and a name that would break out of its place is refused.
 * @throws NetworkError invalid, too-large
 */
export function encodeLine(
  language: Language,
  command: string,
  ...params: readonly string[]
): string {
  const names = params.slice(0, -1);
  if (names.some((name) => !isMiddle(name))) {
    throw new NetworkError('invalid', troubleTexts(language).badName);
  }
  const text = params.at(-1);
  const line = [command, ...names, ...(text === undefined ? [] : [`:${oneLine(text)}`])].join(' ');
  if (Buffer.byteLength(line) > longestLineBytes) {
    throw new NetworkError('too-large', troubleTexts(language).lineTooLong);
  }
  return line;
}

/** Text without anything that could end a line: what every line passes last, whoever made it. */
export const safeLine = (line: string): string => line.replace(/[\r\n\0]/g, ' ');

/** Text as one line without control characters. */
export const oneLine = (text: string): string =>
  text.replace(/\r\n|[\r\n]/g, ' ').replace(/[\u0000\u0007]/g, '');

/** The start of a text that fits so many bytes, cut between characters. */
export function cutBytes(text: string, limitBytes: number): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= limitBytes) return text;
  let end = limitBytes;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end).toString();
}

function isMiddle(name: string): boolean {
  return name !== '' && !name.startsWith(':') && !/[\0\r\n ]/.test(name);
}
