import type { Address, Language } from '../../plugin/index.ts';
import type { Script } from '../../session/dialogue.ts';
import type { UserSession } from '../../session/user-session.ts';

/** Where a command is asked for; the bot speaks for the gateway. */
export type CommandPlace = 'gateway' | Address['kind'];

/**
 * Who may run a command: `allowed` those who may use the gateway at all; `account` those of them who have registered, where
 * the gateway requires it; `registered` those who have registered; `admin` administrators.
 */
export type Access = 'allowed' | 'account' | 'registered' | 'admin';

/** Something that can be asked of the gateway: as a command (XEP-0050), or in words. */
export interface Command {
  readonly node: string;
  readonly at: CommandPlace;
  readonly access: Access;
  /** What it is called. */
  name(language: Language): string;
  /** What to write to the bot for it, in one word. */
  word(language: Language): string;
  /** A user can be in the middle of it only once. */
  readonly isSingle?: boolean;
  /** XEP-0068: its forms are those of a standard. */
  readonly formType?: string;
  run(call: CommandCall): Script;
}

export interface CommandCall {
  /** Of the user who asks. */
  readonly session: UserSession;
  /** Absent at the gateway itself. */
  readonly address: Address | undefined;
  readonly language: Language;
  readonly signal: AbortSignal;
}
