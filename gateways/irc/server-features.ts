/** What a server says of itself by ISUPPORT, as far as it matters here. */
export interface ServerFeatures {
  readonly casemapping: string;
  /** Highest rank first. */
  readonly prefixes: readonly { readonly symbol: string; readonly mode: string }[];
  /** Modes of the four kinds of CHANMODES. */
  readonly channelModes: readonly string[];
  /** Symbols before a channel that address only its members of that rank. */
  readonly statusPrefixes: string;
  readonly nickBytes: number;
}

export const defaultFeatures: ServerFeatures = {
  casemapping: 'rfc1459',
  prefixes: [
    { symbol: '@', mode: 'o' },
    { symbol: '+', mode: 'v' },
  ],
  channelModes: ['b', 'k', 'l', 'imnpst'],
  statusPrefixes: '',
  nickBytes: 30,
};

/** Reads the options that irc-framework has gathered, which hold whatever the server sent. */
export function readFeatures(options: Readonly<Record<string, unknown>>): ServerFeatures {
  return {
    casemapping: textOf(options['CASEMAPPING']) ?? defaultFeatures.casemapping,
    prefixes: prefixesOf(options['PREFIX']) ?? defaultFeatures.prefixes,
    channelModes: listOf(options['CHANMODES']) ?? defaultFeatures.channelModes,
    statusPrefixes: (listOf(options['STATUSMSG']) ?? []).join(''),
    nickBytes: Number(textOf(options['NICKLEN']) ?? '') || defaultFeatures.nickBytes,
  };
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

function listOf(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;
}

function prefixesOf(value: unknown): ServerFeatures['prefixes'] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter(
    (item): item is { symbol: string; mode: string } =>
      typeof item === 'object' &&
      item !== null &&
      typeof Reflect.get(item, 'symbol') === 'string' &&
      typeof Reflect.get(item, 'mode') === 'string',
  );
}
