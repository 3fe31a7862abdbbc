import { mailAddress } from '../mail-address.ts';
import type { EmailOptions } from '../options.ts';
import type { Texts } from '../texts.ts';

/** RFC 2142, and what people would take for the administrator. */
const reserved: ReadonlySet<string> = new Set([
  'abuse',
  'admin',
  'administrator',
  'bounce',
  'bounces',
  'daemon',
  'ftp',
  'help',
  'hostmaster',
  'info',
  'list',
  'mailer-daemon',
  'marketing',
  'news',
  'nobody',
  'noc',
  'no-reply',
  'noreply',
  'operator',
  'postmaster',
  'root',
  'sales',
  'security',
  'ssladmin',
  'ssladministrator',
  'sslwebmaster',
  'support',
  'sysadmin',
  'usenet',
  'uucp',
  'webmaster',
  'www',
]);

/** Return paths are made of a name and what follows this. */
export const RETURN_MARK = '=';

/** Why nobody can have this name at the gateway's own domain. */
export function nameProblem(
  name: string,
  { ownDomain }: EmailOptions,
  texts: Texts,
): string | undefined {
  if (ownDomain === undefined) return texts.noName;
  const isPlain = /^[a-z0-9]([a-z0-9._-]{0,30}[a-z0-9])?$/.test(name) && !name.includes('..');
  if (!isPlain || mailAddress(`${name}@${ownDomain.domain}`) === undefined) return texts.badName;
  const isReserved =
    reserved.has(name) || ownDomain.reserved.some((one) => one.toLowerCase() === name);
  return isReserved ? texts.reservedName : undefined;
}
