import { dirname, resolve } from 'node:path';
import type { Config, GatewayConfig } from '../config/config.ts';
import type { Gateway, GatewayContext, GatewayPlugin } from '../plugin/index.ts';
import { loadPlugin } from './load-plugin.ts';

/** Finds the gateway that `use` names. Packages are looked for in these folders and above. */
export type PluginLoader = (use: string, folders: readonly string[]) => Promise<GatewayPlugin>;

/**
 * Loads what one entry of `gateways` uses: packages are found from the configuration's folder, or from the working directory.
 * @throws ConfigError that says what is wrong with it, with the line
 */
export async function pluginOf(
  entry: GatewayConfig,
  config: Config,
  load: PluginLoader = loadPlugin,
): Promise<GatewayPlugin> {
  try {
    return await load(entry.use, [...new Set([resolve(dirname(config.file)), process.cwd()])]);
  } catch (error) {
    const at = ['gateways', config.gateways.indexOf(entry), 'use'];
    throw config.problemAt(at, error instanceof Error ? error.message : 'cannot be loaded');
  }
}

/**
 * Decodes the options of one entry of `gateways` and makes its gateway.
 * @throws ConfigError that names the option and its line
 */
export function createGateway(
  plugin: GatewayPlugin,
  entry: GatewayConfig,
  config: Config,
  context: GatewayContext,
): Gateway {
  const at = ['gateways', config.gateways.indexOf(entry), 'options'];
  const decoded = plugin.options.safeParse(entry.options ?? {});
  if (!decoded.success) {
    const [issue] = decoded.error.issues;
    const path = (issue?.path ?? []).filter((part) => typeof part !== 'symbol');
    throw config.problemAt([...at, ...path], issue?.message ?? 'not valid');
  }
  try {
    return plugin.create(decoded.data, context);
  } catch (error) {
    throw config.problemAt(at, error instanceof Error ? error.message : 'not valid');
  }
}
