import type { ProviderTrouble } from '../provider-error.ts';
import type { FailureReason } from '../provider.ts';
import type { TextState } from '../text-state.ts';

/** SMPP 3.4 §5.1.3: what the SMSC says to a submit_sm. */
const STATUSES: Readonly<Record<number, readonly [string, FailureReason | ProviderTrouble]>> = {
  0x01: ['ESME_RINVMSGLEN', 'too-large'],
  0x04: ['ESME_RINVBNDSTS', 'down'],
  0x05: ['ESME_RALYBND', 'down'],
  0x08: ['ESME_RSYSERR', 'busy'],
  0x0a: ['ESME_RINVSRCADR', 'bad-sender'],
  0x0b: ['ESME_RINVDSTADR', 'bad-number'],
  0x0d: ['ESME_RBINDFAIL', 'refuses'],
  0x0e: ['ESME_RINVPASWD', 'refuses'],
  0x0f: ['ESME_RINVSYSID', 'refuses'],
  0x14: ['ESME_RMSGQFUL', 'busy'],
  0x45: ['ESME_RSUBMITFAIL', 'unknown'],
  0x48: ['ESME_RINVSRCTON', 'bad-sender'],
  0x49: ['ESME_RINVSRCNPI', 'bad-sender'],
  0x50: ['ESME_RINVDSTTON', 'bad-number'],
  0x51: ['ESME_RINVDSTNPI', 'bad-number'],
  0x58: ['ESME_RTHROTTLED', 'busy'],
  0x61: ['ESME_RINVSCHED', 'unknown'],
  0x62: ['ESME_RINVEXPIRY', 'unknown'],
  0x64: ['ESME_RX_T_APPN', 'busy'],
  0x65: ['ESME_RX_P_APPN', 'unknown'],
  0x66: ['ESME_RX_R_APPN', 'blocked'],
};

export const OK = 0x00;
export const ALREADY_BOUND = 0x05;
/** For deliver_sm: try again later; and never. */
export const RX_TEMPORARY = 0x64;
export const RX_REJECTED = 0x66;

export function statusOf(code: number): readonly [string, FailureReason | ProviderTrouble] {
  return STATUSES[code] ?? [`0x${code.toString(16).padStart(8, '0')}`, 'unknown'];
}

/** Appendix B: `stat` of a delivery receipt. */
const STATS: Readonly<Record<string, readonly [TextState, FailureReason?]>> = {
  ENROUTE: ['sent'],
  ACCEPTD: ['sent'],
  DELIVRD: ['delivered'],
  EXPIRED: ['failed', 'expired'],
  DELETED: ['failed', 'unknown'],
  UNDELIV: ['failed', 'absent'],
  REJECTD: ['failed', 'blocked'],
  UNKNOWN: ['queued'],
};

/** §5.2.28: message_state. */
const STATE_NAMES = [
  undefined,
  'ENROUTE',
  'DELIVRD',
  'EXPIRED',
  'DELETED',
  'UNDELIV',
  'ACCEPTD',
  'UNKNOWN',
  'REJECTD',
] as const;

export interface Receipt {
  readonly id: string;
  readonly state: TextState;
  readonly reason: FailureReason;
  readonly stat: string;
  readonly error: string;
  /** Whom it names as its sender and recipient. */
  readonly addresses: readonly string[];
}

export interface ReceiptFields {
  readonly receipted_message_id?: string | undefined;
  readonly message_state?: number | undefined;
  readonly source_addr?: string | undefined;
  readonly destination_addr?: string | undefined;
}

/** A delivery receipt: its fields if they are there, else its text, whose form is a custom and no rule. */
export function readReceipt(text: string, fields: ReceiptFields): Receipt | undefined {
  const [id = ''] = [fields.receipted_message_id, /\bid:\s*([^\s]+)/i.exec(text)?.[1]]
    .map((one) => one?.replaceAll('\u0000', ''))
    .filter((one) => one !== undefined && one !== '');
  const stat =
    STATE_NAMES[fields.message_state ?? 0] ?? /\bstat:\s*([A-Z]+)/i.exec(text)?.[1]?.toUpperCase();
  if (id === '' || stat === undefined) return undefined;
  const [state, reason = 'unknown'] = STATS[stat] ?? ['queued'];
  const error = /\berr:\s*(\w+)/i.exec(text)?.[1] ?? '';
  const { source_addr = '', destination_addr = '' } = fields;
  const addresses = [source_addr, destination_addr].filter((one) => one !== '');
  return { id, state, reason, stat, error, addresses };
}

/**
 * One system writes the id in hexadecimal when it takes a text, and in decimal in the receipt; another the other way, or
 * with zeros before it.
 */
export function idForms(id: string): readonly string[] {
  const forms = [id];
  if (/^\d{1,19}$/.test(id)) forms.push(BigInt(id).toString(16));
  if (/^[\da-f]{1,16}$/i.test(id)) forms.push(BigInt(`0x${id}`).toString(10));
  const bare = forms.map((form) => form.replace(/^0+(?=.)/, ''));
  const all = [
    ...forms,
    ...bare,
    ...bare.flatMap((form) => PADDED.map((length) => form.padStart(length, '0'))),
  ];
  return [...new Set(all.flatMap((form) => [form, form.toLowerCase(), form.toUpperCase()]))];
}

const PADDED = [8, 10];
