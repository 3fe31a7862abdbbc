/** All that is in the bundle. */
export { main } from '../../src/cli/main.ts';
export * as plugin from '../../src/plugin/index.ts';
