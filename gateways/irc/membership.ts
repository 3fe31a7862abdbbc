import { NetworkError } from '../../src/plugin/index.ts';
import type { RoomId, RoomState } from '../../src/plugin/index.ts';
import { placeOf } from './address.ts';
import { Channel } from './channel.ts';
import { deferred } from './deferred.ts';
import { cutBytes } from './encode-line.ts';
import { toNetworkError } from './register.ts';
import type { ServerLink } from './server-link.ts';

/** How the user comes into channels, and goes. */
export async function enter(
  link: ServerLink,
  room: RoomId,
  key: string | undefined,
): Promise<RoomState> {
  const { name } = placeOf(room);
  const known = link.channels.named(name);
  if (known !== undefined && known.room !== room) {
    throw new NetworkError('elsewhere', link.troubles.enteredAs(known.room), {
      address: { kind: 'room', id: known.room },
    });
  }
  if (known?.phase === 'in') return known.state(link.nick);
  if (known?.entry !== undefined) return known.entry.promise;
  const channel = new Channel(room, name, key, link.context.crowd);
  link.channels.add(channel);
  const entry = (channel.entry = deferred<RoomState>());
  limitEntry(link, channel, link.context.timings.joinTimeoutMs);
  try {
    await link.uplink.connected();
    if (link.channels.has(channel) && !channel.isJoinSent) askToEnter(link, channel);
  } catch (error) {
    refuseEntry(link, channel, toNetworkError(error, link.language));
  }
  return entry.promise;
}

/** Comes back into a channel that the user was in before the gateway was started, however long it takes. */
export function restore(link: ServerLink, room: RoomId, key: string | undefined): void {
  const { name } = placeOf(room);
  if (link.channels.named(name) !== undefined) return;
  const channel = new Channel(room, name, key, link.context.crowd);
  channel.phase = 'lost';
  channel.isKept = true;
  link.channels.add(channel);
  link.uplink.connected().catch(() => undefined);
}

/** Sends the JOIN. The server's time begins when it is asked: of many channels, the last have to wait for their turn. */
export function askToEnter(link: ServerLink, channel: Channel): void {
  const key = channel.key === undefined || channel.key === '' ? [] : [channel.key];
  const { joinTimeoutMs, rejoinTimeoutMs } = link.context.timings;
  const timeoutMs = channel.entry === undefined ? rejoinTimeoutMs : joinTimeoutMs;
  clearTimeout(channel.timer);
  channel.phase = 'asked';
  channel.isJoinSent = true;
  const { sender } = link;
  const isWaiting = (): boolean =>
    channel.phase !== 'in' && link.sender === sender && link.channels.has(channel);
  try {
    sender?.written('JOIN', channel.name, ...key).then(
      () => isWaiting() && limitEntry(link, channel, timeoutMs),
      // What is to be done when the connection is lost is done elsewhere.
      () => undefined,
    );
  } catch (error) {
    refuseEntry(link, channel, toNetworkError(error, link.language));
  }
}

/** Nobody could let the user in just now, as when a bouncer has no connection: she keeps on coming back. */
export function askAgain(link: ServerLink, channel: Channel): void {
  clearTimeout(channel.timer);
  channel.isJoinSent = false;
  channel.timer = setTimeout(() => {
    if (link.channels.has(channel)) askToEnter(link, channel);
  }, link.context.timings.rejoinTimeoutMs);
}

/** The channel has so long to let the user in. */
function limitEntry(link: ServerLink, channel: Channel, timeoutMs: number): void {
  const error = (): NetworkError => new NetworkError('unreachable', link.troubles.channelSilent);
  channel.timer = setTimeout(() => refuseEntry(link, channel, error()), timeoutMs);
}

/** The server, or time, says that we do not get in. */
export function refuseEntry(link: ServerLink, channel: Channel, error: NetworkError): void {
  if (channel.phase === 'in' || !link.channels.has(channel)) return;
  const { entry } = channel;
  link.forget(channel);
  if (entry !== undefined) entry.reject(error);
  else link.emit({ kind: 'room-lost', room: channel.room, returning: false, error });
}

/** The channel is no other than one that stays. */
export function dropDouble(link: ServerLink, channel: Channel): void {
  clearTimeout(channel.timer);
  channel.forget();
  const { room, entry } = channel;
  const address = { kind: 'room', id: link.roomOf(channel.name) } as const;
  const error = new NetworkError('elsewhere', link.troubles.enteredAs(address.id), { address });
  if (entry !== undefined) entry.reject(error);
  else link.emit({ kind: 'room-lost', room, returning: false, error });
}

export function leave(link: ServerLink, room: RoomId, reason: string | undefined): void {
  const channel = link.channels.at(room);
  if (channel === undefined) return;
  link.forget(channel);
  channel.entry?.reject(new NetworkError('not-joined', link.troubles.leftChannel));
  if (!channel.isJoinSent && channel.phase !== 'in' && channel.phase !== 'entering') return;
  if (link.sender === undefined) return;
  link.channels.leaving(channel);
  link.sender.command('PART', channel.name, cutBytes(reason ?? '', link.features.kickBytes));
}
