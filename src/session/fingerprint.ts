/** Of a longer text only so much is looked at, and its length. */
const COMPARED = 500;

/**
 * A number of 53 bits that stands for a text, or for two: of a hundred thousand million different ones, hardly two have the same.
 * It is not made to withstand somebody who looks for such a pair.
 */
export function fingerprint(one: string, other = ''): number {
  let high = 0x811c9dc5 ^ one.length;
  let low = 0x9e3779b9 ^ other.length;
  for (let text = one, isLast = false; ; text = other, isLast = true) {
    const end = Math.min(text.length, COMPARED);
    for (let at = 0; at < end; at++) {
      const code = text.charCodeAt(at);
      high = Math.imul(high ^ code, 0x01000193);
      low = Math.imul(low ^ code, 0x5bd1e995);
      low ^= low >>> 15;
    }
    if (isLast) break;
    high = Math.imul(high ^ 0x10000, 0x01000193);
    low = Math.imul(low ^ 0x10000, 0x5bd1e995);
  }
  high ^= Math.imul(low ^ (low >>> 13), 0x85ebca6b);
  low ^= Math.imul(high ^ (high >>> 16), 0xc2b2ae35);
  return (high >>> 11) * 0x1_0000_0000 + (low >>> 0);
}
