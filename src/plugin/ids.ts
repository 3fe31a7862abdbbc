declare const brand: unique symbol;
type Branded<Kind extends string> = string & { readonly [brand]: Kind };

/** A person on the network: a nick with its server, a mailbox, a phone number. Unique within one gateway. */
export type ContactId = Branded<'contact'>;
/** A place where several people talk: a channel, a mailing list, a group. Unique within one gateway. */
export type RoomId = Branded<'room'>;
/** One of several networks behind one gateway, an IRC server for instance. */
export type NetworkId = Branded<'network'>;
/** A message as the network, or the gateway on its behalf, names it. Unique within its chat. */
export type MessageId = Branded<'message'>;

/** Brands a string that the gateway has minted; nobody else calls these. */
export const contactId = (text: string): ContactId => text as ContactId;
export const roomId = (text: string): RoomId => text as RoomId;
export const networkId = (text: string): NetworkId => text as NetworkId;
export const messageId = (text: string): MessageId => text as MessageId;
