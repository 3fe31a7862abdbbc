import type { Texts } from '../texts.ts';

interface Property {
  readonly parameters: string;
  readonly value: string;
}

/** RFC 5546: what it is about, when and where; and what somebody answers. */
export function invitation(calendar: string, texts: Texts): string {
  const lines = calendar
    .slice(0, 100_000)
    .replace(/\r?\n[ \t]/g, '')
    .split(/\r?\n/);
  const start = lines.findIndex((line) => /^BEGIN:VEVENT/i.test(line));
  const event = lines.slice(Math.max(0, start));
  const method = property('METHOD', lines)?.value.toLowerCase();
  return [
    headline(method, property('ATTENDEE', event), texts),
    property('SUMMARY', event)?.value ?? '',
    period(property('DTSTART', event), property('DTEND', event)),
    property('LOCATION', event)?.value ?? '',
  ]
    .filter((part) => part !== '')
    .join('\n');
}

function property(name: string, lines: readonly string[]): Property | undefined {
  const line = lines.find((text) => new RegExp(`^${name}[;:]`, 'i').test(text)) ?? '';
  const [, parameters = '', value] = /^[^:";]*((?:"[^"]*"|[^:"])*):(.*)$/.exec(line) ?? [];
  if (value === undefined) return undefined;
  const text = value
    .replace(/\\n/gi, ' ')
    .replace(/\\([,;\\])/g, '$1')
    .replace(/\p{C}/gu, '')
    .trim()
    .slice(0, 300);
  return { parameters, value: text };
}

const parameter = (name: string, of: Property | undefined): string | undefined => {
  const match = new RegExp(`;${name}=("[^"]*"|[^;:]*)`, 'i').exec(of?.parameters ?? '');
  return match?.[1]?.replace(/"/g, '').replace(/\p{C}/gu, '').slice(0, 100);
};

function headline(
  method: string | undefined,
  attendee: Property | undefined,
  texts: Texts,
): string {
  if (method === 'cancel') return texts.cancellation;
  if (method !== 'reply') return texts.invitation;
  switch (parameter('PARTSTAT', attendee)?.toUpperCase() ?? '') {
    case 'ACCEPTED':
      return texts.invitationAccepted;
    case 'DECLINED':
      return texts.invitationDeclined;
    case 'TENTATIVE':
      return texts.invitationTentative;
    default:
      return texts.invitationReply;
  }
}

/** "2026-11-24 13:00 – 14:00 UTC"; the end of whole days is the first day after them. */
function period(from: Property | undefined, to: Property | undefined): string {
  const [start, end] = [momentOf(from), momentOf(to)];
  if (start === undefined) return '';
  if (start.time === undefined) {
    const last = end === undefined ? start.day : dayBefore(end.day);
    return last <= start.day ? start.day : `${start.day} – ${last}`;
  }
  const begins = `${start.day} ${start.time}`;
  if (end?.time === undefined || end.zone !== start.zone) {
    const ends = end?.time === undefined ? '' : ` – ${end.day} ${end.time}${end.zone}`;
    return `${begins}${start.zone}${ends}`;
  }
  const ends = end.day === start.day ? end.time : `${end.day} ${end.time}`;
  return `${begins} – ${ends}${start.zone}`;
}

interface Moment {
  readonly day: string;
  readonly time: string | undefined;
  /** " UTC", " (Europe/Berlin)"; empty for the time wherever one is. */
  readonly zone: string;
}

/** "20261124T130000Z" */
function momentOf(given: Property | undefined): Moment | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z)?)?$/.exec(given?.value ?? '');
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, isUtc] = match;
  const zone = parameter('TZID', given);
  return {
    day: `${year}-${month}-${day}`,
    time: hour === undefined ? undefined : `${hour}:${minute}`,
    zone: isUtc !== undefined ? ' UTC' : zone === undefined ? '' : ` (${zone})`,
  };
}

function dayBefore(day: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return day;
  date.setUTCDate(date.getUTCDate() - 1);
  return date.toISOString().slice(0, 10);
}
