import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { GatewayPlugin } from '../plugin/index.ts';

/** The networks that come with Causeway. */
export const BUILT_IN: readonly string[] = ['irc'];

const NAME = /^(@[a-z0-9-][a-z0-9-._]*\/)?[a-z0-9-][a-z0-9-._]*$/;

/**
 * Loads the module of a gateway: one of ours, else an npm package found from the working directory.
 * @throws Error in words for the administrator
 */
export async function loadPlugin(use: string): Promise<GatewayPlugin> {
  if (!NAME.test(use)) throw new Error(`"${use}" is not the name of a gateway`);
  let module: unknown;
  try {
    module = await (BUILT_IN.includes(use)
      ? import(`../../gateways/${use}/index.ts`)
      : import(packageUrl(use)));
  } catch (error) {
    const names = BUILT_IN.join(', ');
    throw new Error(`no gateway "${use}": built in are ${names}; a package must be installed`, {
      cause: error,
    });
  }
  if (!isGatewayModule(module)) throw new Error(`the package "${use}" exports no gateway`);
  return module.gateway;
}

function packageUrl(name: string): string {
  const here = createRequire(join(process.cwd(), 'package.json'));
  return pathToFileURL(here.resolve(name)).href;
}

function isGatewayModule(module: unknown): module is { readonly gateway: GatewayPlugin } {
  if (typeof module !== 'object' || module === null || !('gateway' in module)) return false;
  const { gateway } = module;
  if (typeof gateway !== 'object' || gateway === null) return false;
  return 'type' in gateway && 'options' in gateway && 'create' in gateway;
}
