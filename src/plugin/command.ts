import type { Address } from './address.ts';
import type { Session } from './gateway.ts';
import type { Language } from './language.ts';
import type { Memory } from './memory.ts';
import type { Answers, Step } from './sign-in.ts';

/**
 * Something that the user, or an administrator, can ask of the gateway and that is neither a message nor presence: to
 * set an option, to look at a connection. The core offers it as ad-hoc command (XEP-0050) and in words with the bot.
 */
export interface GatewayCommand {
  /**
   * Unique among the commands of its place; letters, digits and hyphens. The first question of one called `configure` at
   * rooms is the form of their owners, too (XEP-0045 §10.2): its fields are called as there, without "muc#roomconfig_".
   */
  readonly node: string;
  /** What it is called, for people. */
  name(language: Language): string;
  /**
   * The word by which users ask the bot for it, without spaces; without it, that is the node. At the gateway itself the
   * kind of the network goes before it: "irc-disconnect".
   */
  word?(language: Language): string;
  /** What it is asked of: the gateway, or an address of this kind. */
  readonly at: 'gateway' | Address['kind'];
  readonly for: 'user' | 'admin';
  /**
   * The dialogue: yields steps, gets answers, returns what to say at the end.
   * @throws NetworkError in words for the user
   */
  run(request: CommandRequest): AsyncGenerator<Step, CommandResult, Answers>;
}

export interface CommandRequest {
  /** The session of the user who asks, opened if need be. That of an administrator may be without an account. */
  readonly session: Session;
  readonly memory: Memory;
  /** Absent at the gateway itself. */
  readonly address?: Address;
  readonly language: Language;
  readonly signal: AbortSignal;
}

export interface CommandResult {
  readonly text: string;
  /** It did not work; the text says why. */
  readonly isFailed?: boolean;
  /** What there is to tell beside the text, one by one. */
  readonly facts?: readonly Fact[];
}

/** Something to read: "Server: irc.libera.chat". */
export interface Fact {
  /** Unique among the facts of its result; letters, digits, hyphens and underscores. */
  readonly name: string;
  readonly label: string;
  /** One value or several; none when there is nothing. */
  readonly values: readonly string[];
}
