import type { Logger } from 'pino';
import type { Config, GatewayConfig } from './config/config.ts';
import { GatewayHost } from './host/gateway-host.ts';
import { createGateway, pluginOf } from './host/create-gateway.ts';
import type { PluginLoader } from './host/create-gateway.ts';
import { GatewayDomain } from './session/gateway-domain.ts';
import { registrationPolicy } from './session/registration-policy.ts';
import { openStore } from './store/store.ts';
import type { Store } from './store/store.ts';
import { VERSION } from './version.ts';
import type { XmlElement } from './xml/element.ts';
import { parseJid } from './xmpp/jid.ts';

export interface App {
  /** Says unavailable to all and leaves. Safe to call twice. */
  stop(): Promise<void>;
}

export interface AppOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly env: NodeJS.ProcessEnv;
  /** Finds the gateway that `use` names; by default one of ours or a package. */
  readonly load?: PluginLoader;
}

/** Puts the parts together: store, then one host for each gateway domain. Resolves when all are on their way to attach. */
export async function startApp({ config, log, env, load }: AppOptions): Promise<App> {
  const store = await openStore({ data: config.data, env, archive: config.archive, log });
  const hosts = new Map<string, GatewayHost>();
  try {
    const router = domainRouter(hosts, log);
    const waiting = new Set(config.gateways.map(({ domain }) => domain));
    for (const entry of config.gateways) {
      const host = await makeHost(entry, { config, log, load, store, router, waiting });
      hosts.set(entry.domain, host);
    }
  } catch (error) {
    await store.close();
    throw error;
  }
  for (const host of hosts.values()) host.start();
  let stopping: Promise<void> | undefined;
  return {
    stop: () =>
      (stopping ??= Promise.all([...hosts.values()].map((host) => host.stop())).then(() =>
        store.close(),
      )),
  };
}

interface Parts {
  readonly config: Config;
  readonly log: Logger;
  readonly load: PluginLoader | undefined;
  readonly store: Store;
  readonly router: Pick<ConstructorParameters<typeof GatewayHost>[0], 'route' | 'routeOversized'>;
  /** Domains that have never been attached. */
  readonly waiting: Set<string>;
}

async function makeHost(entry: GatewayConfig, parts: Parts): Promise<GatewayHost> {
  const { config, store, router, waiting } = parts;
  const log = parts.log.child({ gateway: entry.domain });
  const plugin = await pluginOf(entry, config, parts.load);
  const gateway = createGateway(plugin, entry, config, log);
  const domain = new GatewayDomain({
    domain: entry.domain,
    type: plugin.type,
    name: plugin.name,
    gateway,
    policy: registrationPolicy(entry.domain, config.registration.allow),
    admins: config.admins,
    store,
    version: VERSION,
    log,
    now: Date.now,
  });
  const misrouted = once(() =>
    log.warn(
      'this connection brings stanzas of other domains, in no order: set global_routes: false in the ejabberd_service listener',
    ),
  );
  const isForeign = (stanza: XmlElement): boolean =>
    domainOf(stanza.attributes['to'] ?? '') !== entry.domain;
  return new GatewayHost({
    domain,
    jabber: config.jabber,
    secret: entry.secret,
    log,
    route: (stanza) => {
      if (isForeign(stanza)) misrouted();
      router.route(stanza);
    },
    routeOversized: router.routeOversized,
    attached: () => {
      log.info('attached');
      if (waiting.delete(entry.domain) && waiting.size === 0) parts.log.info('ready');
    },
  });
}

/** Stanzas belong to the domain that they are addressed to; ejabberd sends those of all domains on each connection. */
function domainRouter(hosts: ReadonlyMap<string, GatewayHost>, log: Logger): Parts['router'] {
  const hostOf = (stanza: XmlElement): GatewayHost | undefined => {
    const to = stanza.attributes['to'] ?? '';
    const host = hosts.get(parseJid(to)?.domain ?? domainOf(to));
    if (host === undefined) log.warn({ to }, 'dropped a stanza for a domain that is not ours');
    return host;
  };
  return {
    route: (stanza) => hostOf(stanza)?.handle(stanza),
    routeOversized: (opening, reason) => hostOf(opening)?.handleOversized(opening, reason),
  };
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}

/** The domain of a JID that is otherwise malformed, so that its sender can be told. */
function domainOf(text: string): string {
  const bare = text.split('/', 1)[0] ?? '';
  return bare.slice(bare.lastIndexOf('@') + 1).toLowerCase();
}
