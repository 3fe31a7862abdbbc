import { command, commandBeforeRegistration, type IrcCommand } from './irc-command.ts';
import type { IrcConnection } from './irc-connection.ts';
import type { IrcNetwork } from './irc-network.ts';
import { sendMessageOfTheDay, sendUserCounts } from './irc-queries.ts';
import { CHANNEL_LENGTH, NICK_LENGTH, isNick } from './irc-text.ts';

export const CHANNELS_PER_USER = 20;
export const TOPIC_LENGTH = 390;
export const MODES_PER_LINE = 20;
const USER_LENGTH = 10;
const REAL_NAME_LENGTH = 128;
const TOKENS_PER_LINE = 12;
const VERSION = 'standin-1';

/** RFC 2812 §3.1. */
export const REGISTRATION_COMMANDS: Readonly<Record<string, IrcCommand>> = {
  PASS: commandBeforeRegistration(1, (network, client, [password]) => {
    if (client.isRegistered) network.refuse(client, 462);
    else client.password = password;
  }),

  NICK: commandBeforeRegistration(0, (network, client, [nick = '']) => {
    if (nick === '') return network.refuse(client, 431);
    if (!isNick(nick)) return network.refuse(client, 432, nick);
    const holder = network.holderOf(nick);
    if (holder !== undefined && holder !== client) return network.refuse(client, 433, nick);
    if (nick === client.nick) return undefined;
    const line = `:${client.prefix} NICK :${nick}`;
    network.rename(client, nick);
    if (!client.isRegistered) return completeRegistration(network, client);
    client.send(line);
    for (const peer of network.peersOf(client)) peer.send(line);
    return undefined;
  }),

  USER: commandBeforeRegistration(4, (network, client, [user = '', , , realName = '']) => {
    if (client.isRegistered || client.user !== undefined) return network.refuse(client, 462);
    // The tilde says that no ident service has confirmed the name.
    client.user = `~${user.replace(/[^A-Za-z0-9._-]/g, '')}`.slice(0, USER_LENGTH);
    client.realName = realName.slice(0, REAL_NAME_LENGTH);
    return completeRegistration(network, client);
  }),

  PING: command(1, (network, client, [token = '']) => {
    client.send(`:${network.options.name} PONG ${network.options.name} :${token}`);
  }),

  PONG: commandBeforeRegistration(0, () => undefined),

  QUIT: commandBeforeRegistration(0, (network, client, [reason]) => {
    network.disconnect(client, reason === undefined ? 'Client exited' : `Quit: ${reason}`);
  }),
};

/** Welcomes the client as soon as nick, user and the end of the negotiation are there. */
export function completeRegistration(network: IrcNetwork, client: IrcConnection): void {
  if (client.nick === undefined || client.user === undefined || client.isNegotiating) return;
  const { password } = network.options;
  if (password !== undefined && client.password !== password) {
    network.refuse(client, 464);
    network.disconnect(client, 'Access denied: bad password');
    return;
  }
  client.isRegistered = true;
  welcome(network, client);
}

function welcome(network: IrcNetwork, client: IrcConnection): void {
  const { name, network: networkName } = network.options;
  network.reply(client, 1, `Welcome to the ${networkName} IRC Network ${client.prefix}`);
  network.reply(client, 2, `Your host is ${name}, running version ${VERSION}`);
  network.reply(client, 3, `This server was created ${network.startedAt.toUTCString()}`);
  network.reply(client, 4, name, VERSION, 'iw', 'abhiklmnoqstv', 'abhkloqv');
  const tokens = supportTokens(networkName);
  for (let at = 0; at < tokens.length; at += TOKENS_PER_LINE) {
    const line = tokens.slice(at, at + TOKENS_PER_LINE);
    network.reply(client, 5, ...line, 'are supported by this server');
  }
  sendUserCounts(network, client);
  sendMessageOfTheDay(network, client);
}

function supportTokens(networkName: string): readonly string[] {
  return [
    `NETWORK=${networkName.replaceAll(' ', '\\x20')}`,
    'CASEMAPPING=rfc1459',
    'CHANTYPES=#',
    'PREFIX=(qaohv)~&@%+',
    'CHANMODES=b,k,l,imnst',
    `CHANLIMIT=#:${CHANNELS_PER_USER}`,
    `NICKLEN=${NICK_LENGTH}`,
    `CHANNELLEN=${CHANNEL_LENGTH}`,
    `TOPICLEN=${TOPIC_LENGTH}`,
    `USERLEN=${USER_LENGTH}`,
    'KICKLEN=255',
    'AWAYLEN=200',
    `MODES=${MODES_PER_LINE}`,
    'LINELEN=512',
  ];
}
