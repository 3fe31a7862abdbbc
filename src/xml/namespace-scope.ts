import { NamespaceFault, XmlFault } from './xml-fault.ts';

export const NS_XML = 'http://www.w3.org/XML/1998/namespace';
const NS_XMLNS = 'http://www.w3.org/2000/xmlns/';

interface Binding {
  readonly namespace: string;
  /** Number of the element, counted from the root, that declares it. */
  readonly depth: number;
}

/**
 * Which prefix stands for which namespace (Namespaces in XML 1.0). Its cost does not grow with depth. Its methods throw
 * {@link NamespaceFault} for what is wrong with names alone, and {@link XmlFault} for what is said twice.
 */
export class NamespaceScope {
  /** The default namespace of each open element. */
  readonly #defaults: string[] = [];
  readonly #bindings = new Map<string, Binding[]>();
  /** The prefixes declared by open elements, those of the innermost last. */
  readonly #declared: string[] = [];
  /** How many of them there were when an element began. */
  readonly #marks: number[] = [];
  #hasDefault = false;

  /** The namespace of elements without a prefix. */
  get default(): string {
    return this.#defaults.at(-1) ?? '';
  }

  /** An element begins; what it declares follows. */
  enter(): void {
    this.#defaults.push(this.default);
    this.#marks.push(this.#declared.length);
    this.#hasDefault = false;
  }

  leave(): void {
    this.#defaults.pop();
    const mark = this.#marks.pop() ?? 0;
    while (this.#declared.length > mark) {
      const prefix = this.#declared.pop() ?? '';
      const bindings = this.#bindings.get(prefix);
      bindings?.pop();
      if (bindings?.length === 0) this.#bindings.delete(prefix);
    }
  }

  /** `xmlns='namespace'` in the element that has just begun. */
  declareDefault(namespace: string): void {
    if (namespace === NS_XML || namespace === NS_XMLNS) {
      throw new NamespaceFault('a reserved namespace cannot be the default one');
    }
    if (this.#hasDefault) throw new XmlFault('xmlns is given twice');
    this.#hasDefault = true;
    this.#defaults[this.#defaults.length - 1] = namespace;
  }

  /** `xmlns:prefix='namespace'` in the element that has just begun. */
  declare(prefix: string, namespace: string): void {
    if (namespace === '') {
      throw new NamespaceFault(`the prefix ${prefix} is taken from its namespace`);
    }
    const isXml = prefix === 'xml';
    if (prefix === 'xmlns' || namespace === NS_XMLNS || isXml !== (namespace === NS_XML)) {
      throw new NamespaceFault(`the prefix ${prefix} cannot stand for ${namespace}`);
    }
    const depth = this.#marks.length;
    let bindings = this.#bindings.get(prefix);
    if (bindings === undefined) this.#bindings.set(prefix, (bindings = []));
    if (bindings.at(-1)?.depth === depth) throw new XmlFault(`xmlns:${prefix} is given twice`);
    bindings.push({ namespace, depth });
    this.#declared.push(prefix);
  }

  /** @throws XmlFault for a prefix that nobody has declared */
  resolve(prefix: string): string {
    const namespace = this.#bindings.get(prefix)?.at(-1)?.namespace;
    if (namespace !== undefined) return namespace;
    if (prefix === 'xml') return NS_XML;
    throw new NamespaceFault(`the prefix ${prefix} stands for no namespace`);
  }
}
