/** What is understood whatever language the user speaks. */
const WORDS = {
  help: ['help', '?', 'hello', 'hi', 'hilfe', 'hallo', 'menu', 'menü'],
  cancel: ['cancel', 'stop', 'quit', 'abbrechen', 'abbruch', 'stopp'],
  skip: ['skip', '-', 'next', 'überspringen', 'weiter'],
  done: ['done', 'ok', 'okay', 'fertig'],
  back: ['back', 'zurück'],
  yes: ['yes', 'y', 'true', '1', 'ja', 'j'],
  no: ['no', 'n', 'false', '0', 'nein'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Word = keyof typeof WORDS;

/** Whether a text is one of these words and nothing else. */
export function isWord(text: string, ...words: readonly Word[]): boolean {
  const plain = plainWord(text);
  return words.some((word) => WORDS[word].some((each) => each === plain));
}

/** A word as it is compared: without case, a sign before it, and full stops behind it. */
export function plainWord(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/^[!/](?=.)/, '')
    .replace(/(?<=[^.!])[.!]+$/, '');
}

/** An answer in quotation marks is meant as it stands, even if it is one of the words. */
export function unquoted(text: string): string {
  const inside = /^(?:"([^"]+)"|„([^“”]+)[“”]|“([^”]+)”)$/u.exec(text.trim());
  return inside?.[1] ?? inside?.[2] ?? inside?.[3] ?? text;
}
