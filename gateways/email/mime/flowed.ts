/** RFC 3676 §4: lines that were broken softly put together again, quotations with their marks. */
export function unflow(text: string, isSpaceDeleted: boolean): string {
  const paragraphs: string[] = [];
  let pieces: string[] = [];
  let depth = 0;
  let isOpen = false;
  const close = (): void => {
    if (pieces.length > 0) paragraphs.push(quoted(depth, pieces.join('')));
    pieces = [];
    isOpen = false;
  };
  for (const line of text.split(/\r?\n/)) {
    const marks = /^>*/.exec(line)?.[0].length ?? 0;
    // A line that begins with a blank, a mark or "From " is stuffed with one more blank.
    const content = line.slice(marks).replace(/^ /, '');
    const isSignature = content === '-- ';
    if (isOpen && (marks !== depth || isSignature)) close();
    depth = marks;
    const isSoft = content.endsWith(' ') && !isSignature;
    pieces.push(isSoft && isSpaceDeleted ? content.slice(0, -1) : content);
    isOpen = isSoft;
    if (!isSoft) close();
  }
  close();
  return paragraphs.join('\n');
}

const quoted = (depth: number, text: string): string =>
  depth === 0 ? text : `${'>'.repeat(depth)} ${text}`;
