import { charsetInHtml } from './charset.ts';
import type { Decode } from './charset.ts';
import { fieldOf } from './header.ts';
import type { Part } from './part.ts';
import { decodeBody, decodedPieces } from './transfer.ts';

/** A part that goes beside the text. */
export interface Attachment {
  /** Its MIME type, in lower case. */
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** "attachment", "inline", or nothing. */
  readonly disposition: string;
  /** As the sender calls it: anything. */
  readonly name: string | undefined;
  /** What HTML refers to it by. */
  readonly isReferable: boolean;
  /** At most so large: it is known in full only when it was decoded. */
  readonly maxBytes: number;
  /** Decodes it, anew each time. */
  content(): Buffer;
  /** The same piece by piece. */
  pieces(): Generator<Uint8Array, undefined>;
}

export function attachmentOf(part: Part): Attachment {
  const { body, disposition, encoding, fields, type } = part;
  return {
    type: type.value,
    parameters: type.parameters,
    disposition: disposition.value,
    name: disposition.parameters.get('filename') ?? type.parameters.get('name'),
    isReferable: fieldOf(fields, 'content-id') !== undefined,
    maxBytes: encoding === 'base64' ? Math.ceil((body.length * 3) / 4) : body.length,
    content: () => decodeBody(body, encoding),
    pieces: () => decodedPieces(body, encoding),
  };
}

/** The text of a part, as far as so many bytes of it go. */
export function textOf(part: Part, maxBytes: number, decode: Decode): string {
  const { body, encoding, type } = part;
  const bytes = decodeBody(body.subarray(0, maxBytes), encoding);
  const given = type.parameters.get('charset');
  const isSilent = given === undefined && type.value === 'text/html';
  return decode(bytes, isSilent ? charsetInHtml(bytes) : given);
}
