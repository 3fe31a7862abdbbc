import { NetworkError } from '../../src/plugin/index.ts';
import type { Address, MessageId, TypingState } from '../../src/plugin/index.ts';
import { cutBytes, encodeLine } from './encode-line.ts';
import { formatTags } from './irc-message.ts';
import type { ServerLink } from './server-link.ts';

const TYPING_TAGS: Readonly<Record<TypingState, string>> = {
  typing: 'active',
  paused: 'paused',
  done: 'done',
};

/** IRCv3 +typing. Nobody waits for it: where it cannot be told, it is not. */
export function typing(link: ServerLink, to: Address, state: TypingState): void {
  const { sender } = link;
  if (to.kind === 'network' || sender === undefined || !link.hasTag('typing')) return;
  sender.aside(formatTags({ '+typing': TYPING_TAGS[state] }) + tagMessage(link, to));
}

/** +draft/react: what is new is added, what is gone is taken away. @throws NetworkError unsupported */
export function react(
  link: ServerLink,
  to: Address,
  id: MessageId,
  emoji: readonly string[],
): void {
  const sender = link.uplink.senderNow();
  if (!link.hasTag('draft/react')) {
    throw new NetworkError('unsupported', link.troubles.noReactions);
  }
  const place = `${to.id} ${id} ${link.fold(link.nick)}`;
  const before = link.reactions.get(place);
  const changes = [
    ...emoji.filter((one) => !before.includes(one)).map((one) => ['+draft/react', one] as const),
    ...before.filter((one) => !emoji.includes(one)).map((one) => ['+draft/unreact', one] as const),
  ];
  for (const [tag, one] of changes) {
    sender.line(formatTags({ [tag]: one, '+draft/reply': id }) + tagMessage(link, to));
  }
  link.reactions.set(place, emoji);
}

const tagMessage = (link: ServerLink, to: Address): string => {
  const line = encodeLine(link.language, 'TAGMSG', link.targetOf(to));
  return line.replace(' :', ' ');
};

/** draft/message-redaction. @throws NetworkError unsupported, refused, not-found */
export async function retract(
  link: ServerLink,
  to: Address,
  id: MessageId,
  reason: string | undefined,
): Promise<void> {
  if (!link.capabilities.has('draft/message-redaction')) {
    throw new NetworkError('unsupported', link.troubles.noRetraction);
  }
  const sender = link.uplink.senderNow();
  const target = link.targetOf(to);
  await link.answers.wait(
    'REDACT',
    [link.fold(target), link.fold(id)],
    link.context.timings.answerTimeoutMs,
    ({ command, params }) => command === 'REDACT' && params[1] === id,
    sender.written('REDACT', target, id, cutBytes(reason ?? '', link.features.kickBytes)),
  );
}
