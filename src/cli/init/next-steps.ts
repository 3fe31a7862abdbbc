import { JABBER_SERVERS, serverSnippet, SNIPPET_PLACES } from '../../stream/server-snippets.ts';
import type { JabberServer } from '../../stream/server-snippets.ts';
import { gatewaysIn, hasWebhook, LISTEN } from './configuration.ts';
import type { Answers } from './answers.ts';

interface Made {
  readonly answers: Answers;
  readonly file: string;
  readonly folder: string;
  /** How this program was called. */
  readonly command: string;
  /** The secret in a file of the folder, or what stands for it where it is not to be shown. */
  readonly secretOf: (name: string) => string;
}

const AFTERWARDS: Readonly<Record<JabberServer, string>> = {
  prosody: 'Then: systemctl restart prosody',
  ejabberd: 'Then: ejabberdctl reload_config',
  jabberd2:
    'Then: systemctl restart jabberd2. If another component has the <secret> that was there, leave it, and put that into all files of the secrets instead.',
};

const DEFAULT_FILES: ReadonlySet<string> = new Set([
  './config/causeway.yaml',
  'config/causeway.yaml',
]);

/** What an administrator has to do when the configuration is there. */
export function nextSteps({ answers, file, folder, command, secretOf }: Made): string {
  const gateways = gatewaysIn(answers);
  const server = JABBER_SERVERS.find((name) => name === answers['server']) ?? 'prosody';
  const components = gateways.map(({ kind, domain }) => ({ domain, secret: secretOf(kind) }));
  const named = DEFAULT_FILES.has(file) ? '' : ` --config ${file}`;
  return [
    `Made ${file}, and the secrets in ${folder}; they are for your eyes only.`,
    '',
    `1. Put this into ${SNIPPET_PLACES[server]}:`,
    '',
    serverSnippet(server, Number(answers['port']), components),
    '',
    `   ${AFTERWARDS[server]}`,
    ...webhook(answers, secretOf),
    '',
    '2. See whether all is well:',
    '',
    `   ${command} check${named}`,
    `   ${command} doctor${named}`,
    '',
    '3. Start it:',
    '',
    `   npm start${named === '' ? '' : ` --${named}`}`,
  ].join('\n');
}

function webhook(answers: Answers, secretOf: Made['secretOf']): readonly string[] {
  const type = answers['sms-provider'] ?? '';
  const given = answers['public-url'] ?? '-';
  const url = given === '-' && type === 'kannel' ? `http://${LISTEN}` : given;
  if (!hasWebhook(answers) || url === '-') return [];
  const base = `${url.replace(/\/+$/, '')}/hooks/${answers['sms-domain'] ?? ''}/${type}`;
  const address = `${base}/${secretOf('sms-webhook')}`;
  return type === 'kannel'
    ? ['', '   And this into kannel.conf, for what phones write:', '', ...serviceOf(address)]
    : ['', `   The address for webhooks of ${type}: ${address}`];
}

/** Kannel's user guide, "SMS-service"; with %a line ends would get lost. */
const serviceOf = (address: string): readonly string[] => [
  'group = sms-service',
  'keyword = default',
  'catch-all = true',
  'max-messages = 0',
  `get-url = "${address}?from=%p&to=%P&text=%b&id=%I&coding=%c&charset=%C&time=%T"`,
];
