import type { DomNode, FormatCallback, HtmlToTextOptions, SelectorDefinition } from 'html-to-text';
import type { Style } from '../../../src/plugin/index.ts';

/** What is behind this is not read: the whole of it can be had as a file. */
const MAX_HTML = 100_000;

// Private-use characters that mark where a style begins and ends, until the text is done.
const MARKS = {
  bold: ['\ue000', '\ue001'],
  italic: ['\ue002', '\ue003'],
  strike: ['\ue004', '\ue005'],
} as const;
const anyMark = /[\ue000-\ue005]/g;

const skipped: readonly string[] = [
  'img',
  'style',
  'script',
  'head',
  'title',
  'template',
  'noscript',
  'svg',
  '[hidden]',
];

/** Perhaps invisible: looked at more closely. */
const suspected: readonly string[] = [
  'display:none',
  'display: none',
  'visibility:hidden',
  'visibility: hidden',
  'font-size:0',
  'font-size: 0',
  'max-height:0',
  'max-height: 0',
  'opacity:0',
  'opacity: 0',
];

const marked = (selector: string, kind: keyof typeof MARKS): SelectorDefinition => ({
  selector,
  format: 'inlineSurround',
  options: { prefix: MARKS[kind][0], suffix: MARKS[kind][1] },
});

/** Leaves out what nobody sees; of all else only the style, so that it is written as what it is. */
const unlessHidden: FormatCallback = (element, walk, builder) => {
  if (isHidden(element)) return;
  delete element.attribs['style'];
  walk([element], builder);
};

const options: HtmlToTextOptions = {
  wordwrap: false,
  formatters: { unlessHidden },
  limits: { maxInputLength: MAX_HTML, maxDepth: 60, maxChildNodes: 5_000, ellipsis: '…' },
  selectors: [
    {
      selector: 'a',
      options: {
        hideLinkHrefIfSameAsText: true,
        ignoreHref: false,
        linkBrackets: [' <', '>'],
        noAnchorUrl: true,
      },
    },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
      selector,
      options: { uppercase: false, leadingLineBreaks: 2, trailingLineBreaks: 1 },
    })),
    { selector: 'p', options: { leadingLineBreaks: 2, trailingLineBreaks: 2 } },
    { selector: 'blockquote', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
    { selector: 'tr', format: 'block', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
    ...['td', 'th'].map((selector) => ({
      selector,
      format: 'inlineSurround',
      options: { suffix: ' ' },
    })),
    { selector: 'hr', options: { length: 10 } },
    { selector: 'ul', options: { itemPrefix: '• ' } },
    ...['b', 'strong'].map((selector) => marked(selector, 'bold')),
    ...['i', 'em'].map((selector) => marked(selector, 'italic')),
    ...['s', 'del', 'strike'].map((selector) => marked(selector, 'strike')),
    ...suspected.map((style) => ({ selector: `[style*="${style}" i]`, format: 'unlessHidden' })),
    ...skipped.map((selector) => ({ selector, format: 'skip' })),
  ],
};

const NONE = /^0*(\.0*)?(px|pt|r?em|%)?$/;

/** By its own style (CSS 2.2). */
function isHidden(element: DomNode): boolean {
  const style = declarations(element.attribs['style'] ?? '');
  const isNone = (name: string): boolean => NONE.test(style.get(name) ?? 'unset');
  if (style.get('display') === 'none' || style.get('visibility') === 'hidden') return true;
  if (isNone('max-height') || isNone('opacity')) return true;
  // Columns are laid out by letters of no size around others that have one.
  return isNone('font-size') && !hasSize(element.children);
}

function declarations(style: string): ReadonlyMap<string, string> {
  const all = new Map<string, string>();
  for (const declaration of style.toLowerCase().split(';')) {
    const [name = '', value = ''] = declaration.split(':', 2);
    all.set(name.trim(), value.replace('!important', '').trim());
  }
  return all;
}

/** Whether any of these says how large its letters are. */
function hasSize(elements: readonly DomNode[] | undefined): boolean {
  const rest = [...(elements ?? [])];
  for (let one = rest.pop(); one !== undefined; one = rest.pop()) {
    const size = declarations(one.attribs?.['style'] ?? '').get('font-size');
    if (size !== undefined && !NONE.test(size)) return true;
    rest.push(...(one.children ?? []));
  }
  return false;
}

export interface StyledText {
  readonly text: string;
  readonly styles: readonly Style[];
  /** The mail has more than was read of it. */
  readonly isCut: boolean;
}

/** What a person would read in an HTML mail: without pictures, trackers and what is made invisible. */
export async function textOfHtml(html: string): Promise<StyledText> {
  const { compile } = await import('html-to-text');
  const clean = html.slice(0, MAX_HTML).replace(anyMark, '');
  const written = compile(options)(clean)
    .replace(/[\u200b\u2060\ufeff\u00ad]|\u034f/g, '')
    .replace(/(\u200c\s*){3,}/g, '')
    .replace(/(?<![ \t\u00a0])[ \t\u00a0]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return { ...withoutMarks(written), isCut: html.length > MAX_HTML };
}

/** Takes the marks out of the text and says where they were. */
export function withoutMarks(marked: string): { readonly text: string; readonly styles: Style[] } {
  const styles: Style[] = [];
  const open = new Map<keyof typeof MARKS, { depth: number; from: number }>();
  let text = '';
  for (const piece of marked.split(/([\ue000-\ue005])/)) {
    const kind = kindOf(piece);
    if (kind === undefined) {
      text += piece;
      continue;
    }
    const [begin] = MARKS[kind];
    const now = open.get(kind) ?? { depth: 0, from: text.length };
    if (piece === begin) open.set(kind, { ...now, depth: now.depth + 1 });
    else if (now.depth === 1) {
      open.delete(kind);
      const run = trimmed(text, now.from);
      if (run !== undefined) styles.push({ kind, ...run });
    } else if (now.depth > 1) open.set(kind, { ...now, depth: now.depth - 1 });
  }
  return { text, styles };
}

const kindOf = (piece: string): keyof typeof MARKS | undefined =>
  (Object.keys(MARKS) as (keyof typeof MARKS)[]).find((kind) =>
    MARKS[kind].some((mark) => mark === piece),
  );

/** A style of one line of words, as people mean it; one over whole paragraphs is only layout. */
function trimmed(text: string, from: number): { from: number; to: number } | undefined {
  const run = text.slice(from);
  const start = from + (run.length - run.trimStart().length);
  const to = from + run.trimEnd().length;
  return start >= to || run.trim().includes('\n') ? undefined : { from: start, to };
}
