import type { Style } from '../plugin/index.ts';
import type { Feature } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import { NS_STYLING } from '../xmpp/namespaces.ts';

const KINDS: Readonly<Record<string, Style['kind']>> = {
  '*': 'bold',
  _: 'italic',
  '~': 'strike',
  '`': 'code',
};
const DIRECTIVES: Readonly<Record<Style['kind'], string>> = {
  bold: '*',
  italic: '_',
  strike: '~',
  code: '`',
};
const FENCE = '```';
const SPACE = /^[\s\p{Z}]$/u;
const MAX_DEPTH = 8;
/** More runs than these in one message stay plain text. */
const MAX_RUNS = 50;
/** So many are not even looked at. */
const FAR_TOO_MANY_RUNS = 1_000;

interface Span {
  readonly from: number;
  readonly to: number;
}

/** XEP-0393. Directives stay in the text; a network with styles of its own gets these beside it. */
export function styling({ gateway }: GatewayDomain): Feature {
  if (!gateway.features.includes('styles')) return {};
  return { namespaces: { contact: [NS_STYLING], occupant: [NS_STYLING], room: [NS_STYLING] } };
}

/** How the parts of a text look by the directives in it, which belong to the parts (XEP-0393 §6). In order. */
export function stylesIn(text: string): Style[] {
  if (!/[*_~`]/.test(text)) return [];
  const styles: Style[] = [];
  readBlocks(text, linesOf(text), styles, 0);
  return styles.sort((one, other) => one.from - other.from || other.to - one.to);
}

function linesOf(text: string): Span[] {
  const lines: Span[] = [];
  let from = 0;
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
    lines.push({ from, to: end });
    from = end + 1;
  }
  lines.push({ from, to: text.length });
  return lines;
}

function readBlocks(text: string, lines: readonly Span[], styles: Style[], depth: number): void {
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index];
    if (line === undefined) return;
    if (text.startsWith(FENCE, line.from) && line.to - line.from >= FENCE.length) {
      index = readPreformatted(text, lines, { index, depth }, styles);
    } else if (text[line.from] === '>' && line.to > line.from && depth < MAX_DEPTH) {
      const quote: Span[] = [];
      let at: Span | undefined = line;
      for (; at !== undefined && at.to > at.from && text[at.from] === '>'; at = lines[index]) {
        quote.push(withoutMark(text, at));
        index += 1;
      }
      index -= 1;
      readBlocks(text, quote, styles, depth + 1);
    } else readSpans(text, line, styles, undefined);
  }
}

function withoutMark(text: string, { from, to }: Span): Span {
  const start = from + 1;
  return { from: start < to && SPACE.test(text[start] ?? '') ? start + 1 : start, to };
}

/** @returns the index of the last line of the block */
function readPreformatted(
  text: string,
  lines: readonly Span[],
  { index, depth }: { readonly index: number; readonly depth: number },
  styles: Style[],
): number {
  let last = index + 1;
  while (last < lines.length && !isFence(text, lines[last])) last += 1;
  last = Math.min(last, lines.length - 1);
  const block = lines.slice(index, last + 1);
  const [first] = block;
  const end = block.at(-1);
  if (first === undefined || end === undefined) return last;
  if (depth === 0) styles.push({ kind: 'code', from: first.from, to: end.to });
  else for (const line of block) if (line.to > line.from) styles.push({ kind: 'code', ...line });
  return last;
}

function isFence(text: string, line: Span | undefined): boolean {
  return line !== undefined && text.slice(line.from, line.to) === FENCE;
}

/** XEP-0393 §6.2. @param outer is the directive that stands right before the span */
function readSpans(text: string, span: Span, styles: Style[], outer: string | undefined): void {
  /** Directives that nothing closes from here on. */
  let dead = '';
  for (let index = span.from; index < span.to; index += 1) {
    const directive = text[index] ?? '';
    const kind = KINDS[directive];
    if (kind === undefined || dead.includes(directive)) continue;
    if (!mayOpen(text, index, span, outer)) continue;
    const end = closingOf(text, index, span.to);
    if (end === undefined) {
      if (text[index + 1] !== directive) dead += directive;
      continue;
    }
    styles.push({ kind, from: index, to: end + 1 });
    if (kind !== 'code') readSpans(text, { from: index + 1, to: end }, styles, directive);
    index = end;
  }
}

function mayOpen(
  text: string,
  index: number,
  { from, to }: Span,
  outer: string | undefined,
): boolean {
  const next = text[index + 1];
  if (index + 1 >= to || next === undefined || SPACE.test(next)) return false;
  if (index === from) return text[index] !== outer;
  return SPACE.test(text[index - 1] ?? '');
}

function closingOf(text: string, opening: number, limit: number): number | undefined {
  const directive = text[opening] ?? '';
  // A directive right behind the opening one has no text to enclose: neither counts.
  if (text[opening + 1] === directive) return undefined;
  for (let at = text.indexOf(directive, opening + 2); at !== -1 && at < limit;) {
    if (!SPACE.test(text[at - 1] ?? '')) return at;
    at = text.indexOf(directive, at + 1);
  }
  return undefined;
}

/** Writes styles into a text as directives, where these would be read as such; what cannot be said so stays plain. */
export function withDirectives(text: string, styles: readonly Style[] | undefined): string {
  if (styles === undefined || styles.length === 0) return text;
  const runs = runsOf(text, styles);
  if (runs.length > FAR_TOO_MANY_RUNS) return text;
  const before = stylesIn(text);
  const wanted = runs.filter(
    (run) =>
      !before.some((one) => one.kind === run.kind && one.from <= run.from && one.to >= run.to),
  );
  if (wanted.length === 0 || wanted.length > MAX_RUNS) return text;
  const all = insert(text, wanted);
  if (isRead(all, before.length)) return all.text;
  const kept: Style[] = [];
  for (const run of wanted) {
    if (isRead(insert(text, [...kept, run]), before.length)) kept.push(run);
  }
  return insert(text, kept).text;
}

/** Runs do not go beyond a line, and neither begin nor end with a space. */
function runsOf(text: string, styles: readonly Style[]): Style[] {
  const lines = linesOf(text);
  const runs: Style[] = [];
  for (const { kind, from, to } of styles) {
    for (const line of lines) {
      if (line.to <= from) continue;
      if (line.from >= to) break;
      const start = Math.max(from, line.from);
      const piece = text.slice(start, Math.min(to, line.to));
      const trimmed = piece.trim();
      if (trimmed === '') continue;
      const first = start + piece.indexOf(trimmed);
      runs.push({ kind, from: first, to: first + trimmed.length });
    }
  }
  return runs.sort((one, other) => one.from - other.from || other.to - one.to);
}

interface Inserted {
  readonly text: string;
  readonly runs: readonly Style[];
}

/** Where several begin or end together, the first of them lies around the others. */
function insert(text: string, runs: readonly Style[]): Inserted {
  const opening = new Map<number, string>();
  const closing = new Map<number, string>();
  for (const { kind, from, to } of runs) {
    opening.set(from, (opening.get(from) ?? '') + DIRECTIVES[kind]);
    closing.set(to, DIRECTIVES[kind] + (closing.get(to) ?? ''));
  }
  const positions = [...new Set([...opening.keys(), ...closing.keys()])];
  const edges = new Map<number, number>();
  let result = '';
  let at = 0;
  for (const position of positions.sort((one, other) => one - other)) {
    result += text.slice(at, position) + (closing.get(position) ?? '');
    edges.set(position, result.length);
    result += opening.get(position) ?? '';
    at = position;
  }
  const placed = runs.map(({ kind, from, to }, index) => {
    const before = runs.slice(0, index);
    const around = before.filter((one) => one.from === from).length;
    const behind = before.filter((one) => one.to === to).length;
    return {
      kind,
      from: (edges.get(from) ?? 0) + around,
      to: (edges.get(to) ?? 0) - behind,
    };
  });
  return { text: result + text.slice(at), runs: placed };
}

/** Each run is read as it is meant, and nothing else than before is a style now. */
function isRead({ text, runs }: Inserted, before: number): boolean {
  const read = stylesIn(text);
  return (
    read.length === before + runs.length &&
    runs.every(({ kind, from, to }) =>
      read.some((one) => one.kind === kind && one.from === from && one.to === to),
    )
  );
}
