import { elements, parseXml, serialize, text, type Element, type Node } from './xml-element.ts';

/** Stanza literals without `xmlns` are in this namespace, as on a client's stream. */
export const NS_OF_LITERALS = 'jabber:client';

/** A stanza as an XML literal (see {@link mismatch}), or a test of one's own. */
export type Matcher = string | ((stanza: Element) => boolean);

/**
 * Says why an element does not match a literal; `undefined` when it does. The literal is a subset: attributes, child
 * elements (in any order) and text that it names must be there, others may be. `{any}` stands for any attribute value or
 * any text that is not empty, `<any/>` for any one child. An attribute written as `{none}` must be absent. An element
 * that is empty in the literal may contain anything.
 */
export function mismatch(actual: Element, expectedXml: string): string | undefined {
  return compare(actual, parseXml(expectedXml, NS_OF_LITERALS), `<${actual.name}>`);
}

/** Throws an error that shows both, unless the element matches the literal. */
export function matchXml(actual: Element, expectedXml: string): void {
  const reason = mismatch(actual, expectedXml);
  if (reason === undefined) return;
  throw new Error(
    `${reason}\n  expected ${expectedXml.trim()}\n  received ${serialize(actual, NS_OF_LITERALS)}`,
  );
}

export function matches(actual: Element, matcher: Matcher): boolean {
  return typeof matcher === 'string' ? mismatch(actual, matcher) === undefined : matcher(actual);
}

export function describeMatcher(matcher: Matcher): string {
  return typeof matcher === 'string' ? matcher.trim() : matcher.toString();
}

function compare(actual: Element, expected: Element, path: string): string | undefined {
  if (actual.name !== expected.name) return `${path} is not <${expected.name}>`;
  if (actual.ns !== expected.ns) return `${path} is in ${actual.ns}, not in ${expected.ns}`;
  return (
    compareAttributes(actual, expected, path) ??
    compareText(actual, expected, path) ??
    compareChildren(actual, expected, path)
  );
}

function compareAttributes(actual: Element, expected: Element, path: string): string | undefined {
  for (const [name, wanted] of Object.entries(expected.attrs)) {
    const value = actual.attrs[name];
    if (wanted === '{none}') {
      if (value !== undefined) return `${path} has ${name}='${value}'`;
    } else if (value === undefined) {
      return `${path} has no ${name}`;
    } else if (wanted !== '{any}' && value !== wanted) {
      return `${path} has ${name}='${value}', not '${wanted}'`;
    }
  }
  return undefined;
}

function compareText(actual: Element, expected: Element, path: string): string | undefined {
  const wanted = text(expected);
  const value = text(actual);
  if (elements(expected).length > 0 ? wanted.trim() === '' : wanted === '') return undefined;
  if (wanted === '{any}') return value === '' ? `${path} is empty` : undefined;
  return value === wanted ? undefined : `${path} says '${value}', not '${wanted}'`;
}

/** Each expected child takes one actual child for itself; the first that fits. */
function compareChildren(actual: Element, expected: Element, path: string): string | undefined {
  const left = elements(actual);
  for (const wanted of elements(expected)) {
    const isAny = wanted.name === 'any' && wanted.ns === expected.ns;
    const reasons: string[] = [];
    const index = left.findIndex((candidate) => {
      if (isAny) return true;
      const reason = compare(candidate, wanted, `${path}<${candidate.name}>`);
      if (reason !== undefined && candidate.name === wanted.name) reasons.push(reason);
      return reason === undefined;
    });
    if (index === -1) return reasons[0] ?? `${path} has no <${wanted.name} xmlns='${wanted.ns}'>`;
    left.splice(index, 1);
  }
  return undefined;
}

export type { Element, Node };
