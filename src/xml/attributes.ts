/**
 * Attributes by qualified name. An instance has no property that nobody gave it, as its prototype is empty: whatever an
 * attribute is called, `__proto__` or `constructor` for instance, it is a plain entry. Faster than `Object.create(null)`.
 */
export class Attributes {
  [name: string]: string;
}
Object.setPrototypeOf(Attributes.prototype, null);
Reflect.deleteProperty(Attributes.prototype, 'constructor');

/** What elements without attributes share. */
export const NO_ATTRIBUTES: Attributes = Object.freeze(new Attributes());
