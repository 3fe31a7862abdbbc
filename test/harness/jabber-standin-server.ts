import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { JabberClientStream } from './jabber-standin-client-stream.ts';
import { JabberComponentStream } from './jabber-standin-component-stream.ts';
import { createAccount, type JabberFlavour } from './jabber-standin-hub.ts';
import { JabberRouter } from './jabber-standin-router.ts';

export interface JabberServerOptions {
  readonly domain: string;
  /** 0 or absent: any free port. */
  readonly clientPort?: number;
  readonly componentPort?: number;
  /** Secrets by domain. */
  readonly components: Readonly<Record<string, string>>;
  /** Passwords by name. */
  readonly accounts: Readonly<Record<string, string>>;
  /** Whose habits towards components to take on; prosody unless said otherwise. */
  readonly flavour?: JabberFlavour;
}

export interface JabberServer {
  readonly clientPort: number;
  readonly componentPort: number;
  /** Cuts every connection and frees the ports. */
  stop(): Promise<void>;
  /** Cuts the connections of a component without a farewell, as a lost network would. */
  dropComponent(domain: string): void;
}

/**
 * A stand-in for a real Jabber server on 127.0.0.1: it speaks the wire protocol, refuses what real
 * servers refuse, and keeps everything in memory. There is no TLS.
 */
export async function startJabberServer(options: JabberServerOptions): Promise<JabberServer> {
  const { components, flavour = 'prosody', clientPort = 0, componentPort = 0 } = options;
  const router = new JabberRouter(options.domain, flavour, Object.keys(components));
  const secrets = new Map(Object.entries(components));
  for (const [user, password] of Object.entries(options.accounts)) {
    createAccount(router, user, password);
  }
  const clients = await listen(clientPort, (socket) => new JabberClientStream(socket, router));
  const gateways = await listen(
    componentPort,
    (socket) => new JabberComponentStream(socket, router, secrets),
  );
  return {
    clientPort: clients.port,
    componentPort: gateways.port,
    stop: async () => {
      await Promise.all([gateways.stop(), clients.stop()]);
    },
    dropComponent: (domain) => router.drop(domain),
  };
}

interface Listener {
  readonly port: number;
  stop(): Promise<void>;
}

async function listen(port: number, accept: (socket: Socket) => unknown): Promise<Listener> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    accept(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { port: portOf(server), stop: () => stop(server, sockets) };
}

async function stop(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP port');
  return address.port;
}
