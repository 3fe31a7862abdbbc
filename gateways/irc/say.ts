import { NetworkError } from '../../src/plugin/index.ts';
import type { Address, Outgoing, Sent } from '../../src/plugin/index.ts';
import { compose } from './compose.ts';
import { formatTags } from './irc-message.ts';
import { isNick } from './names.ts';
import type { Sender } from './sender.ts';
import type { ServerLink } from './server-link.ts';

/** Sends a message of the user to a channel or a nick; to a server, a line as she typed it. @throws NetworkError */
export function say(
  link: ServerLink,
  sender: Sender,
  to: Address,
  message: Outgoing,
): Promise<Sent> | Sent {
  if (to.kind === 'network') return link.raw(message.text).then(() => ({ ids: [] }));
  const target = link.targetOf(to);
  if (to.kind === 'contact' && !isNick(target)) {
    throw new NetworkError('not-found', link.troubles.mask);
  }
  const hasReplyTag = message.reply?.id !== undefined && link.hasTag('draft/reply');
  const lines = compose(message, {
    target,
    isChannel: to.kind === 'room',
    sourceBytes: Buffer.byteLength(link.nick) + sender.maskBytes,
    lineBytes: link.features.lineBytes,
    hasReplyTag,
  });
  if (hasReplyTag) {
    lines[0] = formatTags({ '+draft/reply': message.reply?.id ?? '' }) + (lines[0] ?? '');
  }
  return sender.message({ to, key: message.key, lane: link.fold(target), lines });
}
