import { type IrcChannel, RANK, nowSeconds } from './irc-channel.ts';
import { command, type IrcCommand } from './irc-command.ts';
import type { IrcConnection } from './irc-connection.ts';
import type { ErrorCode, IrcNetwork } from './irc-network.ts';
import { sendNames, sendTopic } from './irc-queries.ts';
import { CHANNELS_PER_USER, TOPIC_LENGTH } from './irc-registration.ts';
import { isChannelName } from './irc-text.ts';

const KICK_LENGTH = 255;

/** RFC 2812 §3.2. */
export const CHANNEL_COMMANDS: Readonly<Record<string, IrcCommand>> = {
  JOIN: command(1, (network, client, [list = '', keys = '']) => {
    if (list === '0') {
      for (const channel of network.channelsOf(client)) part(network, client, channel, undefined);
      return;
    }
    const keyList = keys.split(',');
    for (const [index, name] of names(list).entries()) join(network, client, name, keyList[index]);
  }),

  PART: command(1, (network, client, [list = '', reason]) => {
    for (const name of names(list)) {
      const channel = joinedChannel(network, client, name);
      if (channel !== undefined) part(network, client, channel, reason);
    }
  }),

  KICK: command(2, (network, client, [name = '', nicks = '', reason]) => {
    const channel = joinedChannel(network, client, name);
    if (channel === undefined) return;
    for (const nick of names(nicks)) kick(network, client, channel, { nick, reason });
  }),

  TOPIC: command(1, (network, client, [name = '', text]) => {
    const channel = joinedChannel(network, client, name);
    if (channel === undefined) return;
    if (text === undefined) {
      if (channel.topic === undefined) network.reply(client, 331, channel.name, 'No topic is set');
      else sendTopic(network, client, channel);
      return;
    }
    if (channel.flags.has('t') && channel.rankOf(client) < RANK.halfop) {
      network.refuse(client, 482, channel.name);
      return;
    }
    const kept = text.slice(0, TOPIC_LENGTH);
    channel.topic =
      kept === '' ? undefined : { text: kept, setBy: client.prefix, atSeconds: nowSeconds() };
    channel.send(`:${client.prefix} TOPIC ${channel.name} :${kept}`);
  }),

  INVITE: command(2, (network, client, [nick = '', name = '']) => {
    const invited = network.user(nick);
    if (invited === undefined) return network.refuse(client, 401, nick);
    const channel = joinedChannel(network, client, name);
    if (channel === undefined) return undefined;
    if (channel.has(invited)) return network.refuse(client, 443, nick, channel.name);
    if (channel.flags.has('i') && channel.rankOf(client) < RANK.halfop) {
      return network.refuse(client, 482, channel.name);
    }
    channel.invited.add(invited);
    network.reply(client, 341, invited.nick ?? nick, channel.name);
    if (invited.away !== undefined) network.reply(client, 301, nick, invited.away);
    return invited.send(`:${client.prefix} INVITE ${invited.nick} :${channel.name}`);
  }),
};

function names(list: string): readonly string[] {
  return list.split(',').filter(Boolean);
}

/** The channel if the client is in it, else the refusal is sent. */
function joinedChannel(
  network: IrcNetwork,
  client: IrcConnection,
  name: string,
): IrcChannel | undefined {
  const channel = network.channel(name);
  if (channel?.has(client) === true) return channel;
  network.refuse(client, channel === undefined ? 403 : 442, channel?.name ?? name);
  return undefined;
}

function join(
  network: IrcNetwork,
  client: IrcConnection,
  name: string,
  key: string | undefined,
): void {
  const refusal = refusalToJoin(network, client, name, key);
  if (refusal !== undefined) return network.refuse(client, refusal, name);
  const channel = network.openChannel(name);
  if (channel.has(client)) return undefined;
  channel.members.set(client, new Set(channel.members.size === 0 ? ['o'] : []));
  channel.invited.delete(client);
  channel.send(`:${client.prefix} JOIN :${channel.name}`);
  if (client.away !== undefined) channel.sendAway(client, `:${client.prefix} AWAY :${client.away}`);
  if (channel.topic !== undefined) sendTopic(network, client, channel);
  return sendNames(network, client, channel);
}

function refusalToJoin(
  network: IrcNetwork,
  client: IrcConnection,
  name: string,
  key: string | undefined,
): ErrorCode | undefined {
  if (!name.startsWith('#')) return 403;
  if (!isChannelName(name)) return 476;
  const channel = network.channel(name);
  if (channel?.has(client) === true) return undefined;
  if (network.channelsOf(client).length >= CHANNELS_PER_USER) return 405;
  if (channel === undefined) return undefined;
  if (channel.isBanned(client)) return 474;
  if (channel.flags.has('i') && !channel.invited.has(client)) return 473;
  if (channel.key !== undefined && channel.key !== key) return 475;
  if (channel.limit !== undefined && channel.members.size >= channel.limit) return 471;
  return undefined;
}

function part(
  network: IrcNetwork,
  client: IrcConnection,
  channel: IrcChannel,
  reason: string | undefined,
): void {
  const suffix = reason === undefined ? '' : ` :${reason}`;
  channel.send(`:${client.prefix} PART ${channel.name}${suffix}`);
  network.leave(client, channel);
}

function kick(
  network: IrcNetwork,
  client: IrcConnection,
  channel: IrcChannel,
  { nick, reason }: { readonly nick: string; readonly reason: string | undefined },
): void {
  const rank = channel.rankOf(client);
  if (rank < RANK.halfop) return network.refuse(client, 482, channel.name);
  const victim = network.user(nick);
  if (victim === undefined) return network.refuse(client, 401, nick);
  if (!channel.has(victim)) return network.refuse(client, 441, nick, channel.name);
  if (channel.rankOf(victim) > rank) return network.refuse(client, 482, channel.name);
  const text = (reason ?? client.nick ?? '').slice(0, KICK_LENGTH);
  channel.send(`:${client.prefix} KICK ${channel.name} ${victim.nick} :${text}`);
  return network.leave(victim, channel);
}
