/** Why a domain is not attached. */
export type TroubleKind =
  | 'refused'
  | 'unresolved'
  | 'no-answer'
  | 'conflict'
  | 'secret'
  | 'unknown-host'
  | 'wrong-port'
  | 'shutdown'
  | 'tls'
  | 'stream-error'
  | 'dead'
  | 'lost';

interface Advice {
  /** Trying again soon is of no use: somebody has to change something. */
  readonly isSlow: boolean;
  readonly text: string;
  readonly showsSnippets?: boolean;
}

/** What an administrator is told. */
const ADVICE: Readonly<Record<TroubleKind, Advice>> = {
  refused: {
    isSlow: false,
    text: 'nothing listens there: check jabber.host and jabber.port, and that the server runs and has a port for components',
  },
  unresolved: { isSlow: false, text: 'the name in jabber.host cannot be resolved' },
  'no-answer': {
    isSlow: false,
    text: 'the server does not answer: check jabber.host, jabber.port and jabber.tls',
  },
  conflict: {
    isSlow: false,
    text: 'another component is attached under this name; if it is a dead connection of our own the server will drop it, else change gateways[].domain',
  },
  secret: {
    isSlow: true,
    showsSnippets: true,
    text: 'the server refuses the secret, or does not know this domain: make gateways[].secret the same as in the configuration of the server',
  },
  'unknown-host': {
    isSlow: true,
    showsSnippets: true,
    text: 'the server has no component of this name: add it to the configuration of the server, or change gateways[].domain; the port for clients knows it neither: check jabber.port',
  },
  'wrong-port': {
    isSlow: true,
    text: 'this is not a port for components (perhaps the one for clients): change jabber.port',
  },
  shutdown: { isSlow: false, text: 'the server is going down' },
  tls: {
    isSlow: true,
    text: 'no TLS connection: check jabber.tls and the certificate of the server',
  },
  'stream-error': { isSlow: false, text: 'the server has closed the stream' },
  dead: { isSlow: false, text: 'the server did not answer for a minute' },
  lost: { isSlow: false, text: 'the connection was closed' },
};

/** RFC 6120 §4.9.3, and what servers mean by it when a component attaches. */
const KIND_OF_CONDITION: Readonly<Record<string, TroubleKind>> = {
  conflict: 'conflict',
  'not-authorized': 'secret',
  'host-unknown': 'unknown-host',
  'host-gone': 'unknown-host',
  'invalid-namespace': 'wrong-port',
  'system-shutdown': 'shutdown',
  reset: 'shutdown',
  'connection-timeout': 'lost',
};

export function kindOfCondition(condition: string): TroubleKind {
  return KIND_OF_CONDITION[condition] ?? 'stream-error';
}

const KIND_OF_CODE: Readonly<Record<string, TroubleKind>> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'unresolved',
  EAI_AGAIN: 'unresolved',
  ETIMEDOUT: 'no-answer',
  EHOSTUNREACH: 'no-answer',
  ENETUNREACH: 'no-answer',
};

export function kindOfSocketError(error: Error): TroubleKind {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const isTls = /^(ERR_TLS|ERR_SSL|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO)/.test(code);
  return isTls || code === 'EPROTO' ? 'tls' : (KIND_OF_CODE[code] ?? 'lost');
}

export const isTroubleKind = (text: string): text is TroubleKind => Object.hasOwn(ADVICE, text);

export function adviceFor(kind: TroubleKind): Advice {
  return ADVICE[kind];
}
