import type { GatewayCommand } from '../../../src/plugin/index.ts';
import type { NameService } from '../name-service.ts';
import type { EmailOptions } from '../options.ts';
import type { OwnDomain } from '../own-domain/own-domain.ts';
import { aliasCommand, dnsCommand } from './domain-commands.ts';
import { fullTextCommand, recentCommand } from './mail-commands.ts';
import { settingsCommand } from './settings-command.ts';
import { unsubscribeCommand } from './unsubscribe-command.ts';

/** What can be asked of the gateway besides sending mail; what cannot be had with these options is not offered. */
export function commandsFor(
  domain: OwnDomain | undefined,
  options: EmailOptions,
  names: NameService,
): GatewayCommand[] {
  return [
    settingsCommand(options),
    fullTextCommand('gateway'),
    fullTextCommand('contact'),
    ...(options.ownMailboxes ? [recentCommand, unsubscribeCommand(names)] : []),
    ...(domain === undefined ? [] : [dnsCommand(domain), aliasCommand(domain, options)]),
  ];
}
