import { command, type IrcCommand } from './irc-command.ts';
import type { IrcConnection } from './irc-connection.ts';
import type { ErrorCode, IrcNetwork } from './irc-network.ts';

const AWAY_LENGTH = 200;

type Verb = 'PRIVMSG' | 'NOTICE';

/** RFC 2812 §3.3 and §4. */
export const USER_COMMANDS: Readonly<Record<string, IrcCommand>> = {
  PRIVMSG: command(0, (network, client, params) => {
    client.lastMessageAtMs = Date.now();
    sendText(network, client, 'PRIVMSG', params);
  }),

  NOTICE: command(0, (network, client, params) => sendText(network, client, 'NOTICE', params)),

  AWAY: command(0, (network, client, [text = '']) => {
    const reason = text === '' ? undefined : text.slice(0, AWAY_LENGTH);
    const isNew = reason !== client.away;
    client.away = reason;
    if (reason === undefined) network.reply(client, 305, 'You are no longer marked as being away');
    else network.reply(client, 306, 'You have been marked as being away');
    if (!isNew) return;
    const line = `:${client.prefix} AWAY${reason === undefined ? '' : ` :${reason}`}`;
    for (const peer of network.peersOf(client)) {
      if (peer.capabilities.has('away-notify')) peer.send(line);
    }
  }),
};

function sendText(
  network: IrcNetwork,
  client: IrcConnection,
  verb: Verb,
  [targets = '', text = '']: readonly string[],
): void {
  // RFC 2812 §3.3.2: nothing is ever answered to a NOTICE.
  const refuse = (code: ErrorCode, ...params: string[]): void => {
    if (verb === 'PRIVMSG') network.refuse(client, code, ...params);
  };
  if (targets === '') {
    if (verb === 'PRIVMSG') network.reply(client, 411, `No recipient given (${verb})`);
    return;
  }
  if (text === '') return refuse(412);
  for (const target of targets.split(',').filter(Boolean)) {
    const line = (name: string): string => `:${client.prefix} ${verb} ${name} :${text}`;
    if (target.startsWith('#')) {
      const channel = network.channel(target);
      if (channel === undefined) refuse(403, target);
      else if (!channel.maySpeak(client)) refuse(404, channel.name);
      else channel.send(line(channel.name), client);
      continue;
    }
    const peer = network.user(target);
    if (peer === undefined) {
      refuse(401, target);
      continue;
    }
    peer.send(line(peer.nick ?? target));
    if (verb === 'PRIVMSG' && peer.away !== undefined) {
      network.reply(client, 301, peer.nick ?? target, peer.away);
    }
  }
}
