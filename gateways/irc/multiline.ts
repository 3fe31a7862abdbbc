import { carryBetween, isPlain } from './formatting.ts';
import { splitWhole } from './split-text.ts';

/** What a server takes as one message of several lines (IRCv3 draft/multiline). */
export interface MultilineLimits {
  readonly bytes: number;
  readonly lines: number;
}

/** More does not go out in one piece, whatever a server takes. */
const MOST_BYTES = 65_536;
const MOST_LINES = 100;
/** For codes that end styles with a line and begin them again. */
const STYLE_BYTES = 8;

/** Reads "max-bytes=4096,max-lines=24"; `undefined` when there is no sense in it. */
export function readMultilineLimits(value: string | undefined): MultilineLimits | undefined {
  const numbers = new Map<string, number>();
  for (const token of (value ?? '').split(',')) {
    const [key = '', text = ''] = token.split('=');
    if (/^\d{1,9}$/.test(text)) numbers.set(key, Number(text));
  }
  const bytes = numbers.get('max-bytes') ?? 0;
  const lines = numbers.get('max-lines') ?? MOST_LINES;
  if (bytes < 1 || lines < 2) return undefined;
  return { bytes: Math.min(bytes, MOST_BYTES), lines: Math.min(lines, MOST_LINES) };
}

interface Part {
  readonly text: string;
  /** It goes on in the line of the part before it. */
  readonly isJoined: boolean;
}

export interface MultilineFrame {
  readonly target: string;
  /** For the text of one line. */
  readonly roomBytes: number;
  readonly limits: MultilineLimits;
}

/** Makes blocks of lines, each of which has to be written without anything in between. */
export function composeMultiline(text: string, frame: MultilineFrame): string[] {
  const { target, limits } = frame;
  const blocks: string[] = [];
  for (const parts of groupsOf(partsOf(text, frame.roomBytes), limits)) {
    const [only, ...others] = trimmed(parts);
    if (only === undefined) continue;
    if (others.length === 0) blocks.push(`PRIVMSG ${target} :${only.text}`);
    else blocks.push(block(target, [{ ...only, isJoined: false }, ...others]));
  }
  return blocks;
}

/** The lines of a block for a server that takes them one by one. */
export function linesOfBlock(block: string): string[] {
  return block
    .split('\n')
    .map((line) => line.replace(/^@batch=\S+ /, ''))
    .filter((line) => line.startsWith('PRIVMSG ') && !line.endsWith(' :'));
}

function block(target: string, parts: readonly Part[]): string {
  const lines = parts.map(
    ({ text, isJoined }) =>
      `@batch=m${isJoined ? ';draft/multiline-concat' : ''} PRIVMSG ${target} :${text}`,
  );
  return [`BATCH +m draft/multiline ${target}`, ...lines, 'BATCH -m'].join('\n');
}

function partsOf(text: string, roomBytes: number): Part[] {
  const parts: Part[] = [];
  for (const line of text.split(/\r\n|\n|\r/)) {
    const pieces = isPlain(line)
      ? splitWhole(line, roomBytes)
      : carryBetween(splitWhole(line, roomBytes - STYLE_BYTES));
    pieces.forEach((piece, index) => parts.push({ text: piece, isJoined: index > 0 }));
  }
  return parts;
}

function groupsOf(parts: readonly Part[], { bytes, lines }: MultilineLimits): Part[][] {
  const groups: Part[][] = [];
  let group: Part[] = [];
  let size = 0;
  for (const part of parts) {
    const more = Buffer.byteLength(part.text) + (part.isJoined || group.length === 0 ? 0 : 1);
    if (group.length > 0 && (group.length >= lines || size + more > bytes)) {
      groups.push(group);
      group = [];
      size = 0;
    }
    group.push(part);
    size += more;
  }
  return [...groups, group];
}

/** Without empty lines at its ends: a message must not be made of them alone. */
function trimmed(parts: readonly Part[]): readonly Part[] {
  const isFull = ({ text }: Part): boolean => text !== '';
  const first = parts.findIndex(isFull);
  return first < 0 ? [] : parts.slice(first, parts.findLastIndex(isFull) + 1);
}
