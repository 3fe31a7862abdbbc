import type { Content } from '../../src/plugin/index.ts';
import { formatCtcp } from './ctcp.ts';
import { CODE_OF_KIND, carryOver, writeFormatting } from './formatting.ts';
import { splitText } from './split-text.ts';

/** For what the server puts before our lines, while our own mask is not known: user 10, host 63, and signs. */
export const MASK_ALLOWANCE = 76;
const END_BYTES = 2;
const ACTION_BYTES = formatCtcp('ACTION', ' ').length;
/** What a line is worth at least, whatever the server claims to put before it: it may then cut the rest. */
const LEAST_ROOM_BYTES = 100;
const STYLE_BYTES = Object.keys(CODE_OF_KIND).length;
const NEEDS_CARE = /[\u0000-\u0008\u000a-\u001f\u007f]|^\/me /;
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;
const MOST_BYTES_PER_UNIT = 3;
const LONGEST_QUOTE = 100;

export interface Frame {
  readonly target: string;
  readonly isChannel: boolean;
  /** Of the nick and mask that the server puts before the line. */
  readonly sourceBytes: number;
  readonly lineBytes: number;
  /** Whether the message that is answered is told by a tag. */
  readonly hasReplyTag: boolean;
}

/** So much text one line has room for. */
export function roomOf({ target, sourceBytes, lineBytes }: Frame): number {
  const head = Buffer.byteLength(target) + 'PRIVMSG  :'.length;
  return Math.max(lineBytes - END_BYTES - head - sourceBytes, LEAST_ROOM_BYTES);
}

/** All that a message says, in the text that IRC has for it. "/me" stays as it is. */
export const wholeText = (content: Content, frame: Frame): string =>
  answerIn(content, frame) + styledText(content);

/** Makes PRIVMSG lines of a message, as many as it takes. "/me" makes an action of the first. */
export function compose(content: Content, frame: Frame): string[] {
  const head = `PRIVMSG ${frame.target} :`;
  const room = roomOf(frame);
  const { styles, reply } = content;
  const isShort = content.text.length * MOST_BYTES_PER_UNIT <= room;
  if (isShort && reply === undefined && styles === undefined && !NEEDS_CARE.test(content.text)) {
    return [head + content.text];
  }
  return piecesOf(styledText(content), content, frame, room).map((piece) => head + piece);
}

function piecesOf(text: string, content: Content, frame: Frame, room: number): string[] {
  if (!text.startsWith('/me ')) return splitStyled(answerIn(content, frame) + text, room);
  const [, first = '', rest = ''] = /^([^\r\n]*)(.*)$/s.exec(text.slice(4)) ?? [];
  const actions = splitStyled(first, room - ACTION_BYTES);
  return [...actions.map((piece) => formatCtcp('ACTION', piece)), ...splitStyled(rest, room)];
}

const isWhole = (text: string): boolean => text.search(CONTROLS) < 0;

/** Codes that the user sent are not ours; places of styles count the text as it is. */
function styledText({ text, styles }: Content): string {
  if (styles === undefined || styles.length === 0) return text.replace(CONTROLS, '');
  return isWhole(text) ? writeFormatting(text, styles) : text.replace(CONTROLS, '');
}

function splitStyled(text: string, room: number): string[] {
  if (isWhole(text)) return splitText(text, room);
  return text.split(/\r\n|\n|\r/).flatMap((line) => carryOver(splitText(line, room - STYLE_BYTES)));
}

/** Whom or what it answers, in the way of IRC: "nick: ...", and privately a quotation. */
function answerIn({ text, reply }: Content, { isChannel, hasReplyTag }: Frame): string {
  if (reply === undefined) return '';
  const { nick, quote = '' } = reply;
  if (isChannel && nick !== undefined) {
    const isNamed = text.toLowerCase().startsWith(nick.toLowerCase());
    return isNamed ? '' : `${nick}: `;
  }
  if (hasReplyTag) return '';
  const [line = ''] = quote.split('\n');
  const shown = line.length > LONGEST_QUOTE ? `${line.slice(0, LONGEST_QUOTE)}…` : line;
  return shown === '' ? '' : `> ${shown}\n`;
}
