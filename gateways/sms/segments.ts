import { isGsm7, septetsOf } from './alphabet.ts';

export type Encoding = 'gsm7' | 'ucs2';

/** 3GPP TS 23.040 §9.2.3.24.1: septets, or 16-bit units, in a text alone and in each of several. */
const ROOM: Readonly<Record<Encoding, { readonly alone: number; readonly each: number }>> = {
  gsm7: { alone: 160, each: 153 },
  ucs2: { alone: 70, each: 67 },
};

export interface Segmented {
  readonly encoding: Encoding;
  /** In order; each as long as fits. No character, and no pair of units, is divided between two. */
  readonly parts: readonly string[];
}

/** How a text is cut into what a network carries at a time, and bills. */
export function segmented(text: string): Segmented {
  const encoding: Encoding = isGsm7(text) ? 'gsm7' : 'ucs2';
  const { alone, each } = ROOM[encoding];
  const sizeOf = encoding === 'gsm7' ? sizeInSeptets : sizeInUnits;
  const whole = cut(text, alone, sizeOf);
  return { encoding, parts: whole.length <= 1 ? [text] : cut(text, each, sizeOf) };
}

const sizeInSeptets = (character: string): number => septetsOf(character)?.length ?? 1;
const sizeInUnits = (character: string): number => character.length;

function cut(text: string, room: number, sizeOf: (character: string) => number): string[] {
  const parts: string[] = [];
  let part = '';
  let size = 0;
  for (const character of text) {
    const more = sizeOf(character);
    if (size + more > room) {
      parts.push(part);
      part = '';
      size = 0;
    }
    part += character;
    size += more;
  }
  if (part !== '') parts.push(part);
  return parts;
}
