import type { IrcConnection } from './irc-connection.ts';
import { matchesMask } from './irc-text.ts';

export const PREFIX_OF_MODE: Readonly<Record<string, string>> = {
  q: '~',
  a: '&',
  o: '@',
  h: '%',
  v: '+',
};
const RANKED_MODES = ['v', 'h', 'o', 'a', 'q'];

export const RANK = { none: 0, voice: 1, halfop: 2, op: 3, admin: 4, founder: 5 } as const;

export function rankOfMode(mode: string): number {
  return RANKED_MODES.indexOf(mode) + 1;
}

export interface Ban {
  readonly mask: string;
  readonly setBy: string;
  readonly atSeconds: number;
}

export interface Topic {
  readonly text: string;
  readonly setBy: string;
  readonly atSeconds: number;
}

export class IrcChannel {
  readonly name: string;
  readonly createdAtSeconds = nowSeconds();
  /** Each member with its prefix modes. */
  readonly members = new Map<IrcConnection, Set<string>>();
  readonly invited = new Set<IrcConnection>();
  readonly flags = new Set(['n', 't']);
  bans: readonly Ban[] = [];
  topic: Topic | undefined;
  key: string | undefined;
  limit: number | undefined;

  constructor(name: string) {
    this.name = name;
  }

  has(client: IrcConnection): boolean {
    return this.members.has(client);
  }

  rankOf(client: IrcConnection): number {
    return Math.max(RANK.none, ...[...(this.members.get(client) ?? [])].map(rankOfMode));
  }

  /** All prefixes of a member, highest first, or only the highest for those without multi-prefix. */
  prefixesOf(member: IrcConnection, reader: IrcConnection): string {
    const modes = this.members.get(member) ?? new Set();
    const prefixes = Object.entries(PREFIX_OF_MODE)
      .filter(([mode]) => modes.has(mode))
      .map(([, prefix]) => prefix)
      .join('');
    return reader.capabilities.has('multi-prefix') ? prefixes : prefixes.slice(0, 1);
  }

  isVisibleTo(client: IrcConnection): boolean {
    return !this.flags.has('s') || this.has(client);
  }

  isBanned(client: IrcConnection): boolean {
    return this.bans.some(({ mask }) => matchesMask(mask, client.prefix));
  }

  maySpeak(client: IrcConnection): boolean {
    if (this.rankOf(client) >= RANK.voice) return true;
    if (this.flags.has('n') && !this.has(client)) return false;
    return !this.flags.has('m') && !this.isBanned(client);
  }

  /** Numeric 324: the key is for members only. */
  modesFor(reader: IrcConnection): readonly string[] {
    const letters = [...this.flags].sort();
    const params: string[] = [];
    if (this.key !== undefined) {
      letters.push('k');
      params.push(this.has(reader) ? this.key : '<key>');
    }
    if (this.limit !== undefined) {
      letters.push('l');
      params.push(String(this.limit));
    }
    return [`+${letters.join('')}`, ...params];
  }

  send(line: string, except?: IrcConnection): void {
    for (const member of this.members.keys()) if (member !== except) member.send(line);
  }

  /** away-notify, IRCv3: members that asked for it, except the one it is about. */
  sendAway(client: IrcConnection, line: string): void {
    for (const member of this.members.keys()) {
      if (member !== client && member.capabilities.has('away-notify')) member.send(line);
    }
  }
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
