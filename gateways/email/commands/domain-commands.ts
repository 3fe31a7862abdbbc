import type { GatewayCommand } from '../../../src/plugin/index.ts';
import type { EmailOptions } from '../options.ts';
import type { OwnDomain } from '../own-domain/own-domain.ts';
import { texts } from '../texts.ts';

/** The DNS records that the mail domain of the gateway needs. */
export const dnsCommand = (domain: OwnDomain): GatewayCommand => ({
  node: 'dns-records',
  name: (language) => texts(language).dnsName,
  word: (language) => texts(language).dnsWord,
  at: 'gateway',
  for: 'admin',
  // oxlint-disable-next-line require-yield -- it asks nothing
  async *run({ language }) {
    return { text: `${texts(language).dnsIntroduction}\n${await domain.records()}` };
  },
});

/** Further addresses that stand for a user. */
export const aliasCommand = (domain: OwnDomain, options: EmailOptions): GatewayCommand => ({
  node: 'aliases',
  name: (language) => texts(language).aliasName,
  word: (language) => texts(language).aliasWord,
  at: 'gateway',
  for: 'admin',
  async *run({ language }) {
    const said = texts(language);
    const all = await domain.aliases.all();
    const list = all.map(([alias, target]) => `${alias} → ${target}`).join('\n');
    const answers = yield {
      title: said.aliasName,
      instructions: `${said.aliasAsk}${list === '' ? '' : `\n${list}`}`,
      fields: [
        { name: 'alias', label: said.aliasLabel, kind: 'text', isRequired: true },
        { name: 'target', label: said.aliasTarget, kind: 'text' },
      ],
    };
    const alias = (answers['alias'] ?? '').toLowerCase();
    const target = (answers['target'] ?? '').toLowerCase();
    // Administrators may give away reserved names, but nothing that is no name.
    const isName = /^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$/;
    if (!isName.test(alias)) return { text: said.badName, isFailed: true };
    if (target === '') {
      const isRemoved = await domain.aliases.remove(alias);
      return isRemoved
        ? { text: said.aliasRemoved(alias) }
        : { text: said.noAlias, isFailed: true };
    }
    if (!isName.test(target)) return { text: said.badName, isFailed: true };
    if (await domain.hasUser(alias)) return { text: said.nameTaken, isFailed: true };
    const isSet = await domain.aliases.set(alias, target);
    const address = `${alias}@${options.ownDomain?.domain ?? ''}`;
    return isSet
      ? { text: said.aliasSet(address, target) }
      : { text: said.tooMany, isFailed: true };
  },
});
