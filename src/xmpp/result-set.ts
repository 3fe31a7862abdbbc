import { childOf, childText, xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_RSM } from './namespaces.ts';
import { StanzaError } from './stanza-error.ts';

/** Which part of a long list is asked for (XEP-0059 §2). */
export interface ResultSetRequest {
  readonly max: number | undefined;
  /** The part behind this item. */
  readonly after: string | undefined;
  /** The part before this item; empty for the last part of all. */
  readonly before: string | undefined;
  readonly index: number | undefined;
}

export interface ResultSet {
  readonly first?: string | undefined;
  readonly last?: string | undefined;
  /** Where the first item stands in the whole list. */
  readonly index?: number | undefined;
  /** How long the whole list is. */
  readonly count?: number | undefined;
}

export interface ResultPage<Item> {
  readonly items: readonly Item[];
  readonly set: XmlElement;
}

const NOTHING: ResultSetRequest = {
  max: undefined,
  after: undefined,
  before: undefined,
  index: undefined,
};

/**
 * Reads what stands in a query. @returns `undefined` when it does not ask for a part
 * @throws StanzaError bad-request
 */
export function parseResultSet(query: XmlElement): ResultSetRequest | undefined {
  const set = childOf(query, 'set', NS_RSM);
  if (set === undefined) return undefined;
  return {
    ...NOTHING,
    max: countIn(set, 'max'),
    after: childText(set, 'after', NS_RSM),
    before: childText(set, 'before', NS_RSM),
    index: countIn(set, 'index'),
  };
}

export function resultSetElement({ first, last, index, count }: ResultSet): XmlElement {
  return xml('set', NS_RSM, {}, [
    first === undefined
      ? undefined
      : xml('first', NS_RSM, { index: index === undefined ? undefined : String(index) }, [first]),
    last === undefined ? undefined : xml('last', NS_RSM, {}, [last]),
    count === undefined ? undefined : xml('count', NS_RSM, {}, [String(count)]),
  ]);
}

/**
 * The part that is asked for of a list that is there as a whole.
 * @param limit is the longest part that is given at once
 * @throws StanzaError item-not-found for an item that is not there any more
 */
export function pageOf<Item>(
  all: readonly Item[],
  idOf: (item: Item) => string,
  { max, after, before, index }: ResultSetRequest = NOTHING,
  limit: number,
): ResultPage<Item> {
  const length = Math.min(max ?? limit, limit);
  const positionOf = (id: string): number => {
    const position = all.findIndex((item) => idOf(item) === id);
    if (position < 0) throw new StanzaError('item-not-found');
    return position;
  };
  let from = index ?? 0;
  let to = from + length;
  if (after !== undefined && after !== '') {
    from = positionOf(after) + 1;
    to = from + length;
  } else if (before !== undefined) {
    to = before === '' ? all.length : positionOf(before);
    from = Math.max(0, to - length);
  }
  const items = all.slice(from, to);
  const [first] = items;
  const last = items.at(-1);
  const set =
    first === undefined || last === undefined
      ? { count: all.length }
      : { first: idOf(first), last: idOf(last), index: from, count: all.length };
  return { items, set: resultSetElement(set) };
}

function countIn(set: XmlElement, name: string): number | undefined {
  const text = childText(set, name, NS_RSM)?.trim();
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new StanzaError('bad-request');
  return Number(text);
}
