/** Characters with a meaning in XML, as UTF-16 units. */
export const COLON = 0x3a;
export const LESS = 0x3c;
export const GREATER = 0x3e;
export const AMPERSAND = 0x26;
export const SLASH = 0x2f;
export const EQUALS = 0x3d;
export const EXCLAMATION = 0x21;
export const QUESTION = 0x3f;
export const QUOTE = 0x22;
export const APOSTROPHE = 0x27;
export const TAB = 0x09;
export const LINE_FEED = 0x0a;
export const HASH = 0x23;
export const SEMICOLON = 0x3b;
