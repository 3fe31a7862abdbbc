/** Capabilities (IRCv3) that are of use here. */
const WANTED: readonly string[] = [
  'account-notify',
  'account-tag',
  'away-notify',
  'batch',
  'chghost',
  'draft/chathistory',
  'draft/message-redaction',
  'draft/multiline',
  'extended-join',
  'extended-monitor',
  'invite-notify',
  'message-tags',
  'multi-prefix',
  'server-time',
  'standard-replies',
  'znc.in/self-message',
];
/** Of use only together: what we say comes back, and we know that it is ours. */
const ECHO: readonly string[] = ['batch', 'echo-message', 'labeled-response'];

/** Capabilities that a connection has. */
export type Capabilities = ReadonlySet<string>;

export const NO_CAPABILITIES: Capabilities = new Set();

/** Takes in what the server has acknowledged: names, with a hyphen before those that are off from now on. */
export function acknowledged(has: Capabilities, names: readonly string[]): Capabilities {
  const now = new Set(has);
  for (const name of names) {
    if (name.startsWith('-')) now.delete(name.slice(1));
    else if (isOfUse(name)) now.add(name);
  }
  return now;
}

/** Those of use together that the server offers: maybe not all at the same time. */
export const echoIn = (offered: readonly string[]): readonly string[] =>
  ECHO.filter((name) => offered.includes(name));

/** What we say comes back, and we do not know that it is ours. */
export const isEchoAlone = (has: Capabilities): boolean =>
  has.has('echo-message') && !has.has('labeled-response');

/** Which of those that the server offers to ask for. */
export function wantedOf(offered: readonly string[], has: Capabilities): string[] {
  const wanted = WANTED.filter((name) => offered.includes(name) && !has.has(name));
  const isEchoed = ECHO.every((name) => offered.includes(name) || has.has(name));
  if (!isEchoed) return wanted;
  return [...wanted, ...ECHO.filter((name) => !has.has(name) && !wanted.includes(name))];
}

const isOfUse = (name: string): boolean => WANTED.includes(name) || ECHO.includes(name);

/** "name=value name ..." as CAP LS and CAP NEW have it. */
export function readOffer(text: string): Map<string, string> {
  const offer = new Map<string, string>();
  for (const item of text.split(' ')) {
    const [name = '', ...value] = item.split('=');
    if (name !== '') offer.set(name, value.join('='));
  }
  return offer;
}
