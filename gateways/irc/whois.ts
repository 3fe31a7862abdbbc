import type { ContactCard, Language } from '../../src/plugin/index.ts';
import { stripFormatting } from './formatting.ts';
import { texts } from './texts.ts';
import type { Texts } from './texts.ts';

/** More lines of channels are not shown. */
const MOST_LINES = 50;

type Reader = (report: WhoisReport, params: readonly string[]) => void;

/** What the lines of a WHOIS say (RFC 2812 §5.1, and what servers made of it since). */
const READERS: Readonly<Record<string, Reader>> = {
  '301': (report, params) => (report.away = stripFormatting(params[2] ?? '')),
  '311': (report, params) => {
    const [, nick = report.nick, user = '', host = '', , realName = ''] = params;
    report.isFound = true;
    report.nick = nick;
    report.mask = `${user}@${host}`;
    report.realName = stripFormatting(realName);
  },
  '312': (report, params) => (report.server = params[2]),
  '313': (report) => (report.isOperator = true),
  '317': (report, params) => {
    report.idleSeconds = secondsOf(params[2]);
    report.signedOnAt = secondsOf(params[3]);
  },
  '319': ({ channels }, params) => {
    if (channels.length < MOST_LINES) channels.push((params[2] ?? '').trim());
  },
  '330': (report, params) => (report.account = params[2]),
  '335': (report) => (report.isBot = true),
  '671': (report) => (report.isSecure = true),
};

/** The answer to one WHOIS. */
export class WhoisReport {
  nick: string;
  isFound = false;
  mask: string | undefined;
  realName: string | undefined;
  server: string | undefined;
  account: string | undefined;
  away: string | undefined;
  idleSeconds: number | undefined;
  signedOnAt: number | undefined;
  readonly channels: string[] = [];
  isOperator = false;
  isBot = false;
  isSecure = false;

  constructor(nick: string) {
    this.nick = nick;
  }

  hear(numeric: string, params: readonly string[]): void {
    if (Object.hasOwn(READERS, numeric)) READERS[numeric]?.(this, params);
  }

  card(language: Language): ContactCard {
    const { realName, nick } = this;
    const facts = this.#facts(texts(language)).filter((fact) => fact !== undefined);
    return {
      nick,
      ...(realName === undefined || realName === '' ? {} : { name: realName }),
      ...(facts.length === 0 ? {} : { note: facts.join('\n') }),
    };
  }

  #facts(words: Texts): (string | undefined)[] {
    const { account, mask, server, away, idleSeconds, signedOnAt } = this;
    const channels = this.channels.join(' ');
    return [
      account === undefined ? undefined : words.account(account),
      mask === undefined ? undefined : words.address(mask),
      server === undefined ? undefined : words.server(server),
      channels === '' ? undefined : words.channels(channels),
      away === undefined ? undefined : words.away(away),
      idleSeconds === undefined ? undefined : words.idle(duration(idleSeconds, words)),
      signedOnAt === undefined
        ? undefined
        : words.since(new Date(signedOnAt * 1_000).toUTCString()),
      this.isSecure ? words.secure : undefined,
      this.isOperator ? words.operator : undefined,
      this.isBot ? words.bot : undefined,
    ];
  }
}

const LATEST_SECOND = 8_640_000_000_000;

function secondsOf(text: string | undefined): number | undefined {
  const seconds = Number(text);
  return Number.isInteger(seconds) && seconds >= 0 && seconds <= LATEST_SECOND
    ? seconds
    : undefined;
}

const UNITS = [
  ['days', 86_400],
  ['hours', 3_600],
  ['minutes', 60],
] as const;

function duration(seconds: number, words: Texts): string {
  for (const [unit, length] of UNITS) {
    if (seconds >= 2 * length) return `${Math.floor(seconds / length)} ${words[unit]}`;
  }
  return `${seconds} ${words.seconds}`;
}
