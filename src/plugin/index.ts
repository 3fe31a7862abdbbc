/** Everything that the author of a gateway needs. A gateway imports this and its own folder, nothing else of ours. */
export type { Address, AddressBook } from './address.ts';
export type { CommandRequest, CommandResult, Fact, GatewayCommand } from './command.ts';
export type { Avatar, Contact, ContactCard, Show } from './contact.ts';
export type {
  ContactAsksEvent,
  ContactEvent,
  ContactListEvent,
  ContactRemovedEvent,
  Event,
  FailedEvent,
  InvitedEvent,
  JoinedEvent,
  LeftEvent,
  MemberEvent,
  MessageEvent,
  NetworkEvent,
  NoticeEvent,
  ReactionEvent,
  ReceiptEvent,
  RenamedEvent,
  RetractedEvent,
  RoomEvent,
  RoomLostEvent,
  RoomMessageEvent,
  SeenEvent,
  SubjectEvent,
  TraitsEvent,
  TypingEvent,
  TypingState,
} from './event.ts';
export type { Examination, Finding } from './finding.ts';
export type {
  DataPolicy,
  Gateway,
  GatewayContext,
  GatewayFeature,
  GatewayPlugin,
  Host,
  Session,
  SessionFeature,
} from './gateway.ts';
export { contactId, messageId, networkId, roomId } from './ids.ts';
export type { ContactId, MessageId, NetworkId, RoomId } from './ids.ts';
export { catalogue } from './language.ts';
export type { Language } from './language.ts';
export type { Memory } from './memory.ts';
export type { Content, File, Outgoing, Recipient, Reply, Sent, Style } from './message.ts';
export { NetworkError } from './network-error.ts';
export type { NetworkErrorKind } from './network-error.ts';
export type {
  Departure,
  Exclusion,
  Member,
  Moderation,
  Rank,
  RoomListing,
  RoomState,
  RoomTrait,
  Subject,
} from './room.ts';
export { isPublicAddress } from './public-address.ts';
export type { Account, Answers, Field, SignIn, Step } from './sign-in.ts';
export { Unregistered } from './unregistered.ts';
