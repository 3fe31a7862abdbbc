import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer, Server as TlsServer } from 'node:tls';
import type { Certificates } from '../harness/certificates.ts';
import { Recording } from './recording.ts';

const NAME = 'irc.bench';
const NAMES_LINE_LENGTH = 400;

interface Client {
  readonly socket: Socket;
  nick: string;
  tail: string;
}

/** An IRC server that lets everybody in, lists made-up members, and forwards nothing by itself. */
export class IrcServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #clients = new Map<string, Client>();
  readonly #channels = new Map<string, readonly string[]>();
  #recording: Recording | undefined;

  private constructor(server: Server) {
    this.#server = server;
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) =>
      this.#accept(socket),
    );
  }

  static async start(certificates?: Certificates): Promise<IrcServer> {
    const server =
      certificates === undefined
        ? createTcpServer({ noDelay: true })
        : createTlsServer(certificates);
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 });
    await once(server, 'listening');
    return new IrcServer(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get size(): number {
    return this.#clients.size;
  }

  /** Says who is in a channel besides those who join it. */
  fill(channel: string, members: readonly string[]): void {
    this.#channels.set(channel, namesLines(members));
  }

  /** The connection of one who has come in. */
  socketOf(nick: string): Socket {
    const client = this.#clients.get(nick);
    if (client === undefined) throw new Error(`${nick} is not connected to IRC`);
    return client.socket;
  }

  /** Keeps the PRIVMSG lines that come from now on, each with the nick of its sender before it. */
  record(isStamped = false): Recording {
    this.#recording = new Recording('PRIVMSG ', isStamped);
    return this.#recording;
  }

  stopRecording(): void {
    this.#recording = undefined;
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #accept(socket: Socket): void {
    const client: Client = { socket, nick: '', tail: '' };
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#clients.delete(client.nick);
    });
    socket.on('data', (chunk: Buffer) => this.#read(client, chunk));
  }

  #read(client: Client, chunk: Buffer): void {
    const lines = (client.tail + chunk.toString('latin1')).split('\r\n');
    client.tail = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('PRIVMSG ')) this.#command(client, line);
      else this.#recording?.take(`${client.nick} ${line}`);
    }
  }

  #command(client: Client, line: string): void {
    const [command = '', ...rest] = line.split(' ');
    const first = (rest[0] ?? '').replace(/^:/, '');
    const answer = (text: string): void => void client.socket.write(`:${NAME} ${text}\r\n`);
    switch (command.toUpperCase()) {
      case 'CAP':
        if (first === 'LS') answer(`CAP * LS :`);
        return;
      case 'NICK':
        client.nick = first;
        return;
      case 'USER':
        return this.#welcome(client);
      case 'PING':
        return answer(`PONG ${NAME} :${first}`);
      case 'JOIN':
        return this.#join(client, first);
      case 'WHO':
        return answer(`315 ${client.nick} ${first} :End of WHO list`);
      case 'MODE':
        if (first.startsWith('#')) answer(`324 ${client.nick} ${first} +nt`);
        return;
      case 'QUIT':
        client.socket.end();
        return;
      default:
    }
  }

  #welcome(client: Client): void {
    const { nick } = client;
    this.#clients.set(nick, client);
    const numeric = (text: string): string => `:${NAME} ${text}\r\n`;
    client.socket.write(
      numeric(`001 ${nick} :Welcome ${nick}!${nick}@localhost`) +
        numeric(`002 ${nick} :Your host is ${NAME}`) +
        numeric(`003 ${nick} :Created for a measurement`) +
        numeric(`004 ${nick} ${NAME} bench io nt`) +
        numeric(
          `005 ${nick} CASEMAPPING=ascii CHANTYPES=# PREFIX=(ov)@+ CHANMODES=b,k,l,nt NICKLEN=30 NETWORK=bench :are supported by this server`,
        ) +
        numeric(`422 ${nick} :No message of the day`),
    );
  }

  #join(client: Client, channel: string): void {
    const { nick, socket } = client;
    const lines = [`:${nick}!${nick}@localhost JOIN ${channel}`];
    for (const names of [...(this.#channels.get(channel) ?? []), nick]) {
      lines.push(`:${NAME} 353 ${nick} = ${channel} :${names}`);
    }
    lines.push(`:${NAME} 366 ${nick} ${channel} :End of NAMES list`, '');
    socket.write(lines.join('\r\n'));
  }
}

function namesLines(members: readonly string[]): string[] {
  const lines: string[] = [];
  let line = '';
  for (const member of members) {
    if (line.length + member.length > NAMES_LINE_LENGTH) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? member : ` ${member}`;
  }
  if (line !== '') lines.push(line);
  return lines;
}
