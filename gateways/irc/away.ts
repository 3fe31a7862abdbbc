import type { Show } from '../../src/plugin/index.ts';

const AWAY: Readonly<Record<Show, string | undefined>> = {
  online: undefined,
  chat: undefined,
  offline: undefined,
  away: 'Away',
  xa: 'Away for longer',
  dnd: 'Busy',
};

/** What AWAY says of a user (RFC 2812 §4.1); `undefined` when she is there. One line. */
export function awayText(show: Show, status = ''): string | undefined {
  const words = AWAY[show];
  if (words === undefined) return undefined;
  const [line = ''] = status.trim().split(/[\r\n]/);
  return line === '' ? words : line;
}
