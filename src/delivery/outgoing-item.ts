import type { Address, Language, Outgoing } from '../plugin/index.ts';
import { addressOf, chatOf } from './chat-name.ts';
import type { Files } from './files.ts';

/** A message of a user as it is kept in the outbox. */
export interface OutgoingItem {
  readonly to: Address;
  readonly message: Omit<Outgoing, 'attempt'>;
  /** The stanza that it came in, as far as an answer needs it. */
  readonly stanza: StanzaHead;
  readonly isMarkable: boolean;
}

export interface StanzaHead {
  readonly from: string;
  readonly to: string;
  readonly id: string | undefined;
  readonly type: string;
}

/** The outbox keeps text. */
export function encodeItem({ to, message, stanza, isMarkable }: OutgoingItem): string {
  const { at, files, ...rest } = message;
  return JSON.stringify({
    to: chatOf(to),
    message: {
      ...rest,
      at: at.getTime(),
      files: files?.map(({ name, type, sizeBytes, url }) => ({ name, type, sizeBytes, url })),
    },
    stanza,
    isMarkable,
  });
}

type Kept = Omit<OutgoingItem, 'to' | 'message'> & {
  readonly to: string;
  readonly message: Omit<OutgoingItem['message'], 'at' | 'files'> & {
    readonly at: number;
    readonly files?: readonly { name: string; type: string; sizeBytes?: number; url?: string }[];
  };
};

/** @param text was written by {@link encodeItem}, and came through the encryption unchanged */
export function decodeItem(text: string, files: Files, language: Language = 'en'): OutgoingItem {
  const { to, message, stanza, isMarkable } = JSON.parse(text) as Kept;
  const { at, files: kept, ...rest } = message;
  return {
    to: addressOf(to),
    message: {
      ...rest,
      at: new Date(at),
      ...(kept === undefined ? {} : { files: kept.map((file) => files.fromUser(file, language)) }),
    },
    stanza,
    isMarkable,
  };
}

/** What is kept of a message once the network has it: enough for answers and receipts to find it. */
export function shortened(item: OutgoingItem, beginning: string): OutgoingItem {
  const { key, at, asksReceipt } = item.message;
  return { ...item, message: { key, at, asksReceipt, text: beginning } };
}
