import type { File } from '../../../src/plugin/index.ts';

/** A mail as it is about to be written. All addresses were checked. */
export interface Letter {
  readonly from: string;
  readonly fromName: string | undefined;
  readonly to: readonly string[];
  readonly cc: readonly string[];
  readonly bcc: readonly string[];
  readonly messageId: string;
  readonly subject: string;
  readonly text: string;
  readonly at: Date;
  /** The Message-IDs before it in its thread; the last one is answered. */
  readonly references: readonly string[];
  readonly files: readonly File[];
  /** A program wrote it, not the user (RFC 3834 §5). */
  readonly isAutomatic?: boolean;
}

/** Everybody who gets it, each once (RFC 5321 §3.3). */
export const recipientsOf = (letter: Letter): string[] => [
  ...new Set([...letter.to, ...letter.cc, ...letter.bcc]),
];
