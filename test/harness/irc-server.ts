import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { misbehave, type IrcBehaviours } from './irc-behaviours.ts';
import { handleLine } from './irc-commands.ts';
import { IrcConnection } from './irc-connection.ts';
import { changeChannelModes } from './irc-modes.ts';
import { IrcNetwork } from './irc-network.ts';
import { foldCase, fromWire, toWire } from './irc-text.ts';

export interface IrcServerOptions {
  /** 0 or nothing: any free port. */
  readonly port?: number;
  readonly name?: string;
  readonly network?: string;
  /** PEM texts. With them the port speaks TLS only. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** What PASS must say. */
  readonly password?: string;
  /** Passwords by account name, for SASL PLAIN. */
  readonly accounts?: Readonly<Record<string, string>>;
  readonly motd?: readonly string[];
  /** A client that sends more lines than this within a second is thrown out. */
  readonly burstLimit?: number;
}

/** A registered user as the server knows it. */
export interface IrcClientView {
  readonly nick: string;
  readonly user: string;
  readonly realName: string;
  readonly account: string | undefined;
  readonly away: string | undefined;
  readonly isSecure: boolean;
  readonly channels: readonly string[];
}

/** One line that a client has sent; the nick is * before it has one. */
export interface SentLine {
  readonly nick: string;
  readonly line: string;
}

export interface IrcServer {
  readonly port: number;
  /** Manners that a test may change at any time. */
  readonly behaviours: IrcBehaviours;
  /** The last lines that came, oldest first. */
  readonly lines: readonly SentLine[];
  stop(): Promise<void>;
  /** Writes a line to one user as it is, without any limit or check. */
  sendRaw(nick: string, line: string | Buffer): void;
  /** Cuts every connection without a word. */
  dropAll(): void;
  /** Cuts the connection of one user without a word. */
  drop(nick: string): void;
  /** Throws a user out as an operator of the network would. */
  kill(nick: string, reason: string): void;
  /** Changes modes of a channel as services would: setModes('#room', '+q', 'romeo'). */
  setModes(channel: string, ...change: readonly string[]): void;
  nicks(): string[];
  clients(): IrcClientView[];
}

const MAX_LINES = 20_000;

/** A stand-in IRC server on 127.0.0.1: it knows the protocol and nothing of the gateway. */
export async function startIrcServer(options: IrcServerOptions = {}): Promise<IrcServer> {
  const network = createNetwork(options);
  const behaviours: IrcBehaviours = {};
  const lines: SentLine[] = [];
  const sockets = new Set<Socket>();
  const server = createListener(options, (socket, isSecure) => {
    const client = attach(network, socket, options.burstLimit ?? Infinity, (line) => {
      if (lines.length >= MAX_LINES) lines.shift();
      lines.push({ nick: fromWire(client.nick ?? '*'), line: fromWire(line) });
      if (!misbehave(behaviours, network, client, line)) handleLine(network, client, line);
    });
    client.isSecure = isSecure;
    const { closeOnConnect } = behaviours;
    if (closeOnConnect !== undefined) network.disconnect(client, toWire(closeOnConnect));
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the listener has no port');
  return {
    port: address.port,
    behaviours,
    lines,
    async stop() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    ...controls(network),
  };
}

function createNetwork(options: IrcServerOptions): IrcNetwork {
  const accounts = Object.entries(options.accounts ?? {}).map(
    ([name, password]) =>
      [foldCase(toWire(name)), { name: toWire(name), password: toWire(password) }] as const,
  );
  return new IrcNetwork({
    name: options.name ?? 'irc.stand.in',
    network: options.network ?? 'StandIn',
    password: options.password === undefined ? undefined : toWire(options.password),
    accounts: new Map(accounts),
    motd: (options.motd ?? []).map(toWire),
  });
}

function createListener(
  { tls }: IrcServerOptions,
  accept: (socket: Socket, isSecure: boolean) => void,
): Server {
  if (tls === undefined) return createServer((socket) => accept(socket, false));
  const server = createTlsServer({ cert: tls.cert, key: tls.key }, (socket) =>
    accept(socket, true),
  );
  // A handshake that fails is the client's to report.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

function attach(
  network: IrcNetwork,
  socket: Socket,
  burstLimit: number,
  line: (line: string) => void,
): IrcConnection {
  const client: IrcConnection = new IrcConnection(socket, burstLimit, {
    line,
    lost: (reason) => network.disconnect(client, reason),
  });
  network.clients.add(client);
  return client;
}

function viewOf(network: IrcNetwork, client: IrcConnection): IrcClientView {
  return {
    nick: fromWire(client.nick ?? ''),
    user: fromWire(client.user ?? ''),
    realName: fromWire(client.realName),
    account: client.account === undefined ? undefined : fromWire(client.account),
    away: client.away === undefined ? undefined : fromWire(client.away),
    isSecure: client.isSecure,
    channels: network.channelsOf(client).map(({ name }) => fromWire(name)),
  };
}

function controls(network: IrcNetwork): Omit<IrcServer, 'port' | 'behaviours' | 'lines' | 'stop'> {
  const user = (nick: string): IrcConnection => {
    const found = network.user(nick);
    if (found === undefined) throw new Error(`no user ${nick} on the stand-in server`);
    return found;
  };
  const cut = (client: IrcConnection): void => {
    client.cut();
    network.disconnect(client, 'Connection closed');
  };
  return {
    sendRaw(nick, line) {
      const bytes = typeof line === 'string' ? toWire(line) : line.toString('latin1');
      user(nick).write(bytes.endsWith('\n') ? bytes : `${bytes}\r\n`);
    },
    dropAll() {
      // All at once: nobody sees anybody else leave.
      for (const client of network.clients) client.cut();
      for (const client of network.clients) network.disconnect(client, 'Connection closed');
    },
    drop: (nick) => cut(user(nick)),
    kill(nick, reason) {
      const victim = user(nick);
      const { name } = network.options;
      victim.send(`:${name} KILL ${victim.nick} :${name} (${toWire(reason)})`);
      network.disconnect(victim, `Killed (${name} (${toWire(reason)}))`);
    },
    setModes(name, ...change) {
      const channel = network.channel(toWire(name));
      if (channel === undefined) throw new Error(`no channel ${name} on the stand-in server`);
      changeChannelModes(network, channel, undefined, change.map(toWire));
    },
    nicks: () => network.users.map((client) => fromWire(client.nick ?? '')),
    clients: () => network.users.map((client) => viewOf(network, client)),
  };
}
