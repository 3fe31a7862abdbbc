const EQUALS = 0x3d;
const LF = 0x0a;
const CR = 0x0d;

/** RFC 2045 §6: the bytes that stand behind a body; what is broken in it stays as it is. */
export function decodeBody(body: Buffer, encoding: string): Buffer {
  if (encoding === 'base64') return decodeBase64(body);
  return encoding === 'quoted-printable' ? decodeQuotedPrintable(body) : body;
}

const PIECE = 1_048_576;

/** The same in pieces, for what may be large. */
export function* decodedPieces(body: Buffer, encoding: string): Generator<Uint8Array, undefined> {
  let rest = '';
  for (let at = 0; at < body.length && encoding === 'base64'; at += PIECE) {
    const window = body.subarray(at, at + PIECE).toString('latin1');
    const digits = rest + window.replace(/[^A-Za-z0-9+/=_-]/g, '');
    const end = digits.indexOf('=');
    if (end >= 0) {
      yield Buffer.from(digits.slice(0, end), 'base64');
      return void (yield furtherBase64(body.subarray(body.indexOf(EQUALS, at)).toString('latin1')));
    }
    const whole = digits.length - (digits.length % 4);
    yield Buffer.from(digits.slice(0, whole), 'base64');
    rest = digits.slice(whole);
  }
  yield encoding === 'base64' ? Buffer.from(rest, 'base64') : decodeBody(body, encoding);
}

/** How many bytes of a body are enough for so many of what stands behind it. */
export const enough = (sizeBytes: number, encoding: string): number =>
  encoding === 'base64'
    ? sizeBytes * 2
    : encoding === 'quoted-printable'
      ? sizeBytes * 3
      : sizeBytes;

/** Node leaves out what is no base64, and stops at a "=". */
function decodeBase64(body: Buffer): Buffer {
  const text = body.toString('latin1');
  const first = Buffer.from(text, 'base64');
  const end = text.indexOf('=');
  if (end < 0 || blank.test(text.slice(end))) return first;
  return Buffer.concat([first, furtherBase64(text.slice(end))]);
}

const blank = /^[=\s]*$/;
const base64Line = /^[A-Za-z0-9+/]+={0,2}$/;

/** Some programs close each piece of what they write. What follows a "=" counts as far as it is clearly base64; footers are not. */
function furtherBase64(text: string): Buffer {
  const pieces: Buffer[] = [];
  for (const line of text.replace(/^=+/, '').split('\n')) {
    const digits = line.trim();
    if (digits === '') continue;
    if (digits.length % 4 !== 0 || !base64Line.test(digits)) break;
    pieces.push(Buffer.from(digits, 'base64'));
  }
  return Buffer.concat(pieces);
}

/** RFC 2047 §4.2 */
export function decodeQ(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll('_', ' '));
  return decodeQuotedPrintable(bytes);
}

function decodeQuotedPrintable(body: Buffer): Buffer {
  if (!body.includes(EQUALS)) return body;
  const decoded = Buffer.allocUnsafe(body.length);
  let length = 0;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at] ?? 0;
    if (byte !== EQUALS) {
      decoded[length++] = byte;
      continue;
    }
    const high = hexDigit(body[at + 1]);
    const low = hexDigit(body[at + 2]);
    const lineEnd = softBreak(body, at + 1);
    if (high !== undefined && low !== undefined) {
      decoded[length++] = high * 16 + low;
      at += 2;
    } else if (lineEnd === undefined) decoded[length++] = byte;
    else at = lineEnd;
  }
  return decoded.subarray(0, length);
}

/** The last byte of a line that ends here, though blanks may stand before its end; also at the end of all. */
function softBreak(body: Buffer, from: number): number | undefined {
  let at = from;
  while (body[at] === 0x20 || body[at] === 0x09) at += 1;
  if (at >= body.length) return at;
  if (body[at] === LF) return at;
  return body[at] === CR && body[at + 1] === LF ? at + 1 : undefined;
}

function hexDigit(byte: number | undefined): number | undefined {
  if (byte === undefined) return undefined;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const upper = byte & 0xdf;
  return upper >= 0x41 && upper <= 0x46 ? upper - 0x37 : undefined;
}
