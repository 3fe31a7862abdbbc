import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Config, GatewayConfig } from './config/config.ts';
import { GatewayHost } from './host/gateway-host.ts';
import { keptHours } from './host/kept-hours.ts';
import { createGateway, pluginOf } from './host/create-gateway.ts';
import type { PluginLoader } from './host/create-gateway.ts';
import { realClock } from './delivery/clock.ts';
import type { Clock } from './delivery/clock.ts';
import { MediaFolder } from './media/media-folder.ts';
import { Media } from './media/media.ts';
import type { Resolve } from './media/guarded-request.ts';
import { GatewayDomain } from './session/gateway-domain.ts';
import { UserCount } from './session/limits.ts';
import { registrationPolicy } from './session/registration-policy.ts';
import { openStore } from './store/store.ts';
import type { Store } from './store/store.ts';
import { VERSION } from './version.ts';
import type { WebServer } from './web/web-server.ts';
import type { XmlElement } from './xml/element.ts';
import { isAt, parseJid } from './xmpp/jid.ts';

export interface App {
  /** Says unavailable to all and leaves. Safe to call twice. */
  stop(): Promise<void>;
  /** Where the web server listens, if it does. */
  readonly webPort: number | undefined;
}

export interface AppOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly env: NodeJS.ProcessEnv;
  /** Finds the gateway that `use` names; by default one of ours or a package. */
  readonly load?: PluginLoader;
  readonly clock?: Clock;
  /** Finds the addresses of hosts that users' files are fetched from. */
  readonly resolve?: Resolve;
}

/** Puts the parts together: store, then one host for each gateway domain. Resolves when all are on their way to attach. */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, log, env, load, clock = realClock } = options;
  const store = await openStore({
    data: config.data,
    database: config.database,
    env,
    archive: config.archive,
    log,
  });
  const hosts = new Map<string, GatewayHost>();
  const media = mediaOf({ ...options, clock }, store);
  const app = new Running(hosts, store, media);
  try {
    await media.start();
    const router = domainRouter(hosts, log);
    const users = new UserCount(config.limits.users);
    const waiting = new Set(config.gateways.map(({ domain }) => domain));
    for (const entry of config.gateways) {
      const host = await makeHost(entry, {
        config,
        log,
        load,
        store,
        router,
        users,
        waiting,
        clock,
        media,
      });
      hosts.set(entry.domain, host);
    }
    await app.listen(config, log);
    for (const host of hosts.values()) await host.start();
  } catch (error) {
    await app.stop();
    throw error;
  }
  return app;
}

/** All that runs, and the order in which it ends. */
class Running implements App {
  readonly #hosts: ReadonlyMap<string, GatewayHost>;
  readonly #store: Store;
  readonly #media: Media;
  #web: WebServer | undefined;
  #stopping: Promise<void> | undefined;

  constructor(hosts: ReadonlyMap<string, GatewayHost>, store: Store, media: Media) {
    this.#hosts = hosts;
    this.#store = store;
    this.#media = media;
  }

  get webPort(): number | undefined {
    return this.#web?.port;
  }

  /** The web server is loaded only where there is one. */
  async listen({ http }: Config, log: Logger): Promise<void> {
    if (http === undefined) return;
    const { startWebServer } = await import('./web/web-server.ts');
    this.#web = await startWebServer({
      ...http,
      log,
      media: this.#media,
      store: this.#store,
      hosts: this.#hosts,
    });
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    await this.#web?.stop();
    this.#media.stop();
    const hosts = [...this.#hosts.values()];
    // While the streams still stand, so that senders can be told of what could not be kept.
    await Promise.all([this.#store.settle(), ...hosts.map((host) => host.leave())]);
    await Promise.all(hosts.map((host) => host.stop()));
    await this.#store.close();
  }
}

function mediaOf({ config, log, clock = realClock, resolve }: AppOptions, store: Store): Media {
  const { maxMegabytes, quotaMegabytes, ...settings } = config.media;
  return new Media({
    store: store.media,
    folder: new MediaFolder(join(config.data, 'media')),
    key: store.derivedKey('media addresses'),
    publicUrl: config.http?.publicUrl,
    settings: {
      ...settings,
      maxBytes: maxMegabytes * 1_000_000,
      quotaBytes: quotaMegabytes * 1_000_000,
    },
    clock,
    log,
    resolve,
  });
}

interface Parts {
  readonly config: Config;
  readonly log: Logger;
  readonly load: PluginLoader | undefined;
  readonly store: Store;
  readonly router: Pick<ConstructorParameters<typeof GatewayHost>[0], 'route' | 'routeOversized'>;
  readonly users: UserCount;
  /** Domains that have never been attached. */
  readonly waiting: Set<string>;
  readonly clock: Clock;
  readonly media: Media;
}

async function makeHost(entry: GatewayConfig, parts: Parts): Promise<GatewayHost> {
  const { config, store, router, users, waiting, clock } = parts;
  const log = parts.log.child({ gateway: entry.domain });
  const plugin = await pluginOf(entry, config, parts.load);
  let host: GatewayHost | undefined;
  const gateway = createGateway(plugin, entry, config, {
    log,
    domain: entry.domain,
    publicUrl: config.http?.publicUrl,
    memory: store.memory.of(entry.domain, ''),
    find: (key) => host?.find(key) ?? Promise.resolve(undefined),
  });
  const domain = new GatewayDomain({
    domain: entry.domain,
    type: plugin.type,
    name: plugin.name,
    gateway,
    policy: registrationPolicy(entry.domain, config.registration.allow),
    admins: config.admins,
    language: config.language,
    limits: config.limits,
    users,
    store,
    version: VERSION,
    log,
    now: () => clock.now(),
    files: parts.media.filesOf(entry.domain, {
      ask: (request) => host?.ask(request) ?? Promise.resolve(undefined),
      fileBytes: () => gateway.limits?.fileBytes,
    }),
    keepsHours: keptHours(config, gateway),
    messageLifeMs: config.delivery.expireHours * 3_600_000,
  });
  const misrouted = once(() =>
    log.warn(
      'this connection brings stanzas of other domains, in no order: set global_routes: false in the ejabberd_service listener',
    ),
  );
  const isForeign = ({ attributes: { to = '' } }: XmlElement): boolean =>
    !isAt(entry.domain, to) && domainOf(to) !== entry.domain;
  host = new GatewayHost({
    domain,
    delivery: config.delivery,
    clock,
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
  return host;
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
