/** What is wrong with a stream, as a condition of RFC 6120 §4.9.3. */
export type FaultCondition =
  | 'not-well-formed'
  | 'restricted-xml'
  | 'bad-format'
  | 'unsupported-encoding'
  | 'policy-violation'
  | 'internal-server-error';

/** Thrown inside the parser where it finds that it must not read on. */
export class XmlFault extends Error {
  override readonly name = 'XmlFault';
  readonly condition: FaultCondition;

  constructor(text: string, condition: FaultCondition = 'not-well-formed') {
    super(text);
    this.condition = condition;
  }
}
