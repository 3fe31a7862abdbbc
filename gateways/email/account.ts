import type { Account } from '../../src/plugin/index.ts';
import { domainPart, localPart, mailAddress } from './mail-address.ts';
import { isAmong } from './name-service.ts';
import type { EmailOptions, ProviderOptions, Security, Server } from './options.ts';

/** Where a mailbox is. */
export interface Place {
  readonly imap: Server;
  readonly smtp: Server;
  readonly userName: string;
  /** What is sent is put among the sent mails by the provider. */
  readonly filesSent: boolean;
}

/** What a registration stands for: a mailbox elsewhere, or a name at the gateway's own domain. */
export type Registration =
  | { readonly kind: 'mailbox'; readonly address: string; readonly name: string }
  | { readonly kind: 'name'; readonly address: string; readonly name: string };

export const textIn = (account: Account | undefined, name: string): string => {
  const value = account?.[name];
  return typeof value === 'string' ? value : '';
};

export function registrationOf(account: Account, options: EmailOptions): Registration | undefined {
  const name = textIn(account, 'name');
  const own = textIn(account, 'username');
  if (own !== '' && options.ownDomain !== undefined) {
    return { kind: 'name', address: `${own}@${options.ownDomain.domain}`, name };
  }
  const address = mailAddress(textIn(account, 'email'));
  return address === undefined ? undefined : { kind: 'mailbox', address, name };
}

/** The administrator's entry for the provider of an address. */
export const providerOf = (address: string, options: EmailOptions): ProviderOptions | undefined =>
  options.providers.find(({ domain }) => domain === domainPart(address));

const google = {
  imap: { host: 'imap.gmail.com', port: 993, security: 'tls', verify: true },
  smtp: { host: 'smtp.gmail.com', port: 465, security: 'tls', verify: true },
} as const;
const microsoft = {
  imap: { host: 'outlook.office365.com', port: 993, security: 'tls', verify: true },
  smtp: { host: 'smtp.office365.com', port: 587, security: 'starttls', verify: true },
} as const;

/** The servers of a known provider; `undefined` when its entry does not name both. */
export function presetPlace(
  address: string,
  provider: ProviderOptions,
  userName: string,
): Place | undefined {
  const preset = { google, microsoft, none: undefined }[provider.oauth?.preset ?? 'none'];
  const imap = provider.imap ?? preset?.imap;
  const smtp = provider.smtp ?? preset?.smtp;
  if (imap === undefined || smtp === undefined) return undefined;
  const usual = provider.userName === 'local' ? localPart(address) : address;
  return {
    imap: { ...imap, isTrusted: true },
    smtp: { ...smtp, isTrusted: true },
    userName: userName === '' ? usual : userName,
    filesSent: provider.filesSent || preset !== undefined || filesByItself(smtp.host),
  };
}

/** Where the mailbox of a registration is; `undefined` when nobody has said. */
export function placeOf(account: Account, options: EmailOptions): Place | undefined {
  const address = mailAddress(textIn(account, 'email'));
  if (address === undefined) return undefined;
  const userName = textIn(account, 'user_name');
  const provider = providerOf(address, options);
  const preset = provider === undefined ? undefined : presetPlace(address, provider, userName);
  if (preset !== undefined) return preset;
  const imap = serverIn(account, 'imap', options);
  const smtp = serverIn(account, 'smtp', options);
  if (imap === undefined || smtp === undefined) return undefined;
  return {
    imap,
    smtp,
    userName: userName === '' ? address : userName,
    filesSent: filesByItself(smtp.host),
  };
}

const filesByItself = (host: string): boolean =>
  /(^|\.)(gmail|googlemail|google|outlook|office365|hotmail|live)\.com$/i.test(host);

/** What users can choose: a password never goes over a wire that everybody can listen to. */
export const SECURITIES: readonly Exclude<Security, 'none'>[] = ['tls', 'starttls'];

const usualPorts: Readonly<Record<string, number>> = {
  'imap tls': 993,
  'imap starttls': 143,
  'imap none': 143,
  'smtp tls': 465,
  'smtp starttls': 587,
  'smtp none': 25,
};

function serverIn(
  account: Account,
  kind: 'imap' | 'smtp',
  { trustedHosts }: EmailOptions,
): Server | undefined {
  const host = textIn(account, `${kind}_host`);
  if (host === '') return undefined;
  const given = textIn(account, `${kind}_security`);
  const security = SECURITIES.find((one) => one === given) ?? 'tls';
  const port = Number(textIn(account, `${kind}_port`));
  const isPort = Number.isInteger(port) && port > 0 && port < 65_536;
  return {
    host,
    port: isPort ? port : (usualPorts[`${kind} ${security}`] ?? 0),
    security,
    verify: true,
    isTrusted: isAmong(trustedHosts, host),
  };
}
