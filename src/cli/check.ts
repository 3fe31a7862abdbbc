import { loadConfig } from '../config/load-config.ts';
import { examineStore } from '../store/examine-store.ts';
import { openStore } from '../store/store.ts';
import type { StoreOptions } from '../store/store.ts';
import { serverSnippets } from '../stream/server-snippets.ts';
import { makeGateway } from './make-gateway.ts';

/**
 * Goes through everything that a start would need, without attaching. @returns what is in order, and what to do next
 * @throws ConfigError and others in words for the administrator
 */
export async function check(file: string, env: NodeJS.ProcessEnv): Promise<string> {
  const config = await loadConfig(file, env);
  const lines = [`${file} is in order.`];
  for (const entry of config.gateways) {
    await makeGateway(entry, config);
    lines.push(`${entry.domain}: ${entry.use}, options in order.`);
  }
  await checkStore({ data: config.data, database: config.database, env });
  lines.push(`${config.data}: database and key in order.`);
  lines.push(...config.warnings.map((warning) => `Look at this: ${warning}`));
  const domains = config.gateways.map(({ domain }) => domain);
  lines.push('', `The Jabber server needs this for ${domains.join(', ')}:`);
  lines.push(serverSnippets(domains, config.jabber.port));
  return lines.join('\n');
}

/** One that is there is looked at and left alone: a gateway may be running on it. */
async function checkStore({ data, database, env }: StoreOptions): Promise<void> {
  const options = { data, ...(database === undefined ? {} : { database }), env };
  const { isThere } = await examineStore(options);
  if (isThere) return;
  const store = await openStore(options);
  await store.close();
}
