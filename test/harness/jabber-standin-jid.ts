export interface ParsedJid {
  readonly local: string | undefined;
  readonly domain: string;
  readonly resource: string | undefined;
  readonly bare: string;
}

/** RFC 7622 §3, as far as a test needs it; undefined for what a server calls jid-malformed. */
export function parseJid(text: string): ParsedJid | undefined {
  const slash = text.indexOf('/');
  const resource = slash < 0 ? undefined : text.slice(slash + 1);
  const address = (slash < 0 ? text : text.slice(0, slash)).toLowerCase();
  const at = address.indexOf('@');
  const local = at < 0 ? undefined : address.slice(0, at);
  const domain = address.slice(at + 1);
  if (!isDomain(domain) || !isPart(local, /[\s"&'/:<>@\p{Cc}]/u) || !isPart(resource, /\p{Cc}/u)) {
    return undefined;
  }
  return { local, domain, resource, bare: local === undefined ? domain : `${local}@${domain}` };
}

export function bareJid(text: string): string {
  return parseJid(text)?.bare ?? text;
}

function isDomain(domain: string): boolean {
  return domain !== '' && isPart(domain, /[\s"&'<>@\p{Cc}]/u);
}

function isPart(part: string | undefined, forbidden: RegExp): boolean {
  if (part === undefined) return true;
  return part !== '' && Buffer.byteLength(part) <= 1023 && !forbidden.test(part);
}
