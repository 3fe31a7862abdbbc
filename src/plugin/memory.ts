/**
 * What a gateway keeps for one of its users beside the account: her settings, a cursor. Survives restarts, rests
 * encrypted, is gone when she unregisters. Keys up to 200, values up to 65,536 characters, and not many of them.
 */
export interface Memory {
  get(key: string): Promise<string | undefined>;
  /** On disk when it resolves. */
  set(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}
