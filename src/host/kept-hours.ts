import type { Gateway } from '../plugin/index.ts';

/** The settings that decide it. */
export interface Retention {
  readonly archive: { readonly rooms: boolean; readonly keepDays: number };
  readonly delivery: { readonly expireHours: number; readonly keepDays: number };
  readonly media: { readonly keepDays: number };
}

/** For how long at most what users say through a gateway is kept here; `Infinity` without end. */
export function keptHours(
  { archive, delivery, media }: Retention,
  { delivery: manner, features }: Pick<Gateway, 'delivery' | 'features'>,
): number {
  const hours = [0];
  if (archive.rooms && features.includes('join')) {
    hours.push(archive.keepDays === 0 ? Infinity : archive.keepDays * 24);
  }
  if (manner === 'stored') {
    hours.push(delivery.expireHours, delivery.keepDays * 24, media.keepDays * 24);
  }
  return Math.max(...hours);
}
