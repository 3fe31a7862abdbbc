const nickPattern = /^[^\u0000-\u0020\u007f,!@*?:#&+$~%][^\u0000-\u0020\u007f,!@*?:%]*$/u;
const channelPattern = /^[#&+!][^\u0000-\u0020\u007f,]*$/u;
const hostPattern =
  /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;
const longestNickBytes = 128;
const longestChannelBytes = 200;

/** What can be a nick on some server; the server itself may be stricter (432). */
export const isNick = (text: string): boolean =>
  nickPattern.test(text) && Buffer.byteLength(text) <= longestNickBytes;

/** Modules of ZNC, to which its users write as to people ("*status"). */
export const isModule = (text: string): boolean => /^\*[A-Za-z0-9_]{1,60}$/.test(text);

const maskPattern = /^(?=.*[!@*?$~])[^\u0000-\u0020\u007f,%:#&][^\u0000-\u0020\u007f,%]*$/u;

/** What can be banned besides a nick: a mask, or an extended ban. */
export const isMask = (text: string): boolean =>
  maskPattern.test(text) && Buffer.byteLength(text) <= longestChannelBytes;

/** RFC 2811 §2.1 */
export const isChannel = (text: string): boolean =>
  channelPattern.test(text) && Buffer.byteLength(text) <= longestChannelBytes;

/** What no name has, and XML cannot hold. */
const UNNAMEABLE = /[\u0000-\u0020\ufffe\uffff]/;
const ALL_UNNAMEABLE = new RegExp(UNNAMEABLE, 'g');

/** A name as a server may say it, without what cannot be told of it. */
export const cleanName = (text: string): string =>
  UNNAMEABLE.test(text) ? text.replaceAll(ALL_UNNAMEABLE, '') : text;

/** RFC 2811 §4.2.10; empty stands for none. */
export const isKey = (text: string): boolean => /^(?!:)[^\u0000-\u0020\u007f,]*$/.test(text);

export const isHostName = (text: string): boolean => hostPattern.test(text);

const lastUpper: Readonly<Record<string, number>> = {
  ascii: 0x5a,
  'strict-rfc1459': 0x5d,
  rfc1459: 0x5e,
};

/** RFC 2812 §2.2 and CASEMAPPING of ISUPPORT: names that fold alike are the same to the server. */
export function foldName(name: string, casemapping: string): string {
  const last = lastUpper[casemapping] ?? 0x5a;
  let at = 0;
  while (at < name.length && !isUpper(name.charCodeAt(at), last)) at += 1;
  if (at === name.length) return name;
  let folded = name.slice(0, at);
  for (; at < name.length; at += 1) {
    const code = name.charCodeAt(at);
    folded += isUpper(code, last) ? String.fromCharCode(code + 32) : name[at];
  }
  return folded;
}

const isUpper = (code: number, last: number): boolean => code >= 0x41 && code <= last;
