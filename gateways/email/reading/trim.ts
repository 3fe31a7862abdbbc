/** What a reader of a chat wants to see of a mail. */
export interface Trimmed {
  readonly text: string;
  /** Something was left out: quotation or signature. */
  readonly isTrimmed: boolean;
}

const MAX_SIGNATURE_LINES = 12;
const MAX_ATTRIBUTION_LINES = 4;

/**
 * Leaves out the quotation at the end of an answer, and the signature. When in doubt nothing is left out: a
 * quotation between two lines of the author's own, what is forwarded, a mail that would be empty without it.
 */
export const trimMail = (text: string, how: { readonly isForward: boolean }): Trimmed =>
  trimParts([text], how);

/** The same for a text in several parts: each has its own end. */
export function trimParts(parts: readonly string[], how: { readonly isForward: boolean }): Trimmed {
  const all = parts.map((text) => text.replace(/\r\n?/g, '\n').split('\n'));
  const kept = all.map((lines) => lines.slice(0, endOf(lines, how)));
  const hasOwn = kept.some((lines) => lines.some(isOwn));
  const isShorter = kept.some((lines, index) => lines.length < lastFull(all[index] ?? []));
  const isTrimmed = hasOwn && isShorter;
  const texts = (isTrimmed ? kept : all).map((lines) => lines.join('\n'));
  const shown = isTrimmed ? texts.filter((text) => text.trim() !== '') : texts;
  return { text: shown.join('\n').trimEnd(), isTrimmed };
}

function endOf(lines: readonly string[], { isForward }: { readonly isForward: boolean }): number {
  const own = withoutSignature(lines, lastFull(lines));
  return withoutSignature(lines, isForward ? own : withoutQuotation(lines, own));
}

const isQuote = (line: string): boolean => /^\s{0,3}>/.test(line);
const isBlank = (line: string): boolean => line.trim() === '';
const isOwn = (line: string): boolean => !isBlank(line) && !isQuote(line);

/** The number of lines without the blank ones at the end. */
function lastFull(lines: readonly string[], end = lines.length): number {
  let last = end;
  while (last > 0 && isBlank(lines[last - 1] ?? '')) last -= 1;
  return last;
}

/** RFC 3676 §4.3: "-- " alone on a line. Without the space, as many programs have it, only when little follows. */
function withoutSignature(lines: readonly string[], end: number): number {
  const start = Math.max(0, end - MAX_SIGNATURE_LINES - 1);
  for (let at = end - 1; at >= start; at -= 1) {
    if (!/^--\s?$/.test(lines[at] ?? '')) continue;
    const after = lines.slice(at + 1, end);
    // More dashes or quotations after it: it may be a line drawn by hand. What was forgotten is said below it.
    const isPlain = after.every((line) => !isQuote(line) && !postscript.test(line));
    const isOnly = !lines.slice(0, at).some((line) => /^--\s?$/.test(line));
    return isOnly && isPlain && after.length > 0 ? lastFull(lines, at) : end;
  }
  const last = lines[end - 1] ?? '';
  return sentFrom.some((pattern) => pattern.test(last.trim())) ? lastFull(lines, end - 1) : end;
}

const postscript = /^\s*(--|p\.?\s?s\.?(\s?\d)?\s?[:.-])/i;

/** What telephones put under every mail. */
const sentFrom: readonly RegExp[] = [
  /^sent from my (iphone|ipad|android\b.{0,20}|samsung.{0,30}|mobile.{0,20}|blackberry.{0,20})\.?$/i,
  /^get outlook for (ios|android)( <https:\/\/aka\.ms\/\w+>)?\.?$/i,
  /^von meinem (iphone|ipad|.{1,30}) (gesendet|aus gesendet)\.?$/i,
  /^gesendet von (meinem (iphone|ipad)|outlook für (ios|android)|mail für windows).{0,40}$/i,
  /^(envoyé de mon (iphone|ipad)|enviado desde mi (iphone|ipad)|inviato da iphone|отправлено с iphone)\.?$/i,
];

function withoutQuotation(lines: readonly string[], end: number): number {
  const block = headerBlock(lines, end);
  if (block !== undefined) return block;
  let first = end;
  while (first > 0 && !isOwn(lines[first - 1] ?? '')) first -= 1;
  if (!lines.slice(first, end).some(isQuote)) return end;
  const attribution = attributionStart(lines, isBrokenOff(lines, first) ? first + 1 : first);
  // A quotation without "… wrote:" at the end of a text may be what the text is about.
  return attribution === undefined ? end : lastFull(lines, attribution);
}

/** Gmail breaks an attribution in front of the bracket that ends the address: what follows only looks like a quotation. */
const isBrokenOff = (lines: readonly string[], at: number): boolean =>
  /^>\s[^<>]{1,40}[::]\s*$/.test(lines[at] ?? '') && /<[^<>\s]+$/.test(lines[at - 1] ?? '');

/** "On Monday, 3 March, Jane <jane@example.org> wrote:", in whatever language, over one line or a few. */
function attributionStart(lines: readonly string[], end: number): number | undefined {
  const last = lastFull(lines, end);
  if (!/[::]\s*$/.test(lines[last - 1] ?? '')) return undefined;
  for (let at = last - 1; at >= Math.max(0, last - MAX_ATTRIBUTION_LINES); at -= 1) {
    const line = lines[at] ?? '';
    if (isBlank(line)) return undefined;
    const whole = lines.slice(at, last).join(' ');
    if (!isAttribution(whole) || !startsAttribution(line)) continue;
    return opensAttribution.test(lines[at - 1] ?? '') ? at - 1 : at;
  }
  return undefined;
}

/** A date that was broken off its attribution. */
const opensAttribution = /^(on|am|le|el|il|op|den|em|w dniu|dne)\s.*\d.*[,\d\p{L}]$/iu;

const wrote =
  /(?<!\p{L})(wrote|writes|schrieb|schreibt|a écrit|écrit|escribió|escreveu|ha scritto|scrisse|schreef|skrev|kirjoitti|napisał(\(a\)|a)?|napsal(\(a\)|a)?|yazdı)(?!\p{L})|(написал(\(а\)|а)?|пишет|писал(\(а\)|а)?|написав)|写道|寫道|のメール|さんは書きました|님이 작성/iu;

const isAttribution = (text: string): boolean =>
  text.length < 400 && wrote.test(text) && (/@/.test(text) || /\d/.test(text) || text.length < 80);

/** The first of its lines: it begins with a word or date, not in the midst of a sentence. */
const startsAttribution = (line: string): boolean => /^[\p{Lu}\p{N}\p{Lo}"'*„«]/u.test(line.trim());

const dividers =
  /^\s*(-{2,}\s*(original message|original appointment|ursprüngliche nachricht|message d'origine|mensaje original|mensagem original|messaggio originale|oorspronkelijk bericht|исходное сообщение|пересылаемое сообщение)\s*-{2,}|_{20,})\s*$/iu;
const headerNames: readonly RegExp[] = [
  /^\*?(from|von|de|da|van|från|fra|od|от|від|发件人|差出人)\s?\*?\s?[::]\*?\s*\S/iu,
  /^\*?(sent|date|gesendet|datum|envoyé|enviado(?: el)?|enviada|fecha|data|inviato|verzonden|skickat|sendt|wysłano|отправлено|дата|надіслано|发送时间|送信日時)\s?\*?\s?[::]\*?\s*\S/iu,
  /^\*?(to|an|à|para|a|aan|till|til|do|кому|收件人|宛先)\s?\*?\s?[::]\*?\s*\S/iu,
  /^\*?(subject|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|temat|тема|主题|件名)\s?\*?\s?[::]\*?/iu,
];

/**
 * The block of header lines that Outlook puts over what is answered. Only the four that it writes, one under the other, count; after
 * a divider three do. What is marked as a quotation below it shows where it ends: what the author wrote under that is kept.
 */
function headerBlock(lines: readonly string[], end: number): number | undefined {
  for (let at = 0; at < end; at += 1) {
    if (!headerNames[0]?.test(lines[at]?.trim() ?? '')) continue;
    const before = lastFull(lines, at);
    const hasDivider = before > 0 && dividers.test(lines[before - 1] ?? '');
    const next = lines.slice(at, at + 8).map((line) => line.trim());
    const found = headerNames.filter((name) => next.some((line) => name.test(line))).length;
    const isSet = hasDivider ? found >= 3 : found === 4 && (before < at || before === 0);
    if (!isSet) continue;
    const start = lastFull(lines, hasDivider ? before - 1 : at);
    return isAnsweredBelow(lines.slice(at, end)) ? undefined : start;
  }
  return undefined;
}

/** What stands right under a header is marked as a quotation, and something else stands below that. */
function isAnsweredBelow(lines: readonly string[]): boolean {
  const below = lines.slice(lines.findIndex(isBlank) + 1);
  const first = below.find((line) => !isBlank(line)) ?? '';
  return isQuote(first) && below.some(isOwn);
}
