import type { GatewayCommand } from '../../../src/plugin/index.ts';
import { configureChannel } from './configure-channel.ts';
import { configure } from './configure.ts';
import { disconnect, info, leave } from './connection.ts';
import { list, raw, whois } from './questions.ts';

/** What can be asked of the gateway; nodes and fields are called as Biboumi calls them, where it has them. */
export const commands: readonly GatewayCommand[] = [
  disconnect,
  info,
  configure,
  configureChannel,
  raw,
  list,
  whois,
  leave,
];
