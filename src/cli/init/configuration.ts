import { resolve } from 'node:path';
import { ircServerIn, listOf, numberIn, placeIn } from './answers.ts';
import type { Answers } from './answers.ts';
import { TYPED } from './collect.ts';
import { has, KINDS } from './questions.ts';
import type { Kind } from './questions.ts';

/** The folder of secrets, as the configuration beside it names it. */
export const SECRETS = 'secrets';

export const LISTEN = '127.0.0.1:8787';
const IRC_WITHOUT_TLS = /^66[67]\d$/;
const STARTTLS_PORTS: ReadonlySet<number> = new Set([25, 143, 587]);

export const gatewaysIn = (answers: Answers): readonly { kind: Kind; domain: string }[] =>
  KINDS.filter((kind) => has(answers, kind)).map((kind) => ({
    kind,
    domain: answers[`${kind}-domain`] ?? '',
  }));

/** The address of webhooks has one more secret in it. */
export const hasWebhook = (answers: Answers): boolean =>
  has(answers, 'sms') && ['twilio', 'kannel'].includes(answers['sms-provider'] ?? '');

/** A configuration file for these answers. */
export function configurationFor(answers: Answers): string {
  const { host = '', port = '', domain = '' } = answers;
  const admins = listOf(answers['admin'] ?? '').filter((admin) => admin !== '-');
  const isElsewhere = gatewaysIn(answers).some((gateway) => parentOf(gateway.domain) !== domain);
  return [
    '# Made by `causeway init`. README.md and config/schema.json have all options.',
    '',
    'jabber:',
    `  host: ${scalar(host)} # where the Jabber server listens for components`,
    `  port: ${port}`,
    '  # tls: true # where that port speaks TLS',
    '',
    `admins: [${admins.map(scalar).join(', ')}] # who finds commands for administrators`,
    'data: ./data # database and key; relative to this file. Keep it safe',
    ...web(answers),
    ...(isElsewhere
      ? ['', 'registration:', `  allow: [${scalar(domain)}] # whose users may use the gateways`]
      : []),
    '',
    'gateways:',
    ...gatewaysIn(answers).flatMap((gateway) => [
      `  - use: ${gateway.kind}`,
      `    domain: ${scalar(gateway.domain)} # the Jabber server knows it by this name`,
      `    secret: { file: ./${SECRETS}/${gateway.kind} } # and has the same secret for it`,
      ...optionsOf(gateway.kind, answers).map((line) => `    ${line}`),
    ]),
    '',
  ].join('\n');
}

const parentOf = (domain: string): string => domain.slice(domain.indexOf('.') + 1);

function web(answers: Answers): readonly string[] {
  const publicUrl = urlIn(answers);
  if (publicUrl === undefined && !needsCallback(answers)) return [];
  return [
    '',
    'http:',
    `  listen: ${LISTEN} # let a web server pass on /media, /hooks and /oauth only`,
    ...(publicUrl === undefined ? [] : [`  publicUrl: ${scalar(publicUrl)}`]),
  ];
}

function urlIn(answers: Answers): string | undefined {
  const url = answers['public-url'] ?? '-';
  return url === '-' ? undefined : url;
}

/** Kannel is near, and reaches us without a public address. */
const needsCallback = (answers: Answers): boolean =>
  has(answers, 'sms') && answers['sms-provider'] === 'kannel' && urlIn(answers) === undefined;

function optionsOf(kind: Kind, answers: Answers): readonly string[] {
  switch (kind) {
    case 'irc':
      return ircOptions(answers);
    case 'email':
      return emailOptions(answers);
    case 'sms':
      return smsOptions(answers);
  }
}

function ircOptions(answers: Answers): readonly string[] {
  const servers = listOf(answers['irc-server'] ?? '').map((text) => {
    const { name, host, port } = ircServerIn(text);
    const tls = !IRC_WITHOUT_TLS.test(String(port));
    return `    ${scalar(name)}: { host: ${scalar(host)}, port: ${port}, tls: ${tls} }`;
  });
  return ['options:', '  servers: # by short names: #channel%name', ...servers];
}

function emailOptions(answers: Answers): readonly string[] {
  const { 'email-imap': imap = '-', 'email-smtp': smtp = '-', domain = '' } = answers;
  if (imap === '-') return [];
  return [
    'options:',
    '  providers: # who has an address there gives only that and the password',
    `    - domain: ${scalar(domain)}`,
    `      imap: ${mailServer(imap, 993)}`,
    `      smtp: ${mailServer(smtp, 465)}`,
  ];
}

function mailServer(text: string, usualPort: number): string {
  const { host, port } = placeIn(text, usualPort);
  const security = STARTTLS_PORTS.has(port) ? 'starttls' : 'tls';
  return `{ host: ${scalar(host)}, port: ${port}, security: ${security} }`;
}

function smsOptions(answers: Answers): readonly string[] {
  const numbers = listOf(answers['sms-number'] ?? '').map((text) => {
    const [number, user] = numberIn(text, answers);
    return `    ${scalar(number)}: ${scalar(user)}`;
  });
  return [
    'options:',
    `  region: ${scalar(answers['sms-region'] ?? '')} # numbers without a country code are read there`,
    '  provider:',
    ...providerLines(answers).map((line) => `    ${line}`),
    '  numbers: # and whose they are',
    ...numbers,
  ];
}

function providerLines(answers: Answers): readonly string[] {
  const account = scalar(answers['sms-account'] ?? '');
  const type = answers['sms-provider'] ?? '';
  const webhookSecret = `webhookSecret: { file: ./${SECRETS}/sms-webhook } # a part of the webhook's address`;
  const password = passwordFile(answers);
  const server = answers['sms-server'] ?? '';
  switch (type) {
    case 'twilio':
      return [`type: twilio`, `accountSid: ${account}`, `authToken: ${password}`, webhookSecret];
    case 'smpp': {
      const { host, port } = placeIn(server);
      const place = [`host: ${scalar(host)}`, `port: ${port}`];
      return ['type: smpp', ...place, `systemId: ${account}`, `password: ${password}`];
    }
    case 'kannel':
      return [
        'type: kannel',
        `sendUrl: ${scalar(server)}`,
        `username: ${account}`,
        `password: ${password}`,
        webhookSecret,
        ...(needsCallback(answers) ? [`callbackUrl: http://${LISTEN}`] : []),
      ];
    default: {
      const [number] = numberIn(listOf(answers['sms-number'] ?? '')[0] ?? '', answers);
      return [
        'type: gammu # the folders of gammu-smsd',
        ...Object.entries(GAMMU_FOLDERS).map(([name, folder]) => `${name}: ${folder}`),
        `number: ${scalar(number)}`,
      ];
    }
  }
}

const GAMMU_FOLDERS = {
  inbox: '/var/spool/gammu/inbox/',
  outbox: '/var/spool/gammu/outbox/',
  sent: '/var/spool/gammu/sent/',
  errors: '/var/spool/gammu/error/',
} as const;

/** The file that was named, or the one that what was typed is put into. */
function passwordFile(answers: Answers): string {
  const named = answers['sms-password-file'];
  const file = answers[TYPED] === undefined && named !== undefined ? resolve(named) : undefined;
  return `{ file: ${scalar(file ?? `./${SECRETS}/sms-provider`)} }`;
}

/** Text as YAML has it: as it is where that can be nothing else. */
function scalar(text: string): string {
  const isPlain =
    /^[a-z./][\w./:@%-]*[\w/]$/i.test(text) && !/^(true|false|yes|no|on|off|null)$/i.test(text);
  return isPlain || /^\d+\.\d+\.\d+\.\d+$/.test(text) ? text : JSON.stringify(text);
}
