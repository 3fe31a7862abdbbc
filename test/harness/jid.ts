/** An address in its parts. `bare` and `full` are what comparisons use. */
export interface Jid {
  readonly local: string;
  readonly domain: string;
  readonly resource: string;
  readonly bare: string;
  readonly full: string;
}

/** RFC 7622 §3, enough of it: local part and domain in lower case; `undefined` if it is no address. */
export function parseJid(value: string): Jid | undefined {
  const slash = value.indexOf('/');
  const address = slash === -1 ? value : value.slice(0, slash);
  const resource = slash === -1 ? '' : value.slice(slash + 1);
  const at = address.indexOf('@');
  const local = at === -1 ? '' : address.slice(0, at).toLowerCase();
  const domain = address.slice(at + 1).toLowerCase();
  if (domain === '' || /[@\s<>"'&/]/.test(domain) || at === 0) return undefined;
  if (/["&'/:<>@\s]/u.test(local)) return undefined;
  if (slash !== -1 && resource === '') return undefined;
  if ([local, domain, resource].some((part) => Buffer.byteLength(part) > 1023)) return undefined;
  const bare = local === '' ? domain : `${local}@${domain}`;
  return { local, domain, resource, bare, full: resource === '' ? bare : `${bare}/${resource}` };
}
