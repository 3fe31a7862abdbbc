/** A mail as a stand-in server keeps it. */
export interface KeptMail {
  readonly uid: number;
  readonly flags: Set<string>;
  readonly receivedAt: Date;
  readonly raw: Buffer;
}

/** One folder of a mailbox; tells those who look at it when a mail comes. */
export class ImapFolder {
  uidValidity: number;
  uidNext = 1;
  mails: KeptMail[] = [];
  readonly watchers = new Set<() => void>();
  readonly flagWatchers = new Set<(sequence: number) => void>();

  constructor(uidValidity = 1) {
    this.uidValidity = uidValidity;
  }

  append(raw: Buffer, flags: readonly string[] = [], receivedAt = new Date()): KeptMail {
    const mail = { uid: this.uidNext, flags: new Set(flags), receivedAt, raw };
    this.uidNext += 1;
    this.mails.push(mail);
    for (const tell of this.watchers) tell();
    return mail;
  }

  /** Another program marks a mail. */
  mark(uid: number, flag: string): void {
    const index = this.mails.findIndex((mail) => mail.uid === uid);
    this.mails[index]?.flags.add(flag);
    for (const tell of this.flagWatchers) tell(index + 1);
  }

  /** All mails get new numbers, as after the server was restored from a backup. */
  renumber(): void {
    this.uidValidity += 1;
    this.uidNext = 1;
    this.mails = this.mails.map((mail) => ({ ...mail, uid: this.uidNext++ }));
  }
}

const headOf = ({ raw }: KeptMail): string => {
  const text = raw.toString('latin1');
  const end = text.search(/\r?\n\r?\n/);
  return end < 0 ? text : text.slice(0, end);
};

export const headerOf = (mail: KeptMail): Buffer =>
  Buffer.from(`${headOf(mail)}\r\n\r\n`, 'latin1');

/** RFC 9051 §7.5.2: sequence sets, with "*" for the last. */
export function isInSet(set: string, number: number, last: number): boolean {
  const valueOf = (text: string): number => (text === '*' ? last : Number(text));
  return set.split(',').some((part) => {
    const [from = '', to = from] = part.split(':');
    const [low, high] = [valueOf(from), valueOf(to)].toSorted((one, other) => one - other);
    return number >= (low ?? 0) && number <= (high ?? 0);
  });
}

/** RFC 9051 §6.4.4: the few keys that clients need. */
export function matches(
  tokens: readonly string[],
  mail: KeptMail,
  { last, sequence }: { readonly last: number; readonly sequence: number },
): boolean {
  const rest = [...tokens];
  const numbers = { last, sequence };
  while (rest.length > 0) if (!matchesNext(rest, mail, numbers)) return false;
  return true;
}

function matchesNext(
  rest: string[],
  mail: KeptMail,
  numbers: { readonly last: number; readonly sequence: number },
): boolean {
  const key = (rest.shift() ?? '').toUpperCase();
  const next = (): string => rest.shift() ?? '';
  const has = (name: string, value: string): boolean =>
    headOf(mail)
      .replace(/\r?\n[ \t]/g, ' ')
      .split(/\r?\n/)
      .some(
        (line) =>
          line.toLowerCase().startsWith(`${name.toLowerCase()}:`) &&
          line.toLowerCase().includes(value.toLowerCase()),
      );
  switch (key) {
    case 'ALL':
      return true;
    case 'UID':
      return isInSet(next(), mail.uid, numbers.last);
    case 'SEEN':
      return mail.flags.has('\\Seen');
    case 'UNSEEN':
      return !mail.flags.has('\\Seen');
    case 'FROM':
    case 'TO':
      return has(key, next());
    case 'HEADER':
      return has(next(), next());
    case 'SINCE':
      return mail.receivedAt.getTime() >= Date.parse(`${next()} 00:00:00 +0000`);
    case 'OR': {
      const one = matchesNext(rest, mail, numbers);
      const other = matchesNext(rest, mail, numbers);
      return one || other;
    }
    default:
      return isInSet(key, numbers.sequence, numbers.last);
  }
}
