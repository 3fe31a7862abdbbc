import { contactId, messageId, NetworkError, roomId } from '../../src/plugin/index.ts';
import type { Event, NetworkErrorKind } from '../../src/plugin/index.ts';
import type { LoopbackNetwork } from '../loopback/index.ts';
import type { Method } from '../loopback/calls.ts';
import type { Random } from './random.ts';
import { someText } from './stanza-shapes.ts';

const KINDS: readonly NetworkErrorKind[] = [
  'credentials',
  'unreachable',
  'not-found',
  'absent',
  'refused',
  'not-allowed',
  'key',
  'members-only',
  'full',
  'conflict',
  'invalid',
  'too-large',
  'too-fast',
  'unsupported',
  'not-joined',
];
const METHODS: readonly Method[] =
  'send edit retract react mark typing lookup rooms join leave rename setSubject moderate run signIn presence changeContact'.split(
    ' ',
  ) as Method[];
const PEOPLE = ['romeo', 'juliet', 'nurse', 'alice', 'Ghost'];
const ROOMS = ['#garden', '#tomb', '#crater%moon'];

/** The network does something by itself, or refuses the next thing that it is asked for. */
export function someDeed(random: Random, network: LoopbackNetwork): void {
  const room = network.room(random.pick(ROOMS));
  const nick = random.pick(PEOPLE);
  const deeds: readonly (() => void)[] = [
    () => network.join(room.id, nick),
    () => void network.say(room.id, nick, text(random)),
    () => void network.say(room.id, undefined, text(random)),
    () => room.setSubject(text(random), nick),
    () => room.rename(nick, random.pick(PEOPLE)),
    () => room.remove(nick, random.pick(['left', 'quit', 'kicked', 'banned', 'lost'])),
    () => room.setTraits(random.some(3, () => random.pick(['moderated', 'hidden', 'persistent']))),
    () =>
      network.refuseNext(
        random.pick(METHODS),
        new NetworkError(random.pick(KINDS), text(random).slice(0, 100)),
      ),
    () => tellSomebody(random, network),
    () => tellSomebody(random, network),
    () => tellSomebody(random, network),
  ];
  try {
    random.pick(deeds)();
  } catch {
    // Somebody has come twice, or was not there: networks have rules, too.
  }
}

const text = (random: Random): string => someText(random) || 'x';

function tellSomebody(random: Random, network: LoopbackNetwork): void {
  const receivers = [...network.receivers()];
  if (receivers.length === 0) return;
  const receiver = random.pick(receivers);
  if (random.chance(0.02)) {
    receiver.drop(new NetworkError('unreachable', 'Gone.'));
    return;
  }
  receiver.tell(someEvent(random, network));
}

function someEvent(random: Random, network: LoopbackNetwork): Event {
  const ids = [...network.messages.keys()].slice(-50);
  const id = ids.length === 0 ? messageId('none') : random.pick(ids);
  const room = roomId(random.pick(ROOMS));
  const nick = random.pick(PEOPLE);
  const contact = contactId(random.pick(['romeo', 'juliet', 'romeo%moon', 'nurse']));
  const chat = random.chance(0.5)
    ? ({ kind: 'room', id: room } as const)
    : ({ kind: 'contact', id: contact } as const);
  const styles = [{ kind: 'bold', from: random.below(9), to: random.below(30) }] as const;
  const show = random.pick(['online', 'away', 'dnd', 'offline'] as const);
  const events: readonly (() => Event)[] = [
    () => ({ kind: 'message', from: contact, text: text(random), id, styles }),
    () => ({ kind: 'message', from: contact, text: text(random), isOwn: true, replaces: id }),
    () => ({
      kind: 'message',
      from: contact,
      text: text(random),
      reply: { id, quote: text(random) },
    }),
    () => ({ kind: 'room-message', room, nick, text: text(random), id, replaces: id }),
    () => ({ kind: 'room-message', room, nick, text: text(random), reply: { id, nick } }),
    () => ({ kind: 'receipt', to: chat, id, state: random.pick(['delivered', 'displayed']), nick }),
    () => ({ kind: 'retracted', chat, id, nick, isModeration: random.chance(0.3) }),
    () => ({ kind: 'reaction', chat, id, nick, emoji: random.some(3, () => '👍') }),
    () => ({ kind: 'typing', chat, nick, state: random.pick(['typing', 'paused', 'done']) }),
    () => ({ kind: 'contact', contact: { id: contact, show, name: text(random).slice(0, 50) } }),
    () => ({
      kind: 'contact-list',
      contacts: [{ id: contact, show }],
      isComplete: random.chance(0.5),
    }),
    () => ({ kind: 'contact-removed', contact }),
    () => ({ kind: 'contact-asks', contact, text: text(random) }),
    () => ({ kind: 'joined', room, member: { nick, rank: 'member', contact } }),
    () => ({ kind: 'left', room, nick, how: 'quit', reason: text(random) }),
    () => ({ kind: 'renamed', room, nick, member: { nick: random.pick(PEOPLE), rank: 'visitor' } }),
    () => ({ kind: 'subject', room, subject: { text: text(random), by: nick } }),
    () => ({ kind: 'room', room, state: { nick, members: [{ nick, rank: 'owner' }] } }),
    () => ({
      kind: 'room-lost',
      room,
      returning: random.chance(0.5),
      error: new NetworkError(random.pick(KINDS), 'Lost.'),
    }),
    () => ({ kind: 'invited', room, by: contact, reason: text(random) }),
    () => ({ kind: 'notice', text: text(random) }),
  ];
  return random.pick(events)();
}
