import { PREFIX_OF_MODE, RANK, nowSeconds, rankOfMode, type IrcChannel } from './irc-channel.ts';
import { command, type IrcCommand } from './irc-command.ts';
import type { IrcConnection } from './irc-connection.ts';
import type { ErrorCode, IrcNetwork } from './irc-network.ts';
import { MODES_PER_LINE } from './irc-registration.ts';
import { completeMask, foldCase } from './irc-text.ts';

const CHANNEL_FLAGS = 'imnst';
const KNOWN_MODES = new Set([...Array.from(`${CHANNEL_FLAGS}bkl`), ...Object.keys(PREFIX_OF_MODE)]);
const USER_FLAGS = 'iw';

/** RFC 2812 §3.1.5 and §3.2.3. */
export const MODE_COMMANDS: Readonly<Record<string, IrcCommand>> = {
  MODE: command(1, (network, client, [target = '', ...change]) => {
    if (!target.startsWith('#')) return userMode(network, client, target, change);
    const channel = network.channel(target);
    if (channel === undefined) return network.refuse(client, 403, target);
    if (change.length > 0) return changeChannelModes(network, channel, client, change);
    network.reply(client, 324, channel.name, ...channel.modesFor(client));
    return network.reply(client, 329, channel.name, String(channel.createdAtSeconds));
  }),
};

interface ModeChange {
  readonly isSet: boolean;
  readonly letter: string;
  readonly argument: string | undefined;
}

type Applied = Omit<ModeChange, 'isSet'> | undefined;

type Refuse = (code: ErrorCode, ...params: string[]) => undefined;

/** Without an actor the server itself changes the modes, as services do. */
export function changeChannelModes(
  network: IrcNetwork,
  channel: IrcChannel,
  actor: IrcConnection | undefined,
  [letters = '', ...args]: readonly string[],
): void {
  let isSet = true;
  let shownSign = '';
  let shown = '';
  const shownArguments: string[] = [];
  for (const letter of letters.slice(0, MODES_PER_LINE * 2)) {
    if (letter === '+' || letter === '-') {
      isSet = letter === '+';
      continue;
    }
    const argument = takesArgument(letter, isSet) ? args.shift() : undefined;
    const applied = applyMode(network, channel, actor, { isSet, letter, argument });
    if (applied === undefined) continue;
    const sign = isSet ? '+' : '-';
    shown += (sign === shownSign ? '' : sign) + letter;
    shownSign = sign;
    if (applied.argument !== undefined) shownArguments.push(applied.argument);
  }
  if (shown === '') return;
  const source = actor?.prefix ?? network.options.name;
  channel.send(`:${source} MODE ${[channel.name, shown, ...shownArguments].join(' ')}`);
}

function takesArgument(letter: string, isSet: boolean): boolean {
  return letter in PREFIX_OF_MODE || letter === 'b' || letter === 'k' || (letter === 'l' && isSet);
}

/** What really changed, undefined if nothing did; refusals are sent to the actor. */
function applyMode(
  network: IrcNetwork,
  channel: IrcChannel,
  actor: IrcConnection | undefined,
  change: ModeChange,
): Applied {
  const refuse: Refuse = (code, ...params) => {
    if (actor !== undefined) network.refuse(actor, code, ...params);
    return undefined;
  };
  const { letter, argument, isSet } = change;
  if (!KNOWN_MODES.has(letter)) return refuse(472, letter);
  if (letter === 'b' && argument === undefined) {
    sendBans(network, channel, actor);
    return undefined;
  }
  if (!mayChange(channel, actor, letter)) return refuse(482, channel.name);
  const needsArgument = takesArgument(letter, isSet) && !(letter === 'k' && !isSet);
  if (needsArgument && !argument) {
    return refuse(696, channel.name, letter, '*');
  }
  if (letter === 'b') return applyBan(channel, actor?.prefix ?? network.options.name, change);
  if (letter === 'k') return applyKey(channel, change);
  if (letter === 'l') return applyLimit(channel, change);
  if (!(letter in PREFIX_OF_MODE)) return applyTo(channel.flags, change);
  return applyToMember(network, channel, change, { actor, refuse });
}

function applyToMember(
  network: IrcNetwork,
  channel: IrcChannel,
  { letter, isSet, argument: nick = '' }: ModeChange,
  { actor, refuse }: { readonly actor: IrcConnection | undefined; readonly refuse: Refuse },
): Applied {
  const member = network.user(nick);
  if (member === undefined) return refuse(401, nick);
  const modes = channel.members.get(member);
  if (modes === undefined) return refuse(441, nick, channel.name);
  // Nobody lowers someone above himself.
  const isAbove = actor !== undefined && channel.rankOf(member) > channel.rankOf(actor);
  if (!isSet && isAbove) return refuse(482, channel.name);
  return applyTo(modes, { isSet, letter, argument: member.nick });
}

function mayChange(channel: IrcChannel, actor: IrcConnection | undefined, letter: string): boolean {
  if (actor === undefined) return true;
  const rank = channel.rankOf(actor);
  if (letter === 'q' || letter === 'a') return rank >= RANK.founder;
  if (letter === 'o' || letter === 'h') return rank >= RANK.op;
  return rank >= Math.max(RANK.halfop, rankOfMode(letter));
}

function applyTo(modes: Set<string>, { isSet, letter, argument }: ModeChange): Applied {
  if (modes.has(letter) === isSet) return undefined;
  if (isSet) modes.add(letter);
  else modes.delete(letter);
  return { letter, argument };
}

function applyBan(
  channel: IrcChannel,
  setBy: string,
  { isSet, letter, argument = '' }: ModeChange,
): Applied {
  const mask = completeMask(argument);
  const others = channel.bans.filter((ban) => foldCase(ban.mask) !== foldCase(mask));
  if (others.length < channel.bans.length === isSet) return undefined;
  channel.bans = isSet ? [...others, { mask, setBy, atSeconds: nowSeconds() }] : others;
  return { letter, argument: mask };
}

/** The key to remove need not be told right: real servers differ, and most take any. */
function applyKey(channel: IrcChannel, { isSet, letter, argument }: ModeChange): Applied {
  if (!isSet && channel.key === undefined) return undefined;
  const key = isSet ? argument?.replace(/[ ,:]/g, '') : undefined;
  if (isSet && (key === undefined || key === '')) return undefined;
  channel.key = key;
  return { letter, argument: key ?? '*' };
}

function applyLimit(channel: IrcChannel, { isSet, letter, argument }: ModeChange): Applied {
  const limit = isSet ? Number.parseInt(argument ?? '', 10) : undefined;
  if (limit === channel.limit) return undefined;
  if (limit !== undefined && !(limit > 0)) return undefined;
  channel.limit = limit;
  return { letter, argument: limit === undefined ? undefined : String(limit) };
}

function sendBans(
  network: IrcNetwork,
  channel: IrcChannel,
  reader: IrcConnection | undefined,
): void {
  if (reader === undefined) return;
  for (const { mask, setBy, atSeconds } of channel.bans) {
    network.reply(reader, 367, channel.name, mask, setBy, String(atSeconds));
  }
  network.reply(reader, 368, channel.name, 'End of channel ban list');
}

function userMode(
  network: IrcNetwork,
  client: IrcConnection,
  nick: string,
  [letters]: readonly string[],
): void {
  const owner = network.user(nick);
  if (owner === undefined) return network.refuse(client, 401, nick);
  if (owner !== client) return network.refuse(client, 502);
  if (letters === undefined)
    return network.reply(client, 221, `+${[...client.userModes].join('')}`);
  let isSet = true;
  let shown = '';
  for (const letter of letters) {
    if (letter === '+' || letter === '-') isSet = letter === '+';
    else if (!USER_FLAGS.includes(letter)) network.refuse(client, 501);
    else if (applyTo(client.userModes, { isSet, letter, argument: undefined }) !== undefined) {
      shown += `${isSet ? '+' : '-'}${letter}`;
    }
  }
  if (shown !== '') client.send(`:${client.prefix} MODE ${client.nick} :${shown}`);
}
