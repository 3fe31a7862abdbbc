/** A ban that has more to it than a mask ("$a:account", "R:account"), as servers have each their own. */
const EXTENDED = /^(?:[$~]|[^!@]*:)/;

/**
 * Whether a mask is known to be about somebody. All are folded.
 * @param address is her "user@host"; absent when it is not known, and then only a mask that takes any is about her
 */
export function isAbout(mask: string, nick: string, address: string | undefined): boolean {
  if (EXTENDED.test(mask)) return false;
  const [nicks, addresses] = partsOf(mask);
  if (!matches(nicks, nick)) return false;
  return address === undefined ? /^[*@]*$/.test(addresses) : matches(addresses, address);
}

/** RFC 2812 §3.2.3: what is left out of "nick!user@host" stands for anything. */
function partsOf(mask: string): readonly [nicks: string, addresses: string] {
  const user = mask.indexOf('!');
  if (user >= 0) {
    const rest = mask.slice(user + 1);
    return [mask.slice(0, user), rest.includes('@') ? rest : `${rest}@*`];
  }
  return mask.includes('@') ? ['*', mask] : [mask, '*'];
}

/** RFC 2812 §2.5: "*" stands for any text, "?" for one character. Takes no longer than both are long, one times the other. */
export function matches(mask: string, text: string): boolean {
  let at = 0;
  let from = 0;
  let star = -1;
  let resume = 0;
  while (from < text.length) {
    if (mask[at] === '*') {
      star = at;
      at += 1;
      resume = from;
    } else if (at < mask.length && (mask[at] === '?' || mask[at] === text[from])) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      from = resume;
    } else return false;
  }
  while (mask[at] === '*') at += 1;
  return at === mask.length;
}
