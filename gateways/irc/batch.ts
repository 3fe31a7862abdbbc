/** Lines that belong together (IRCv3 batch). */
export interface Batch {
  readonly type: string;
  /** The label of the request that it answers. */
  readonly label: string | undefined;
  /** The reference of the one that it is part of. */
  readonly parent: string | undefined;
}

export const MOST_BATCHES = 50;
