/** What a report says of one recipient (RFC 3464 §2.3, RFC 6533 §3). */
export interface Outcome {
  readonly action: 'failed' | 'delayed' | 'delivered' | 'relayed' | 'expanded';
  /** The recipient, as the report has it. */
  readonly recipient: string | undefined;
  /** "5.1.1" */
  readonly status: string | undefined;
  /** What the other server said, one line. */
  readonly diagnostic: string | undefined;
}

export interface Report {
  readonly outcomes: readonly Outcome[];
  /** The Message-ID of the mail it is about, without brackets. */
  readonly messageId: string | undefined;
  /** What the sender had called the envelope (RFC 3461 §4.4). */
  readonly envelopeId: string | undefined;
}

const ACTIONS: readonly Outcome['action'][] = [
  'failed',
  'delayed',
  'delivered',
  'relayed',
  'expanded',
];

/** Reads the parts of a report: the delivery status, and what is given back of the mail. */
export function readReport(status: string, returned: string | undefined): Report | undefined {
  const [first, ...others] = groupsOf(status);
  if (first === undefined) return undefined;
  // Some servers leave out the blank line between what is about the mail and the first recipient.
  const groups = first.has('action') ? [first, ...others] : others;
  const outcomes = groups.flatMap((group) => outcomeOf(group));
  if (outcomes.length === 0) return undefined;
  return {
    outcomes,
    messageId: messageIdIn(returned ?? ''),
    envelopeId: first.get('original-envelope-id'),
  };
}

/** A bounce that is no report: "X-Failed-Recipients" of Exim, or a mailer daemon that gives the mail back as text. */
export function guessReport(failed: string | undefined, text: string): Report | undefined {
  const messageId = messageIdIn(text);
  if (messageId === undefined) return undefined;
  const recipients = (failed ?? '').split(',').map((part) => part.trim());
  const diagnostic = /^.*\b[45]\d\d[ -].*$/m.exec(text)?.[0].trim().slice(0, 300);
  const outcomes = recipients.map((recipient) => ({
    action: 'failed' as const,
    recipient: recipient === '' ? undefined : recipient,
    status: undefined,
    diagnostic,
  }));
  return { outcomes, messageId, envelopeId: undefined };
}

export const messageIdIn = (text: string): string | undefined =>
  /^message-id:\s*<([^<>\s]+)>/im.exec(text)?.[1];

type Group = ReadonlyMap<string, string>;

function groupsOf(text: string): Group[] {
  return text
    .split(/\n\s*\n/)
    .map((block) => fieldsOf(block))
    .filter((group) => group.size > 0);
}

function fieldsOf(block: string): Group {
  const fields = new Map<string, string>();
  for (const line of block.replace(/\n[ \t]+/g, ' ').split('\n')) {
    const match = /^([A-Za-z-]+)\s*:\s*(.*)$/.exec(line);
    if (match?.[1] !== undefined) fields.set(match[1].toLowerCase(), (match[2] ?? '').trim());
  }
  return fields;
}

function outcomeOf(group: Group): Outcome[] {
  const action = ACTIONS.find((name) => group.get('action')?.toLowerCase().startsWith(name));
  if (action === undefined) return [];
  const recipient = group.get('original-recipient') ?? group.get('final-recipient');
  return [
    {
      action,
      recipient: recipient?.replace(/^[^;]*;\s*/, '').replace(/^<|>$/g, ''),
      status: /\d\.\d{1,3}\.\d{1,3}/.exec(group.get('status') ?? '')?.[0],
      diagnostic: group
        .get('diagnostic-code')
        ?.replace(/^[^;]*;\s*/, '')
        .replace(/\p{C}/gu, ' ')
        .slice(0, 300),
    },
  ];
}
