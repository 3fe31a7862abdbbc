/** What a server says of itself by ISUPPORT, as far as it matters here. Shared by all who are told the same. */
export interface ServerFeatures {
  readonly casemapping: string;
  /** Highest rank first. */
  readonly prefixes: readonly { readonly symbol: string; readonly mode: string }[];
  /** Modes of the four kinds of CHANMODES. */
  readonly channelModes: readonly string[];
  readonly channelTypes: string;
  /** Symbols before a channel that address only its members of that rank. */
  readonly statusPrefixes: string;
  readonly nickBytes: number;
  readonly topicBytes: number;
  readonly kickBytes: number;
  readonly awayBytes: number;
  /** Of a whole line with its end, tags aside. */
  readonly lineBytes: number;
  /** Filters that LIST knows (ELIST), in upper case. */
  readonly listFilters: string;
  /** How many nicks can be watched by MONITOR; 0 when there is no such thing. */
  readonly monitorCount: number;
  /** How many messages one CHATHISTORY may ask for; 0 when the server does not say. */
  readonly historyCount: number;
  /** How a message can be named in it (MSGREFTYPES); empty when the server does not say. */
  readonly historyReferences: readonly string[];
  /** The user mode of bots. */
  readonly botMode: string;
  readonly networkName: string;
  /** Client-only tags that the server does not pass on (CLIENTTAGDENY). */
  readonly deniedTags: readonly string[];
}

export const defaultFeatures: ServerFeatures = {
  casemapping: 'rfc1459',
  prefixes: [
    { symbol: '@', mode: 'o' },
    { symbol: '+', mode: 'v' },
  ],
  channelModes: ['b', 'k', 'l', 'imnpst'],
  channelTypes: '#&',
  statusPrefixes: '',
  nickBytes: 30,
  topicBytes: 300,
  kickBytes: 300,
  awayBytes: 200,
  lineBytes: 512,
  listFilters: '',
  monitorCount: 0,
  historyCount: 0,
  historyReferences: [],
  botMode: '',
  networkName: '',
  deniedTags: [],
};

const MOST_LINE_BYTES = 16_384;

/** IRCv3 message-tags: all but some may be denied. */
export function isTagAllowed({ deniedTags }: ServerFeatures, name: string): boolean {
  if (deniedTags.includes('*')) return deniedTags.includes(`-${name}`);
  return !deniedTags.includes(name);
}

type Reader = (value: string) => Partial<ServerFeatures>;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['CASEMAPPING', (value) => ({ casemapping: value.toLowerCase() })],
  ['PREFIX', readPrefixes],
  ['CHANMODES', (value) => ({ channelModes: value.split(',') })],
  ['CHANTYPES', (value) => ({ channelTypes: value })],
  ['STATUSMSG', (value) => ({ statusPrefixes: value })],
  ['NICKLEN', (value) => count(value, (nickBytes) => ({ nickBytes }))],
  ['TOPICLEN', (value) => count(value, (topicBytes) => ({ topicBytes }))],
  ['KICKLEN', (value) => count(value, (kickBytes) => ({ kickBytes }))],
  ['AWAYLEN', (value) => count(value, (awayBytes) => ({ awayBytes }))],
  ['LINELEN', readLineLength],
  ['ELIST', (value) => ({ listFilters: value.toUpperCase() })],
  ['MONITOR', (value) => ({ monitorCount: Number(value) || 100 })],
  ['CHATHISTORY', (value) => count(value, (historyCount) => ({ historyCount }))],
  ['MSGREFTYPES', (value) => ({ historyReferences: value.split(',') })],
  ['BOT', (value) => ({ botMode: value })],
  ['CLIENTTAGDENY', (value) => ({ deniedTags: value.split(',') })],
  ['NETWORK', (value) => ({ networkName: value.slice(0, 100) })],
]);

/** Takes the tokens of one 005 in (draft-hardy-irc-isupport). */
export const withTokens = (features: ServerFeatures, tokens: readonly string[]): ServerFeatures =>
  tokens.reduce(withToken, features);

function withToken(features: ServerFeatures, token: string): ServerFeatures {
  const [name = '', ...rest] = token.split('=');
  if (name.startsWith('-')) return features;
  const change = READERS.get(name.toUpperCase())?.(unescape(rest.join('=')));
  return change === undefined ? features : { ...features, ...change };
}

const unescape = (value: string): string =>
  value.replace(/\\x([0-9A-Fa-f]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );

function count(
  value: string,
  change: (count: number) => Partial<ServerFeatures>,
): Partial<ServerFeatures> {
  const number = Number(value);
  return Number.isInteger(number) && number > 0 ? change(number) : {};
}

/** "(qaohv)~&@%+": modes, and as many symbols; nothing at all for a server without ranks. */
function readPrefixes(value: string): Partial<ServerFeatures> {
  if (value === '') return { prefixes: [] };
  const match = /^\(([a-zA-Z]*)\)(\S*)$/.exec(value);
  if (match === null) return {};
  const [, modes = '', symbols = ''] = match;
  if (modes.length !== symbols.length) return {};
  return { prefixes: modes.split('').map((mode, at) => ({ mode, symbol: symbols[at] ?? '' })) };
}

function readLineLength(value: string): Partial<ServerFeatures> {
  return count(value, (bytes) =>
    bytes >= defaultFeatures.lineBytes ? { lineBytes: Math.min(bytes, MOST_LINE_BYTES) } : {},
  );
}
