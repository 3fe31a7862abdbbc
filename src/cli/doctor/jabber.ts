import { connect } from 'node:net';
import type { Config, GatewayConfig } from '../../config/config.ts';
import type { Finding } from '../../plugin/index.ts';
import { servedDomains } from '../../session/registration-policy.ts';
import { adviceFor, isTroubleKind, kindOfSocketError } from '../../stream/attach-trouble.ts';
import type { TroubleKind } from '../../stream/attach-trouble.ts';
import { examineServer } from './server.ts';
import { Visit } from './visit.ts';
import type { Refusal } from './visit.ts';
import type { Health } from './web.ts';

/** What findings about the server as a whole are about. */
export const JABBER_SERVER = 'Jabber server';

const REACH_MS = 2_500;
const ATTACH_MS = 3_000;
const MOST_SERVERS = 5;

export interface JabberParts {
  readonly config: Pick<Config, 'jabber' | 'gateways' | 'registration' | 'http'>;
  readonly isRunning: boolean;
  readonly health: Health | undefined;
  readonly mayAttach: boolean;
}

/** The Jabber server: whether it is there, and what it makes of each domain. */
export async function examineJabber(parts: JabberParts): Promise<readonly Finding[]> {
  const { config, isRunning, health, mayAttach } = parts;
  const { host, port } = config.jabber;
  const about = JABBER_SERVER;
  const trouble = await reach(host, port);
  if (trouble !== undefined) {
    const text = `${host}:${port}: ${adviceFor(trouble).text}`;
    return [{ verdict: 'trouble', about, text }];
  }
  const reached: Finding = { verdict: 'ok', about, text: `${host}:${port} can be reached` };
  if (isRunning) return [reached, ...config.gateways.map((entry) => told(entry, health))];
  if (!mayAttach) {
    const text = 'not tried, as a gateway may be running: see the database';
    return [reached, ...config.gateways.map(({ domain }) => warning(domain, text))];
  }
  const found = await Promise.all(config.gateways.map((entry) => visit(entry, config)));
  return [reached, ...found.flat()];
}

const warning = (about: string, text: string): Finding => ({ verdict: 'warning', about, text });

/** Whether anything listens there. */
function reach(host: string, port: number): Promise<TroubleKind | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (kind: TroubleKind | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(kind);
    };
    const timer = setTimeout(() => end('no-answer'), REACH_MS);
    socket.once('connect', () => end(undefined));
    socket.on('error', (error) => end(kindOfSocketError(error)));
  });
}

/**
 * What the running gateway says. A second component of its name would take messages away from it on ejabberd and jabberd2, and
 * may drive it out of others.
 */
function told({ domain }: GatewayConfig, health: Health | undefined): Finding {
  if (health === undefined) {
    const text = 'the running gateway has it; its log says whether it is attached';
    return { verdict: 'ok', about: domain, text };
  }
  const state = health.gateways[domain];
  if (state === 'attached') {
    return { verdict: 'ok', about: domain, text: 'attached, says the running gateway' };
  }
  if (state === undefined) {
    const text = 'not served by the gateway that is running';
    return { verdict: 'warning', about: domain, text, advice: 'start it anew' };
  }
  const reason = health.reasons[domain] ?? '';
  const text = isTroubleKind(reason) ? adviceFor(reason).text : 'its log says why';
  return {
    verdict: 'trouble',
    about: domain,
    text: `the running gateway is not attached: ${text}`,
  };
}

async function visit(
  { domain, secret }: GatewayConfig,
  { jabber, registration }: JabberParts['config'],
): Promise<readonly Finding[]> {
  const visited = await Visit.begin({ ...jabber, domain, secret, timeoutMs: ATTACH_MS });
  if (!(visited instanceof Visit)) return [refused(domain, visited)];
  try {
    const servers = [...servedDomains(domain, registration.allow)].slice(0, MOST_SERVERS);
    const found = await Promise.all(
      servers.map((server) => examineServer(visited, domain, server)),
    );
    const text = 'the Jabber server takes the secret';
    return [{ verdict: 'ok', about: domain, text }, ...found.flat()];
  } finally {
    await visited.end();
  }
}

function refused(domain: string, { kind, detail }: Refusal): Finding {
  if (kind === 'conflict') {
    const text = 'another process is attached under this name, with another data folder';
    const advice =
      'if it is a gateway of yours, run this with its configuration; else choose another domain';
    return { verdict: 'warning', about: domain, text, advice };
  }
  const { showsSnippets, text } = adviceFor(kind);
  const said = detail === '' ? text : `${text} (${detail})`;
  const advice = '`causeway check` shows what the Jabber server needs';
  return {
    verdict: 'trouble',
    about: domain,
    text: said,
    ...(showsSnippets === true ? { advice } : {}),
  };
}
