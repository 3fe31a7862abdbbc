import { fileURLToPath } from 'node:url';
import type { GatewayPlugin } from '../plugin/index.ts';
import { findPackage } from './find-package.ts';
import { gatewayOf } from './gateway-module.ts';

/** The networks that come with Causeway. */
export const BUILT_IN: ReadonlyMap<string, () => Promise<unknown>> = new Map<
  string,
  () => Promise<unknown>
>([
  ['irc', () => import('../../gateways/irc/index.ts')],
  ['email', () => import('../../gateways/email/index.ts')],
  ['sms', () => import('../../gateways/sms/index.ts')],
]);

/** Before the name of a package that is a gateway: `use: loopback` finds it, too. */
export const PACKAGE_PREFIX = 'causeway-gateway-';

const NAME = /^(@[a-z0-9-][a-z0-9-._]*\/)?[a-z0-9-][a-z0-9-._]*$/;
const HERE = fileURLToPath(new URL('.', import.meta.url));

/**
 * Loads the module of a gateway: one of ours, else an npm package.
 * @param folders are where packages are looked for, there and above, before the place of Causeway itself.
 * @throws Error in words for the administrator
 */
export async function loadPlugin(
  use: string,
  folders: readonly string[] = [process.cwd()],
): Promise<GatewayPlugin> {
  if (!NAME.test(use)) throw new Error(`"${use}" cannot be the name of a gateway`);
  const builtIn = BUILT_IN.get(use);
  if (builtIn !== undefined) return gatewayOf(await builtIn(), use);
  const isWholeName = use.startsWith('@') || use.startsWith(PACKAGE_PREFIX);
  const names = isWholeName ? [use] : [`${PACKAGE_PREFIX}${use}`, use];
  for (const name of names) {
    const url = findPackage(name, [...folders, HERE]);
    if (url !== undefined) return loadPackage(name, url);
  }
  throw new Error(
    `there is no gateway "${use}": ${[...BUILT_IN.keys()].join(', ')} come with Causeway, and no package ${names
      .map((name) => `"${name}"`)
      .join(' or ')} is installed in ${folders.join(' or ')} (npm install ${names[0]})`,
  );
}

async function loadPackage(name: string, url: URL): Promise<GatewayPlugin> {
  const what = `the package "${name}"`;
  let module: unknown;
  try {
    module = await import(url.href);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${what} cannot be loaded: ${reason}`, { cause: error });
  }
  return gatewayOf(module, what);
}
