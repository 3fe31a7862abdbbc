/** The Jabber servers that we know how to set up. */
export const JABBER_SERVERS = ['prosody', 'ejabberd', 'jabberd2'] as const;

export type JabberServer = (typeof JABBER_SERVERS)[number];

/** A component as the server is to know it. */
export interface Component {
  readonly domain: string;
  readonly secret: string;
}

/** What Prosody and jabberd2 have by themselves. */
const USUAL_PORT = 5347;

type Snippet = (port: number, components: readonly Component[]) => readonly string[];

/** RFC 8259 §7 fits both Lua and YAML, for what domains and secrets are made of. */
const quoted = (text: string): string => JSON.stringify(text);

const SNIPPETS: Readonly<Record<JabberServer, Snippet>> = {
  prosody: (port, components) => [
    ...(port === USUAL_PORT
      ? []
      : [`component_ports = { ${port} } -- above the first VirtualHost, or it is not heard`]),
    ...components.flatMap(({ domain, secret }) => [
      `Component ${quoted(domain)}`,
      `  component_secret = ${quoted(secret)}`,
    ]),
  ],
  ejabberd: (port, components) => [
    `  - port: ${port}`,
    '    ip: 127.0.0.1   # or where the gateway reaches it',
    '    module: ejabberd_service',
    '    global_routes: false   # else messages change their order when two gateways share this port',
    '    hosts:',
    ...components.flatMap(({ domain, secret }) => [
      `      ${quoted(domain)}:`,
      `        password: ${quoted(secret)}`,
    ]),
  ],
  jabberd2: (port, components) => [
    ...(port === USUAL_PORT ? [] : [`<port>${port}</port>`]),
    ...new Set(components.map(({ secret }) => `<secret>${secret}</secret>`)),
  ],
};

/** Where it belongs. */
export const SNIPPET_PLACES: Readonly<Record<JabberServer, string>> = {
  prosody: 'Prosody (prosody.cfg.lua, at the end)',
  ejabberd: 'ejabberd (ejabberd.yml, under "listen:", as far to the right as what is there)',
  jabberd2:
    'jabberd2 (router.xml, under "<local>", in the place of what is there; one secret for all components)',
};

/** What to add to the configuration of one kind of Jabber server, line by line. */
export function serverSnippet(
  server: JabberServer,
  port: number,
  components: readonly Component[],
): string {
  return SNIPPETS[server](port, components).join('\n');
}

/** The same for all kinds. The secret itself is never shown. */
export function serverSnippets(domains: readonly string[], port: number): string {
  const components = domains.map((domain) => ({ domain, secret: '<the secret>' }));
  return JABBER_SERVERS.flatMap((server) => [
    `${SNIPPET_PLACES[server]}:`,
    ...SNIPPETS[server](port, components).map((line) => `  ${line}`),
  ]).join('\n');
}
