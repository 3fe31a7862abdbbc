import type { ConfigError } from './config-error.ts';
import type { ConfigValues } from './schema.ts';

export type GatewayConfig = ConfigValues['gateways'][number];

/** A configuration that is in order, but for the options of its gateways, which only they can decode. */
export interface Config extends ConfigValues {
  /** The file it comes from. */
  readonly file: string;
  /** What an administrator should look at, though it works. */
  readonly warnings: readonly string[];
  /** A problem that was found later, with the line where it stands. */
  problemAt(path: readonly (string | number)[], text: string): ConfigError;
}
