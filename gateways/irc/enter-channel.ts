import { NetworkError } from '../../src/plugin/index.ts';
import type { Channel } from './channel.ts';
import { toNetworkError } from './register.ts';
import type { ServerLink } from './server-link.ts';

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
    channel.phase !== 'in' && link.sender === sender && link.find(channel.room) === channel;
  try {
    sender?.written('JOIN', channel.name, ...key).then(
      () => isWaiting() && limitEntry(link, channel, timeoutMs),
      // What is to be done when the connection is lost is done elsewhere.
      () => undefined,
    );
  } catch (error) {
    link.refuseEntry(channel, toNetworkError(error, link.language));
  }
}

/** The channel has so long to let the user in. */
export function limitEntry(link: ServerLink, channel: Channel, timeoutMs: number): void {
  channel.timer = setTimeout(
    () => link.refuseEntry(channel, new NetworkError('unreachable', link.troubles.channelSilent)),
    timeoutMs,
  );
}
