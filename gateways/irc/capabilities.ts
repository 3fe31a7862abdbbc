/** Capabilities (IRCv3) that are of use here. */
const WANTED: readonly string[] = ['message-tags', 'multi-prefix', 'server-time'];

/** Capabilities that a connection has. */
export type Capabilities = ReadonlySet<string>;

export const NO_CAPABILITIES: Capabilities = new Set();

/** Takes in what the server has acknowledged: names, with a hyphen before those that are off from now on. */
export function acknowledged(has: Capabilities, names: readonly string[]): Capabilities {
  const now = new Set(has);
  for (const name of names) {
    if (name.startsWith('-')) now.delete(name.slice(1));
    else if (WANTED.includes(name)) now.add(name);
  }
  return now;
}

/** Which of those that the server offers to ask for. */
export function wantedOf(offered: readonly string[], has: Capabilities): string[] {
  return WANTED.filter((name) => offered.includes(name) && !has.has(name));
}

/** "name=value name ..." as CAP LS and CAP NEW have it. */
export function readOffer(text: string): Map<string, string> {
  const offer = new Map<string, string>();
  for (const item of text.split(' ')) {
    const [name = '', ...value] = item.split('=');
    if (name !== '') offer.set(name, value.join('='));
  }
  return offer;
}
