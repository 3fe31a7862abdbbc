/** What no text has in it. */
const CONTROL = /[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u009f\ufffd]/;

/** The text that bytes of an unknown coding are; `undefined` when they are none, but for programs of the phone. */
export function readEightBit(bytes: Buffer): string | undefined {
  return [new TextDecoder().decode(bytes), bytes.toString('latin1')].find(
    (text) => !CONTROL.test(text),
  );
}
