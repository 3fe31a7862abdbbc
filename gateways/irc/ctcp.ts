/** A request or answer wrapped in 0x01. */
export interface Ctcp {
  readonly command: string;
  readonly text: string;
}

/** modern.ircdocs.horse/ctcp: the last 0x01 may be missing. */
export function parseCtcp(text: string): Ctcp | undefined {
  if (!text.startsWith('\u0001')) return undefined;
  const body = text.slice(1, text.endsWith('\u0001') && text.length > 1 ? -1 : undefined);
  const [, command = '', rest = ''] = /^(\S*) ?(.*)$/s.exec(body) ?? [];
  return { command: command.toUpperCase(), text: rest };
}

export const formatCtcp = (command: string, text: string): string =>
  `\u0001${command}${text === '' ? '' : ` ${text}`}\u0001`;

type Answer = (text: string, now: Date) => string;

const answers: Readonly<Record<string, Answer>> = {
  VERSION: () => 'Causeway',
  PING: (text) => text.slice(0, 100),
  TIME: (_text, now) => now.toUTCString(),
  CLIENTINFO: () => 'ACTION CLIENTINFO PING TIME VERSION',
};

/** What is answered to a request; `undefined` for those we do not know. */
export function answerCtcp(request: Ctcp, now: Date): string | undefined {
  const answer = Object.hasOwn(answers, request.command) ? answers[request.command] : undefined;
  return answer === undefined ? undefined : formatCtcp(request.command, answer(request.text, now));
}
