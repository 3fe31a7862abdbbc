import { childrenOf, xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_FALLBACK } from './namespaces.ts';

interface Range {
  readonly from: number;
  readonly to: number;
}

/** A text that was taken apart: what is meant, and what stands in for a protocol that the reader may not know. */
export interface Parted {
  readonly text: string;
  readonly fallback: string;
}

/** XEP-0428: takes from a body what is there only for want of one protocol. */
export function partBody(body: string, fallbacks: readonly XmlElement[], protocol: string): Parted {
  const ranges: Range[] = [];
  const indexOf = indexIn(body);
  for (const element of fallbacks) {
    if (element.attributes['for'] !== protocol) continue;
    const parts = childrenOf(element, 'body', NS_FALLBACK);
    const isWhole = parts.length === 0 && childrenOf(element, 'subject', NS_FALLBACK).length === 0;
    if (isWhole) return { text: '', fallback: body };
    for (const { attributes } of parts) ranges.push(rangeIn(indexOf, attributes));
  }
  if (ranges.length === 0) return { text: body, fallback: '' };
  let text = '';
  let fallback = '';
  let at = 0;
  for (const { from, to } of ranges.sort((one, other) => one.from - other.from)) {
    if (from > at) text += body.slice(at, from);
    fallback += body.slice(Math.max(at, from), Math.max(at, to));
    at = Math.max(at, to);
  }
  return { text: text + body.slice(at), fallback };
}

/** XEP-0426: positions count code points. */
function rangeIn(indexOf: IndexOf, { start, end }: Readonly<Record<string, string>>): Range {
  const from = start === undefined ? 0 : indexOf(Number(start));
  const to = end === undefined ? Infinity : indexOf(Number(end));
  return { from, to: Math.max(from, to) };
}

type IndexOf = (position: number) => number;

/** Finds the code points of a text; goes through it once, however often it is asked. */
function indexIn(text: string): IndexOf {
  let indexes: number[] | undefined;
  return (position) => {
    if (!(position > 0)) return 0;
    indexes ??= indexesOf(text);
    return indexes[Math.ceil(position)] ?? text.length;
  };
}

function indexesOf(text: string): number[] {
  const indexes: number[] = [];
  for (let index = 0; index < text.length; index += 1) {
    indexes.push(index);
    if ((text.codePointAt(index) ?? 0) > 0xffff) index += 1;
  }
  return indexes;
}

/** The length of a text in code points. */
export function codePoints(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; count += 1) {
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return count;
}

/** Marks the beginning of a body, or without a length all of it, as standing in for a protocol. */
export function fallbackElement(protocol: string, length?: number): XmlElement {
  const range = length === undefined ? undefined : { start: '0', end: String(length) };
  return xml('fallback', NS_FALLBACK, { for: protocol }, [
    range === undefined ? undefined : xml('body', NS_FALLBACK, range),
  ]);
}
