import { formatCtcp } from './ctcp.ts';
import { splitText } from './split-text.ts';

/** For what the server puts before our lines, while our own mask is not known: user 10, host 63, and signs. */
export const MASK_ALLOWANCE = 76;
const END_BYTES = 2;
const ACTION_BYTES = formatCtcp('ACTION', ' ').length;
const NEEDS_CARE = /[\u0000-\u0008\u000a-\u001f\u007f]|^\/me /;
const MOST_BYTES_PER_UNIT = 3;

export interface Frame {
  readonly target: string;
  /** Of the nick and mask that the server puts before the line. */
  readonly sourceBytes: number;
  readonly lineBytes: number;
}

/** Makes PRIVMSG lines of a text, as many as it takes. "/me" makes an action of the first. */
export function compose(text: string, { target, sourceBytes, lineBytes }: Frame): string[] {
  const head = `PRIVMSG ${target} :`;
  const room = lineBytes - END_BYTES - Buffer.byteLength(head) - sourceBytes;
  if (text.length * MOST_BYTES_PER_UNIT <= room && !NEEDS_CARE.test(text)) return [head + text];
  const isAction = text.startsWith('/me ');
  const [, first = '', rest = ''] = isAction ? (/^([^\r\n]*)(.*)$/s.exec(text.slice(4)) ?? []) : [];
  const actions = splitText(first, room - ACTION_BYTES);
  const plain = splitText(isAction ? rest : text, room);
  return [...actions.map((piece) => formatCtcp('ACTION', piece)), ...plain].map(
    (piece) => head + piece,
  );
}
