/** A text in parts of at most so many UTF-16 code units, with no character torn apart. */
export function splitText(text: string, maxLength: number): readonly string[] {
  if (text.length <= maxLength) return [text];
  const parts: string[] = [];
  let part = '';
  for (const character of text) {
    if (part !== '' && part.length + character.length > maxLength) {
      parts.push(part);
      part = '';
    }
    part += character;
  }
  return [...parts, part];
}
