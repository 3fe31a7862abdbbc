import { pino } from 'pino';
import type { Config, GatewayConfig } from '../config/config.ts';
import { createGateway, pluginOf } from '../host/create-gateway.ts';
import type { Gateway, Memory } from '../plugin/index.ts';

/** Nothing is opened, so nothing is kept. */
export const NO_MEMORY: Memory = {
  get: () => Promise.resolve(undefined),
  set: () => Promise.resolve(),
  delete: () => Promise.resolve(),
};

/**
 * Makes the gateway of one entry to see whether its options are in order; it is never started.
 * @throws ConfigError
 */
export async function makeGateway(
  entry: GatewayConfig,
  config: Config,
  memory: Memory = NO_MEMORY,
): Promise<Gateway> {
  return createGateway(await pluginOf(entry, config), entry, config, {
    log: pino({ level: 'silent' }),
    domain: entry.domain,
    publicUrl: config.http?.publicUrl,
    memory,
    find: () => Promise.resolve(undefined),
  });
}
