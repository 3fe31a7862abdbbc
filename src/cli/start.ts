import type { Logger } from 'pino';
import { startApp } from '../app.ts';
import type { App } from '../app.ts';
import { loadConfig } from '../config/load-config.ts';

/** Starts everything. @throws ConfigError and others in words for the administrator */
export async function start(file: string, env: NodeJS.ProcessEnv, log: Logger): Promise<App> {
  const config = await loadConfig(file, env);
  for (const warning of config.warnings) log.warn({ warning }, 'look at the configuration');
  return startApp({ config, log, env });
}
