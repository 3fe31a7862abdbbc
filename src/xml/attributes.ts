/**
 * Attributes by qualified name. An instance has no property that nobody gave it, as its prototype is empty: whatever an
 * attribute is called, `__proto__` or `constructor` for instance, it is a plain entry. Faster than `Object.create(null)`.
 */
export class Attributes {
  [name: string]: string;
}
Object.setPrototypeOf(Attributes.prototype, null);
Reflect.deleteProperty(Attributes.prototype, 'constructor');

/** The name of an attribute that has a namespace, as only one with a prefix has: no name of XML begins like it. */
export const foreignName = (namespace: string, name: string): string => `{${namespace}}${name}`;

/** The parts of what {@link foreignName} made; `undefined` for a name without a namespace. */
export function foreignParts(
  key: string,
): { readonly namespace: string; readonly name: string } | undefined {
  if (key.charCodeAt(0) !== OPENING) return undefined;
  const end = key.lastIndexOf('}');
  return { namespace: key.slice(1, end), name: key.slice(end + 1) };
}

const OPENING = 0x7b;

/** What elements without attributes share. */
export const NO_ATTRIBUTES: Attributes = Object.freeze(new Attributes());
