import { createHash } from 'node:crypto';
import { dialled } from '../party.ts';
import type { TextOut } from '../provider.ts';
import type { Encoding } from '../segments.ts';

const CODING: Readonly<Record<Encoding, string>> = {
  gsm7: 'Default_No_Compression',
  ucs2: 'Unicode_No_Compression',
};
const UNITS_IN_LINE = 50;

/**
 * A text in Gammu's backup format (its manual, "SMS Backup Format"), one section for each part: the daemon sends such
 * files as they are, while it decides itself how to encode and where to cut plain ones.
 */
export function smsBackup(text: TextOut): string {
  // The same at every try.
  const reference = createHash('sha256').update(text.key).digest('hex').slice(0, 2);
  return text.parts
    .map((part, index) => section(text, part, index, reference))
    .join('\n')
    .concat('\n');
}

function section(
  { to, encoding, parts, asksReceipt }: TextOut,
  part: string,
  index: number,
  reference: string,
): string {
  const units = Buffer.from(part, 'utf16le').swap16().toString('hex').toUpperCase();
  const lines = units.match(new RegExp(`.{1,${UNITS_IN_LINE * 4}}`, 'g')) ?? [''];
  const header = `050003${reference}${hex(parts.length)}${hex(index + 1)}`.toUpperCase();
  return [
    `[SMSBackup${String(index).padStart(3, '0')}]`,
    `PDU = ${asksReceipt ? 'Status_Report' : 'Submit'}`,
    'State = UnSent',
    `Number = "${dialled(to)}"`,
    ...(parts.length > 1 ? [`UDH = ${header}`] : []),
    ...lines.map((line, number) => `Text${String(number).padStart(2, '0')} = ${line}`),
    `Coding = ${CODING[encoding]}`,
    'Folder = 1',
    `Length = ${part.length}`,
    'Class = -1',
    'ReplySMSC = False',
    'RejectDuplicates = False',
    'ReplaceMessage = 0',
    'MessageReference = 0',
    '',
  ].join('\n');
}

const hex = (number: number): string => number.toString(16).padStart(2, '0');
