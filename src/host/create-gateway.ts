import type { Logger } from 'pino';
import type { Config, GatewayConfig } from '../config/config.ts';
import type { Gateway, GatewayPlugin } from '../plugin/index.ts';

/**
 * Decodes the options of one entry of `gateways` and makes its gateway.
 * @throws ConfigError that names the option and its line
 */
export function createGateway(
  plugin: GatewayPlugin,
  entry: GatewayConfig,
  config: Config,
  log: Logger,
): Gateway {
  const at = ['gateways', config.gateways.indexOf(entry), 'options'];
  const decoded = plugin.options.safeParse(entry.options ?? {});
  if (!decoded.success) {
    const [issue] = decoded.error.issues;
    const path = (issue?.path ?? []).filter((part) => typeof part !== 'symbol');
    throw config.problemAt([...at, ...path], issue?.message ?? 'not valid');
  }
  try {
    return plugin.create(decoded.data, { log });
  } catch (error) {
    throw config.problemAt(at, error instanceof Error ? error.message : 'not valid');
  }
}
