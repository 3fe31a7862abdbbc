import type { IrcChannel } from './irc-channel.ts';
import { command, type IrcCommand } from './irc-command.ts';
import type { IrcConnection } from './irc-connection.ts';
import type { IrcNetwork } from './irc-network.ts';
import { LINE_BYTES, matchesMask } from './irc-text.ts';

/** RFC 2812 §3.4, §3.6 and what §3.2 asks without changing anything. */
export const QUERY_COMMANDS: Readonly<Record<string, IrcCommand>> = {
  NAMES: command(0, (network, client, [list = '*']) => {
    for (const name of list.split(',')) {
      const channel = network.channel(name);
      if (channel?.isVisibleTo(client) === true) sendNames(network, client, channel);
      else network.reply(client, 366, name, 'End of /NAMES list.');
    }
  }),

  LIST: command(0, (network, client, [list]) => {
    // Names may be masks: Biboumi asks for * to get them all.
    const masks = list === undefined || list === '' ? ['*'] : list.split(',');
    network.reply(client, 321, 'Channel', 'Users  Name');
    for (const channel of network.channels) {
      if (!channel.isVisibleTo(client)) continue;
      if (!masks.some((mask) => matchesMask(mask, channel.name))) continue;
      const size = String(channel.members.size);
      network.reply(client, 322, channel.name, size, channel.topic?.text ?? '');
    }
    network.reply(client, 323, 'End of /LIST');
  }),

  WHO: command(1, (network, client, [mask = '']) => {
    const channel = mask.startsWith('#') ? network.channel(mask) : undefined;
    if (channel?.isVisibleTo(client) === true) {
      for (const member of channel.members.keys()) sendWho(network, client, member, channel);
    } else if (!mask.startsWith('#')) {
      for (const user of network.users) {
        if (matchesMask(mask, user.nick ?? '')) sendWho(network, client, user, undefined);
      }
    }
    network.reply(client, 315, mask, 'End of /WHO list.');
  }),

  WHOIS: command(1, (network, client, params) => {
    const nick = params.at(-1) ?? '';
    const user = network.user(nick);
    if (user === undefined) network.refuse(client, 401, nick);
    else sendWhois(network, client, user, user.nick ?? nick);
    network.reply(client, 318, nick, 'End of /WHOIS list.');
  }),

  USERHOST: command(1, (network, client, nicks) => {
    const found = nicks.map((nick) => network.user(nick)).filter((user) => user !== undefined);
    const replies = found.map(
      ({ nick, away, user, host }) => `${nick}=${away === undefined ? '+' : '-'}${user}@${host}`,
    );
    network.reply(client, 302, replies.join(' '));
  }),

  ISON: command(1, (network, client, params) => {
    const nicks = params.flatMap((param) => param.split(' '));
    const online = nicks.map((nick) => network.user(nick)?.nick).filter(Boolean);
    network.reply(client, 303, online.join(' '));
  }),

  LUSERS: command(0, (network, client) => sendUserCounts(network, client)),
  MOTD: command(0, (network, client) => sendMessageOfTheDay(network, client)),
};

/** Numeric 353, as many lines as needed: no name is lost to the limit of 512 bytes. */
export function sendNames(network: IrcNetwork, client: IrcConnection, channel: IrcChannel): void {
  const symbol = channel.flags.has('s') ? '@' : '=';
  const head = `:${network.options.name} 353 ${client.nick} ${symbol} ${channel.name} :`;
  let names = '';
  for (const member of channel.members.keys()) {
    const name = `${channel.prefixesOf(member, client)}${member.nick}`;
    if (head.length + names.length + 1 + name.length > LINE_BYTES - 2) {
      client.send(head + names);
      names = '';
    }
    names += names === '' ? name : ` ${name}`;
  }
  if (names !== '') client.send(head + names);
  network.reply(client, 366, channel.name, 'End of /NAMES list.');
}

export function sendTopic(network: IrcNetwork, client: IrcConnection, channel: IrcChannel): void {
  if (channel.topic === undefined) return;
  const { text, setBy, atSeconds } = channel.topic;
  network.reply(client, 332, channel.name, text);
  network.reply(client, 333, channel.name, setBy, String(atSeconds));
}

export function sendUserCounts(network: IrcNetwork, client: IrcConnection): void {
  const count = network.users.length;
  network.reply(client, 251, `There are ${count} users and 0 invisible on 1 servers`);
  network.reply(client, 254, String(network.channels.length), 'channels formed');
  network.reply(client, 255, `I have ${count} clients and 0 servers`);
}

export function sendMessageOfTheDay(network: IrcNetwork, client: IrcConnection): void {
  const { motd, name } = network.options;
  if (motd.length === 0) return network.refuse(client, 422);
  network.reply(client, 375, `- ${name} Message of the day - `);
  for (const line of motd) network.reply(client, 372, `- ${line}`);
  return network.reply(client, 376, 'End of /MOTD command.');
}

function sendWho(
  network: IrcNetwork,
  client: IrcConnection,
  user: IrcConnection,
  channel: IrcChannel | undefined,
): void {
  const presence = user.away === undefined ? 'H' : 'G';
  network.reply(
    client,
    352,
    channel?.name ?? '*',
    user.user ?? '*',
    user.host,
    network.options.name,
    user.nick ?? '*',
    presence + (channel?.prefixesOf(user, client) ?? ''),
    `0 ${user.realName}`,
  );
}

function sendWhois(
  network: IrcNetwork,
  client: IrcConnection,
  user: IrcConnection,
  nick: string,
): void {
  const { name, network: networkName } = network.options;
  network.reply(client, 311, nick, user.user ?? '*', user.host, '*', user.realName);
  const channels = network
    .channelsOf(user)
    .filter((channel) => channel.isVisibleTo(client))
    .map((channel) => channel.prefixesOf(user, client) + channel.name);
  if (channels.length > 0) network.reply(client, 319, nick, channels.join(' '));
  network.reply(client, 312, nick, name, `${networkName} IRC Network`);
  if (user.isSecure) network.reply(client, 671, nick, 'is using a secure connection');
  if (user.account !== undefined) {
    network.reply(client, 330, nick, user.account, 'is logged in as');
  }
  if (user.away !== undefined) network.reply(client, 301, nick, user.away);
  const idleSeconds = Math.floor((Date.now() - user.lastMessageAtMs) / 1000);
  const signedOnSeconds = Math.floor(user.signedOnAtMs / 1000);
  const text = 'seconds idle, signon time';
  network.reply(client, 317, nick, String(idleSeconds), String(signedOnSeconds), text);
}
