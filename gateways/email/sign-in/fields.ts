import type { Account, Answers, Field } from '../../../src/plugin/index.ts';
import { SECURITIES, textIn } from '../account.ts';
import type { EmailOptions } from '../options.ts';
import type { Texts } from '../texts.ts';

export const SERVER_FIELDS = [
  'imap_host',
  'imap_port',
  'imap_security',
  'smtp_host',
  'smtp_port',
  'smtp_security',
] as const;

/** What the form asks for. Most people need only the first two. */
export function fieldsFor(
  known: Account | undefined,
  given: Answers | undefined,
  options: EmailOptions,
  texts: Texts,
): Field[] {
  const field = (name: string, label: string, more: Partial<Field> = {}): Field => {
    const before = given?.[name] ?? textIn(known, name);
    const isShown = more.kind !== 'secret' && before !== '';
    return { name, label, kind: 'text', ...more, ...(isShown ? { value: before } : {}) };
  };
  const { ownDomain } = options;
  const isNamed = ownDomain !== undefined;
  const own = isNamed
    ? [
        field('username', texts.fieldUserName(ownDomain.domain), {
          isRequired: !options.ownMailboxes,
        }),
      ]
    : [];
  const name = field('name', texts.fieldName);
  if (!options.ownMailboxes) return [...own, name];
  const mailbox = [
    field('email', texts.fieldEmail, { isRequired: !isNamed }),
    field('password', texts.fieldPassword, { kind: 'secret' }),
  ];
  if (!options.otherProviders) return [...mailbox, ...own, name];
  const security = (server: string, label: string): Field => {
    const chosen = SECURITIES.map((value) => ({ value, label: texts.security[value] }));
    const value = given?.[server] ?? textIn(known, server);
    const isKnown = chosen.some((one) => one.value === value);
    return {
      name: server,
      label,
      kind: 'choice',
      options: chosen,
      ...(isKnown ? { value } : { value: 'tls' }),
    };
  };
  return [
    ...mailbox,
    ...own,
    name,
    field('user_name', texts.fieldLogin),
    field('imap_host', texts.fieldHost('IMAP')),
    field('imap_port', texts.fieldPort('IMAP')),
    security('imap_security', texts.fieldSecurity('IMAP')),
    field('smtp_host', texts.fieldHost('SMTP')),
    field('smtp_port', texts.fieldPort('SMTP')),
    security('smtp_security', texts.fieldSecurity('SMTP')),
  ];
}
