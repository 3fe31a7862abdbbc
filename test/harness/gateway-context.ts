import { pino } from 'pino';
import type { GatewayContext, Memory, Outgoing } from '../../src/plugin/index.ts';

/** What a gateway is created with, when nothing of it matters. */
export function gatewayContext(context: Partial<GatewayContext> = {}): GatewayContext {
  return {
    log: pino({ level: 'silent' }),
    domain: 'gateway.localhost',
    publicUrl: undefined,
    memory: new MapMemory(),
    find: () => Promise.resolve(undefined),
    ...context,
  };
}

/** A message of a user, of which only the text matters. */
export function outgoing(message: Partial<Outgoing> & Pick<Outgoing, 'key' | 'text'>): Outgoing {
  return { at: new Date(), asksReceipt: false, attempt: 1, ...message };
}

class MapMemory implements Memory {
  readonly #values = new Map<string, string>();

  get(key: string): Promise<string | undefined> {
    return Promise.resolve(this.#values.get(key));
  }

  set(key: string, value: string): Promise<void> {
    this.#values.set(key, value);
    return Promise.resolve();
  }

  delete(key: string): Promise<void> {
    this.#values.delete(key);
    return Promise.resolve();
  }
}
