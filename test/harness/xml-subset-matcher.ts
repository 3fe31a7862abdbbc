import { elements, parseXml, textOf, type XmlNode } from './xml-tree.ts';

/**
 * Subset matching: `actual` may carry more attributes and children than `expected`, in any order.
 * In an attribute or a text, `{any}` stands for any text, also as a part of it; the attribute
 * value `{none}` demands that the attribute is absent; `<any/>` stands for any element.
 */
export function matches(actual: XmlNode, expected: XmlNode | string): boolean {
  const pattern = typeof expected === 'string' ? parseXml(expected) : expected;
  if (pattern.name === 'any') return true;
  return (
    actual.name === pattern.name &&
    actual.namespace === pattern.namespace &&
    Object.entries(pattern.attributes).every(([key, value]) =>
      value === '{none}' ? !(key in actual.attributes) : fits(actual.attributes[key], value),
    ) &&
    textMatches(actual, pattern) &&
    childrenMatch(elements(actual), elements(pattern))
  );
}

function textMatches(actual: XmlNode, pattern: XmlNode): boolean {
  const wanted = textOf(pattern).trim();
  return wanted === '' || fits(textOf(actual).trim(), wanted);
}

function childrenMatch(actual: readonly XmlNode[], patterns: readonly XmlNode[]): boolean {
  const [pattern, ...rest] = patterns;
  if (pattern === undefined) return true;
  return actual.some(
    (child, index) => matches(child, pattern) && childrenMatch(actual.toSpliced(index, 1), rest),
  );
}

function fits(actual: string | undefined, wanted: string): boolean {
  if (actual === undefined) return false;
  if (!wanted.includes('{any}')) return actual === wanted;
  const parts = wanted.split('{any}').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(actual);
}
