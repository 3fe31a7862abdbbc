import { NetworkError, networkId } from '../../../src/plugin/index.ts';
import type { NetworkErrorKind, Language } from '../../../src/plugin/index.ts';
import { serverSays, stripFormatting } from '../formatting.ts';
import type { IrcMessage } from '../irc-message.ts';
import { askAgain, refuseEntry } from '../membership.ts';
import { isChannel } from '../names.ts';
import { refusalOf } from '../numerics.ts';
import type { ServerLink } from '../server-link.ts';
import { modesRefused } from '../traits.ts';
import { handlers } from './handler.ts';

/** IRCv3 standard replies. */
export const refusals = handlers({
  FAIL: refused,
  WARN: noted,
  NOTE: noted,
});

const ABOUT_NICKS = new Set(['431', '432', '433', '436', '437', '438', '447']);
/** Commands that say something to somebody. */
const SAYING = new Set(['PRIVMSG', 'NOTICE']);
/** Answers to PART. */
const NOT_THERE = new Set(['442', '403']);
/** What comes so soon after a line of the user's own making is the answer to it. */
const RAW_MS = 10_000;

/** A numeric: a refusal of something that somebody waits for or has sent, or nothing that matters. */
export function refused(link: ServerLink, message: IrcMessage): void {
  const { command, params } = message;
  const error = forwarded(link, message) ?? failOf(message, link.language);
  if (error === undefined) return unknown(link, message);
  // What it takes it has not said rightly: from now on it gets line by line.
  if (command === 'FAIL' && params[0] === 'BATCH') link.multiline = undefined;
  const refusal = commandOf(message);
  const names = namesIn(link, message, refusal);
  modesRefused(link, command, names, params);
  if (isForChannel(link, message, names, error)) return;
  const isAboutNick = ABOUT_NICKS.has(command) || refusal === 'NICK';
  const anyName = isAboutNick ? '*nick*' : undefined;
  if (link.answers.refused(refusal ?? command, names, error, anyName)) return;
  if (isAboutNick && link.isAlias) return;
  const isOfMessage = isNameless(message) && SAYING.has(refusal ?? '');
  const targets = isOfMessage ? [undefined] : names;
  if (!targets.some((name) => link.sender?.refused(name, error))) tell(link, error.message);
}

/** The command that is refused, where that is said. */
function commandOf({ command, params }: IrcMessage): string | undefined {
  if (command === 'FAIL') return params[0];
  return NAMING.has(command) ? params[1] : undefined;
}

/**
 * "<client> <command> [<subcommand>] :<info>": what bouncers say of all that needs a connection that they have not, and what
 * servers say to a bouncer that has not introduced itself yet.
 */
const NAMING = new Set(['400', '451']);
const isNameless = ({ command, params }: IrcMessage): boolean =>
  NAMING.has(command) && params.length < 4;

/** Folded names that the refusal holds; that of the channel that waits longest, where it must be about one. */
function namesIn(
  link: ServerLink,
  message: IrcMessage,
  refusal: string | undefined,
): readonly string[] {
  const { command, params } = message;
  if (!isNameless(message) || refusal !== 'JOIN') {
    return params.slice(NAMING.has(command) ? 2 : 1, -1).map((name) => link.fold(name));
  }
  for (const { phase, isJoinSent, name } of link.channels) {
    if (phase === 'asked' && isJoinSent) return [link.fold(name)];
  }
  return [];
}

/** 470: the channel sends everybody, or some, on to another one, which the server puts the user into. */
function forwarded(link: ServerLink, { command, params }: IrcMessage): NetworkError | undefined {
  const [, , to = ''] = params;
  if (command !== '470' || !isChannel(to)) return undefined;
  const address = { kind: 'room', id: link.roomOf(to) } as const;
  return new NetworkError('elsewhere', link.troubles.sentOn(to), { address });
}

/** A JOIN or PART is refused. */
function isForChannel(
  link: ServerLink,
  message: IrcMessage,
  names: readonly string[],
  error: NetworkError,
): boolean {
  for (const name of names) {
    if (link.channels.isLeaving(name)) {
      if (NOT_THERE.has(message.command)) link.channels.hasLeft(name);
      return true;
    }
    const channel = link.channels.get(name);
    if (channel?.phase === 'asked' && channel.isJoinSent) {
      if (isNameless(message) && channel.entry === undefined) askAgain(link, channel);
      else refuseEntry(link, channel, error);
      return true;
    }
  }
  return false;
}

const KINDS_OF_FAILURES: Readonly<Record<string, NetworkErrorKind>> = {
  ACCOUNT_REQUIRED: 'members-only',
  NICKNAME_RESERVED: 'conflict',
  NEED_REGISTRATION: 'members-only',
  INVALID_TARGET: 'not-found',
  NO_SUCH_CHANNEL: 'not-found',
  UNKNOWN_MSGID: 'not-found',
  UNKNOWN_COMMAND: 'unsupported',
  RATE_LIMITED: 'too-fast',
  TEMPORARILY_UNAVAILABLE: 'unreachable',
};

/** The error that a line stands for; `undefined` when it is no refusal. */
export function failOf(
  { command, params }: IrcMessage,
  language: Language,
): NetworkError | undefined {
  if (command !== 'FAIL') {
    // COMPAT(InspIRCd): the same numeric stands for channels and for people that want an account.
    const isOfPerson = command === '477' && !isChannel(params[1] ?? '');
    return refusalOf(isOfPerson ? '486' : command, params.at(-1), language);
  }
  const [, code = ''] = params;
  const kind = KINDS_OF_FAILURES[code.toUpperCase()] ?? 'refused';
  return new NetworkError(kind, serverSays(params.at(-1) ?? code, language));
}

function noted(link: ServerLink, { params }: IrcMessage): void {
  tell(link, stripFormatting(params.at(-1) ?? ''));
}

/** What the user asked for herself she is told, whatever it is. */
function unknown(link: ServerLink, { command, params }: IrcMessage): void {
  if (Date.now() - link.rawAt > RAW_MS || !/^\d{3}$/.test(command)) return;
  tell(link, stripFormatting(params.slice(1).join(' ')));
}

export function tell(link: ServerLink, text: string): void {
  if (text === '') return;
  link.emit({ kind: 'notice', network: networkId(link.context.settings.id), text });
}
