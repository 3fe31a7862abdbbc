import { IrcChannel } from './irc-channel.ts';
import type { IrcConnection } from './irc-connection.ts';
import { foldCase } from './irc-text.ts';

export interface IrcNetworkOptions {
  readonly name: string;
  readonly network: string;
  readonly password: string | undefined;
  /** Password by folded account name. */
  readonly accounts: ReadonlyMap<string, { readonly name: string; readonly password: string }>;
  readonly motd: readonly string[];
}

const ERROR_TEXTS = {
  401: 'No such nick/channel',
  403: 'No such channel',
  404: 'Cannot send to channel',
  405: 'You have joined too many channels',
  410: 'Invalid CAP subcommand',
  412: 'No text to send',
  421: 'Unknown command',
  422: 'MOTD File is missing',
  431: 'No nickname given',
  432: 'Erroneous Nickname',
  433: 'Nickname is already in use',
  441: "They aren't on that channel",
  442: "You're not on that channel",
  443: 'is already on channel',
  451: 'You have not registered',
  461: 'Not enough parameters',
  462: 'You may not reregister',
  464: 'Password incorrect',
  471: 'Cannot join channel (+l)',
  472: 'is unknown mode char to me',
  473: 'Cannot join channel (+i)',
  474: 'Cannot join channel (+b)',
  475: 'Cannot join channel (+k)',
  476: 'Invalid channel name',
  482: "You're not channel operator",
  501: 'Unknown MODE flag',
  502: 'Cannot change mode for other users',
  696: 'You must specify a parameter for this mode',
  904: 'SASL authentication failed',
  905: 'SASL message too long',
  906: 'SASL authentication aborted',
  907: 'You have already authenticated using SASL',
} as const;

export type ErrorCode = keyof typeof ERROR_TEXTS;

/** All that one server knows: who is there and in which channels. */
export class IrcNetwork {
  readonly options: IrcNetworkOptions;
  readonly startedAt = new Date();
  readonly clients = new Set<IrcConnection>();
  readonly #byNick = new Map<string, IrcConnection>();
  readonly #channels = new Map<string, IrcChannel>();

  constructor(options: IrcNetworkOptions) {
    this.options = options;
  }

  get channels(): readonly IrcChannel[] {
    return [...this.#channels.values()];
  }

  get users(): readonly IrcConnection[] {
    return [...this.clients].filter((client) => client.isRegistered);
  }

  /** Whoever holds the nick, registered or not. */
  holderOf(nick: string): IrcConnection | undefined {
    return this.#byNick.get(foldCase(nick));
  }

  user(nick: string): IrcConnection | undefined {
    const holder = this.holderOf(nick);
    return holder?.isRegistered === true ? holder : undefined;
  }

  channel(name: string): IrcChannel | undefined {
    return this.#channels.get(foldCase(name));
  }

  openChannel(name: string): IrcChannel {
    const channel = this.channel(name) ?? new IrcChannel(name);
    this.#channels.set(foldCase(name), channel);
    return channel;
  }

  channelsOf(client: IrcConnection): readonly IrcChannel[] {
    return this.channels.filter((channel) => channel.has(client));
  }

  /** Everyone who shares a channel with the client, each once, without the client. */
  peersOf(client: IrcConnection): ReadonlySet<IrcConnection> {
    const peers = new Set(this.channelsOf(client).flatMap(({ members }) => [...members.keys()]));
    peers.delete(client);
    return peers;
  }

  rename(client: IrcConnection, nick: string): void {
    if (client.nick !== undefined) this.#byNick.delete(foldCase(client.nick));
    client.nick = nick;
    this.#byNick.set(foldCase(nick), client);
  }

  /** The channel ends with its last member. */
  leave(client: IrcConnection, channel: IrcChannel): void {
    channel.members.delete(client);
    if (channel.members.size === 0) this.#channels.delete(foldCase(channel.name));
  }

  reply(client: IrcConnection, code: number, ...params: readonly string[]): void {
    const middle = params.slice(0, -1).map(asMiddleParam);
    const words = [String(code).padStart(3, '0'), client.nick ?? '*', ...middle];
    client.send(`:${this.options.name} ${words.join(' ')} :${params.at(-1) ?? ''}`);
  }

  refuse(client: IrcConnection, code: ErrorCode, ...params: readonly string[]): void {
    this.reply(client, code, ...params, ERROR_TEXTS[code]);
  }

  disconnect(client: IrcConnection, reason: string): void {
    if (!this.clients.delete(client)) return;
    const peers = this.peersOf(client);
    for (const channel of this.channels) {
      channel.invited.delete(client);
      if (channel.has(client)) this.leave(client, channel);
    }
    if (client.nick !== undefined) this.#byNick.delete(foldCase(client.nick));
    for (const peer of peers) peer.send(`:${client.prefix} QUIT :${reason}`);
    client.end(`ERROR :Closing Link: ${client.nick ?? '*'}[${client.host}] (${reason})`);
  }
}

/** What a client invents must not shift the parameters of the answer. */
function asMiddleParam(param: string): string {
  return param === '' || param.startsWith(':') || param.includes(' ') ? '*' : param;
}
