import type { Pdu } from 'smpp';
import { decodeGsm7 } from '../alphabet.ts';
import { readEightBit } from './eight-bit.ts';

/** What a deliver_sm says; bytes when it is for programs of the phone, and nothing to read. */
export type Said =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly count: number };

/** SMPP 3.4 §5.2.19, for those that the library leaves as they are. */
const CHARSETS: Readonly<Record<number, string>> = {
  0x06: 'iso-8859-5',
  0x07: 'iso-8859-8',
  0x0a: 'iso-2022-jp',
  0x0e: 'euc-kr',
};

export function saidIn({ short_message, message_payload, data_coding = 0 }: Pdu): Said {
  const payload = message_payload?.message;
  const message = payload !== undefined && payload.length > 0 ? payload : short_message?.message;
  if (message === undefined) return { kind: 'text', text: '' };
  if (typeof message === 'string') return { kind: 'text', text: message };
  const text = decoded(message, data_coding);
  return text === undefined ? { kind: 'bytes', count: message.length } : { kind: 'text', text };
}

/** Below 16 the codings are those of SMPP, else those of 3GPP TS 23.038 §4. */
function decoded(bytes: Buffer, coding: number): string | undefined {
  const charset = CHARSETS[coding];
  if (charset !== undefined) return new TextDecoder(charset).decode(bytes);
  if (coding >= 0x10) {
    const isMarked = coding >= 0xf0;
    if (isMarked ? (coding & 0x04) === 0 : (coding & 0x0c) === 0) return decodeGsm7(bytes);
    if (!isMarked && (coding & 0x0c) === 0x08) return new TextDecoder('utf-16be').decode(bytes);
  }
  return readEightBit(bytes);
}
