import type { ServerFeatures } from './server-features.ts';

export interface ModeChange {
  readonly isSet: boolean;
  readonly mode: string;
  readonly value?: string;
}

/** RFC 2811 §4 with CHANMODES: which modes take a value depends on the server. */
export function parseModes(
  modes: string,
  values: readonly string[],
  features: ServerFeatures,
): ModeChange[] {
  const [lists = '', always = '', whenSet = ''] = features.channelModes;
  const ranks = features.prefixes.map((prefix) => prefix.mode).join('');
  const changes: ModeChange[] = [];
  let isSet = true;
  let next = 0;
  for (const mode of modes) {
    if (mode === '+' || mode === '-') {
      isSet = mode === '+';
      continue;
    }
    const takesValue =
      `${lists}${always}${ranks}`.includes(mode) || (isSet && whenSet.includes(mode));
    const value = takesValue ? values[next] : undefined;
    if (takesValue) next += 1;
    changes.push(value === undefined ? { isSet, mode } : { isSet, mode, value });
  }
  return changes;
}
