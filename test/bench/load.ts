export type Direction = 'to XMPP' | 'to IRC';

/** Messages as they are offered: bursts to one user after the other. */
export interface Load {
  readonly direction: Direction;
  readonly channel: string;
  readonly users: number;
  readonly burst: number;
  readonly count: number;
  /** Messages a second; without it as fast as the gateway takes them. */
  readonly perSecond?: number;
  /** Takes the time of each message. */
  readonly isTimed?: boolean;
}

const TEXTS = [
  'The quick brown fox jumps over the lazy dog, and then some.',
  'Has anybody seen the minutes of the last meeting? I cannot find them.',
  'ok',
  'I think that we should wait until tomorrow & then <decide> on it.',
  'See https://example.org/a?b=c&d=e for the details of what was said before.',
  'Grüße aus Köln, und vielen Dank für die Mühe!',
  'It works on my machine; which version do you have over there?',
  "That's what I'd do as well.",
];

/** To or from whom a message goes. */
export function userOf({ burst, users }: Load, index: number): number {
  return Math.floor(index / burst) % users;
}

/** The `id` of its stanza. */
export function idOf(series: number, index: number): string {
  return `i${series}-${index}`;
}

/** What it says. */
export function textOf(index: number): string {
  return `${index} ${TEXTS[index % TEXTS.length] ?? ''}`;
}
