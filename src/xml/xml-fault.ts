/** What is wrong with a stream, as a condition of RFC 6120 §4.9.3. */
export type FaultCondition =
  | 'not-well-formed'
  | 'restricted-xml'
  | 'bad-format'
  | 'unsupported-encoding'
  | 'policy-violation'
  | 'internal-server-error';

/** What is well-formed but for its names (Namespaces in XML 1.0 §3, §5-6.3): one can read on behind it. */
export class NamespaceFault extends Error {
  override readonly name = 'NamespaceFault';
}

/** Thrown inside the parser where it finds that it must not read on. */
export class XmlFault extends Error {
  override readonly name = 'XmlFault';
  readonly condition: FaultCondition;

  constructor(text: string, condition: FaultCondition = 'not-well-formed') {
    super(text);
    this.condition = condition;
  }
}
