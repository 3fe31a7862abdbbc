import type { Link } from '../xmpp/message-parts.ts';

/** XEP-0066 §3: addresses beside a text that the text itself does not name are put behind it. */
export function withLinks(text: string, links: readonly Link[]): string {
  const lines = text === '' ? [] : [text];
  for (const { url, description = '' } of links) {
    if (lines.some((line) => line.includes(url))) continue;
    const words = description.trim();
    lines.push(words === '' || text.includes(words) ? url : `${words} ${url}`);
  }
  return lines.join('\n');
}
