/** Everything that the author of a gateway needs. A gateway imports this and its own folder, nothing else of ours. */
export type { Address, AddressBook } from './address.ts';
export type {
  Event,
  FailedEvent,
  JoinedEvent,
  LeftEvent,
  MessageEvent,
  NetworkEvent,
  NoticeEvent,
  RankedEvent,
  RenamedEvent,
  RoomEvent,
  RoomLostEvent,
  RoomMessageEvent,
  SubjectEvent,
} from './event.ts';
export type {
  Gateway,
  GatewayContext,
  GatewayPlugin,
  Host,
  Session,
  SessionFeature,
} from './gateway.ts';
export { contactId, messageId, networkId, roomId } from './ids.ts';
export type { ContactId, MessageId, NetworkId, RoomId } from './ids.ts';
export type { Outgoing, Sent } from './message.ts';
export { NetworkError } from './network-error.ts';
export type { NetworkErrorKind } from './network-error.ts';
export type { Departure, Member, Moderation, Rank, RoomState, Subject } from './room.ts';
export type { Account, Answers, Field, SignIn, Step } from './sign-in.ts';
