import { NetworkError } from '../../src/plugin/index.ts';
import type { Address, Outgoing, Sent } from '../../src/plugin/index.ts';
import { compose, roomOf, wholeText } from './compose.ts';
import type { Frame } from './compose.ts';
import { formatTags } from './irc-message.ts';
import { composeMultiline } from './multiline.ts';
import { isModule, isNick } from './names.ts';
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
  if (to.kind === 'contact' && !isNick(target) && !isModule(target)) {
    throw new NetworkError('not-found', link.troubles.mask);
  }
  const hasReplyTag = message.reply?.id !== undefined && link.hasTag('draft/reply');
  const frame: Frame = {
    target,
    isChannel: to.kind === 'room',
    sourceBytes: Buffer.byteLength(link.nick) + sender.maskBytes,
    lineBytes: link.features.lineBytes,
    hasReplyTag,
  };
  let lines = compose(message, frame);
  const blocks = lines.length > 1 ? blocksOf(link, message, frame) : undefined;
  if (blocks !== undefined) lines = blocks;
  if (hasReplyTag) {
    lines[0] = formatTags({ '+draft/reply': message.reply?.id ?? '' }) + (lines[0] ?? '');
  }
  const contents = { to, key: message.key, lane: link.fold(target), lines };
  return sender.message(blocks === undefined ? contents : { ...contents, isMultiline: true });
}

/** The same as one message, where the server takes several lines as one; an action is a single line in any case. */
function blocksOf(link: ServerLink, message: Outgoing, frame: Frame): string[] | undefined {
  const { multiline: limits, capabilities } = link;
  if (limits === undefined || !capabilities.has('draft/multiline')) return undefined;
  if (!capabilities.has('batch') || message.text.startsWith('/me ')) return undefined;
  const { target } = frame;
  return composeMultiline(wholeText(message, frame), { target, roomBytes: roomOf(frame), limits });
}
