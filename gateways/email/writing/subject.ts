const answers =
  /^\s*((re|aw|antw|antwort|sv|vs|odp|rif|res|ref|fwd?|fw|wg|tr|rv|enc|回复|答复|回覆|转发|轉寄)\s*(\[\d+\]|\(\d+\))?\s*[::]\s*)+/iu;

/** A subject without "Re:", "AW:" and the like in front: what a thread is about. */
export const topic = (subject: string): string =>
  subject.replace(answers, '').replace(/\s+/g, ' ').trim();

export const isSameTopic = (one: string, other: string): boolean =>
  topic(one).toLowerCase() === topic(other).toLowerCase();

/** RFC 5322 §3.6.5 */
export const answerTo = (subject: string): string => {
  const about = topic(subject);
  return about === '' ? '' : `Re: ${about}`;
};

/** A line "Subject: …" at the very beginning, for clients that can send none; or "Betreff: …", as users are shown it, too. */
export function splitSubject(text: string): { readonly subject?: string; readonly text: string } {
  const match =
    /^(?:subject|betreff):[ \t]*(\S[^\r\n]{0,200})(?:\r?\n|$)(?:[ \t]*\r?\n)?([\s\S]*)$/i.exec(
      text,
    );
  if (match?.[1] === undefined || (match[2] ?? '').trim() === '') return { text };
  return { subject: match[1].trim(), text: match[2] ?? '' };
}
