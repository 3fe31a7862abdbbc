import { NetworkError } from '../../src/plugin/index.ts';
import type { NetworkErrorKind, Language } from '../../src/plugin/index.ts';
import { serverSays } from './formatting.ts';
import { numericTexts } from './numeric-texts.ts';
import type { KnownNumeric } from './numeric-texts.ts';

/** RFC 2812 §5.2 and what servers made of it since: what a refusal means. */
const kinds: Readonly<Record<KnownNumeric, NetworkErrorKind>> = {
  '263': 'too-fast',
  '400': 'refused',
  '401': 'not-found',
  '402': 'not-found',
  '403': 'not-found',
  '404': 'refused',
  '405': 'refused',
  '406': 'not-found',
  '407': 'invalid',
  '408': 'refused',
  '411': 'invalid',
  '412': 'invalid',
  '415': 'refused',
  '421': 'unsupported',
  '431': 'invalid',
  '432': 'invalid',
  '433': 'conflict',
  '436': 'conflict',
  '437': 'conflict',
  '438': 'too-fast',
  '441': 'not-found',
  '442': 'not-joined',
  '443': 'conflict',
  '447': 'refused',
  '451': 'unreachable',
  '461': 'invalid',
  '464': 'credentials',
  '465': 'refused',
  '470': 'members-only',
  '471': 'full',
  '472': 'unsupported',
  '473': 'members-only',
  '474': 'refused',
  '475': 'key',
  '476': 'invalid',
  '477': 'members-only',
  '478': 'full',
  '479': 'invalid',
  '480': 'too-fast',
  '481': 'refused',
  '482': 'refused',
  '484': 'refused',
  '485': 'refused',
  '486': 'refused',
  '488': 'refused',
  '489': 'members-only',
  '494': 'refused',
  '495': 'too-fast',
  '499': 'refused',
  '500': 'too-fast',
  '517': 'refused',
  '520': 'refused',
  '531': 'refused',
  '696': 'invalid',
  '716': 'refused',
  '902': 'credentials',
  '904': 'credentials',
  '905': 'credentials',
  '906': 'credentials',
  '972': 'refused',
};

const isKnown = (numeric: string): numeric is KnownNumeric => Object.hasOwn(kinds, numeric);

/** The error a numeric stands for, with the server's own words; `undefined` when it is no refusal. */
export function refusalOf(
  numeric: string,
  words: string | undefined,
  language: Language,
): NetworkError | undefined {
  if (!isKnown(numeric)) return undefined;
  const kind = kinds[numeric];
  const quote = words === undefined || words === '' ? '' : ` ${serverSays(words, language)}`;
  return new NetworkError(
    kind,
    `${numericTexts(language)[numeric]}${quote}`,
    kind === 'too-fast' ? { retryAfterMs: 10_000 } : {},
  );
}
