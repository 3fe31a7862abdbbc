/** Makes text of bytes that are no UTF-8. */
export type Charset = (bytes: Buffer) => string;

/** By a label of the Encoding standard. @throws RangeError for one that is not known */
export function charsetOf(label: string): Charset {
  const decoder = new TextDecoder(label);
  return (bytes) => decoder.decode(bytes);
}

/** What Western clients wrote before UTF-8. */
export const western: Charset = charsetOf('windows-1252');
