import { createSecureContext } from 'node:tls';
import { Account } from './jabber-accounts.ts';
import { ClientSession } from './jabber-client-session.ts';
import { JabberComponents, type Flavour } from './jabber-components.ts';
import type { ComponentPrivileges } from './jabber-privileges.ts';
import { JabberRouter } from './jabber-router.ts';
import { LoopbackListener } from './loopback-listener.ts';
import type { Element } from './xml-element.ts';

export interface JabberServerOptions {
  readonly domain: string;
  /** 0, the default, takes a free port. */
  readonly clientPort?: number;
  readonly componentPort?: number;
  /** Secret by domain. */
  readonly components?: Readonly<Record<string, string>>;
  /** Password by name. */
  readonly accounts?: Readonly<Record<string, string>>;
  /** Whose habits the component port shows; Prosody's unless told. */
  readonly flavour?: Flavour;
  /** What components may do in the names of accounts, by domain (XEP-0356). */
  readonly privileges?: Readonly<Record<string, ComponentPrivileges>>;
  /** Offers STARTTLS to clients. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** A stanza that the server read (in) or wrote (out). `peer` is the client's full address or the component's domain. */
export interface LoggedStanza {
  readonly direction: 'in' | 'out';
  readonly peer: string;
  readonly stanza: Element;
}

export interface JabberServer {
  readonly domain: string;
  readonly clientPort: number;
  readonly componentPort: number;
  /** The last stanzas, oldest first. */
  readonly log: readonly LoggedStanza[];
  readonly accounts: ReadonlyMap<string, Account>;
  isAttached(domain: string): boolean;
  /** Resolves as soon as the component has shaken hands. */
  attached(domain: string, timeoutMs?: number): Promise<void>;
  /** Resolves as soon as no connection serves the component's domain. */
  detached(domain: string, timeoutMs?: number): Promise<void>;
  /** Writes raw bytes to the connections of a component. */
  sendToComponent(domain: string, data: string): void;
  /** Ends the connections of a component: cut, or with a stream error if one is named. */
  dropComponent(domain: string, condition?: string): void;
  /** Cuts all components and refuses connections until `openComponentPort` opens the same port again. */
  closeComponentPort(): Promise<void>;
  openComponentPort(): Promise<void>;
  stop(): Promise<void>;
}

const MAX_LOGGED_STANZAS = 20_000;

/** Starts a Jabber server on loopback: a client port, a component port, accounts in memory. */
export async function startJabberServer(options: JabberServerOptions): Promise<JabberServer> {
  const { domain, tls, components: secrets = {} } = options;
  const log: LoggedStanza[] = [];
  const record = (direction: 'in' | 'out', peer: string, stanza: Element) => {
    if (log.length >= MAX_LOGGED_STANZAS) log.shift();
    log.push({ direction, peer, stanza });
  };
  const accounts = new Map<string, Account>();
  for (const [name, password] of Object.entries(options.accounts ?? {})) {
    accounts.set(name, new Account(name, password));
  }
  const flavour = options.flavour ?? 'prosody';
  const components = new JabberComponents({
    flavour,
    secrets,
    log: record,
    privileges: options.privileges ?? {},
  });
  const hub = new JabberRouter(domain, accounts, components);
  const clients = new Set<ClientSession>();
  const secureContext = tls === undefined ? undefined : createSecureContext(tls);

  const clientListener = new LoopbackListener(options.clientPort ?? 0, (socket) => {
    const ended = (session: ClientSession) => clients.delete(session);
    clients.add(new ClientSession(socket, { hub, secureContext, log: record, ended }));
  });
  const componentListener = new LoopbackListener(options.componentPort ?? 0, (socket) =>
    components.attach(socket, hub),
  );
  await clientListener.open();
  await componentListener.open();

  return {
    domain,
    clientPort: clientListener.port,
    componentPort: componentListener.port,
    log,
    accounts,
    isAttached: (name) => components.isAttached(name),
    attached: (name, timeoutMs = 5000) => components.waitUntil(name, 'attached', timeoutMs),
    detached: (name, timeoutMs = 5000) => components.waitUntil(name, 'detached', timeoutMs),
    sendToComponent(name, data) {
      for (const session of components.sessionsOf(name)) session.write(data);
    },
    dropComponent(name, condition) {
      for (const session of components.sessionsOf(name)) {
        if (condition === undefined) session.destroy();
        else session.fail(condition);
      }
    },
    async closeComponentPort() {
      components.endAll('cut');
      await componentListener.close();
    },
    openComponentPort: () => componentListener.open(),
    async stop() {
      for (const session of clients) session.shutDown();
      components.endAll('shut down');
      await Promise.all([clientListener.close(), componentListener.close()]);
    },
  };
}
