import { messageId } from '../../src/plugin/index.ts';
import type {
  Address,
  ContactId,
  NetworkId,
  Outgoing,
  RoomId,
  Session,
  SessionFeature,
} from '../../src/plugin/index.ts';

/** What the methods of a session are tried with. */
export interface Things {
  readonly chat: Address;
  readonly contact: ContactId;
  readonly room: RoomId;
  readonly network: NetworkId | undefined;
  readonly message: Outgoing;
}

const ID = messageId('no-such-message');

type Attempt = (session: Session, things: Things) => Promise<unknown> | undefined;

/** Every optional method, with arguments that make sense; `undefined` where the session has none. */
export const ATTEMPTS: Readonly<Record<SessionFeature, Attempt>> = {
  edit: (session, { chat, message }) => session.edit?.(chat, ID, message),
  retract: (session, { chat }) => session.retract?.(chat, ID, { asModerator: false }),
  react: (session, { chat }) => session.react?.(chat, ID, ['👍']),
  mark: (session, { chat }) => session.mark?.(chat, ID),
  typing: (session, { chat }) => session.typing?.(chat, 'typing'),
  presence: (session) => session.presence?.('away', 'Out'),
  changeContact: (session, { contact }) => session.changeContact?.(contact, 'add'),
  watch: (session, { contact }) => session.watch?.(contact, true),
  lookup: (session, { contact }) => session.lookup?.(contact),
  rooms: (session, { network }) => session.rooms?.(network, {}),
  join: (session, { room }) => session.join?.(room, { nick: 'somebody' }),
  rename: (session, { room }) => session.rename?.(room, 'another'),
  setSubject: (session, { room }) => session.setSubject?.(room, 'Subject'),
  moderate: (session, { room }) => session.moderate?.(room, { kind: 'kick', nick: 'nobody' }),
  exclusions: (session, { room }) => session.exclusions?.(room),
  invite: (session, { room, contact }) => session.invite?.(room, contact),
  leave: (session, { room }) => session.leave?.(room),
};
