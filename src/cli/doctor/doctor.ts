import type { Config } from '../../config/config.ts';
import { ConfigError } from '../../config/config-error.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { Finding, Gateway } from '../../plugin/index.ts';
import type { StoreState } from '../../store/examine-store.ts';
import { makeGateway } from '../make-gateway.ts';
import { examineData } from './data.ts';
import { examineGateway, toldOf } from './gateways.ts';
import { examineJabber, JABBER_SERVER } from './jabber.ts';
import { asLines, summary } from './report.ts';
import { askHealth, examineFree, examineRunning, isFindable } from './web.ts';

const OLDEST_NODE = [20, 19] as const;
/** Whatever is not there does not answer in this time. */
const LIMIT_MS = 7_000;

export interface Diagnosis {
  readonly text: string;
  /** Nothing is in trouble. */
  readonly isFine: boolean;
}

/**
 * Looks at everything that can go wrong outside the program, with the configuration that a gateway is to run with or runs with.
 * Such a gateway is not disturbed: where one runs, it is asked.
 */
export async function doctor(file: string, env: NodeJS.ProcessEnv): Promise<Diagnosis> {
  const findings = [nodeVersion(process.versions.node), ...(await examine(file, env))];
  return {
    text: [...asLines(findings), '', summary(findings)].join('\n'),
    isFine: findings.every(({ verdict }) => verdict !== 'trouble'),
  };
}

function nodeVersion(version: string): Finding {
  const about = 'Node.js';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldest, oldestMinor] = OLDEST_NODE;
  const isRecent = major > oldest || (major === oldest && minor >= oldestMinor);
  if (isRecent) return { verdict: 'ok', about, text: version };
  const advice = `install Node.js ${OLDEST_NODE.join('.')} or later`;
  return { verdict: 'trouble', about, text: `${version} is too old`, advice };
}

async function examine(file: string, env: NodeJS.ProcessEnv): Promise<readonly Finding[]> {
  const about = 'configuration';
  let config: Config;
  try {
    config = await loadConfig(file, env);
    for (const entry of config.gateways) await makeGateway(entry, config);
  } catch (error) {
    return configTroubles(error).map((text) => ({ verdict: 'trouble', about, text }));
  }
  const { findings, store } = await examineData(config, env);
  return [
    { verdict: 'ok', about, text: file },
    ...config.warnings.map((text) => ({ verdict: 'warning', about, text }) as const),
    ...findings,
    ...(await examineOutside(config, store)),
  ];
}

function configTroubles(error: unknown): readonly string[] {
  if (error instanceof ConfigError) return error.message.split('\n');
  return [error instanceof Error ? error.message : String(error)];
}

async function examineOutside(
  config: Config,
  store: StoreState | undefined,
): Promise<readonly Finding[]> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  const isRunning = store?.isInUse ?? false;
  const gateways: Gateway[] = [];
  for (const entry of config.gateways) {
    gateways.push(await makeGateway(entry, config, store?.memoryOf(entry.domain)));
  }
  const { http } = config;
  const told = isRunning && isFindable(http) ? askHealth(http, signal) : undefined;
  const web = isFindable(http)
    ? (isRunning ? examineRunning : examineFree)(http, signal)
    : Promise.resolve([]);
  const networks = gateways.map((gateway, index) =>
    examineGateway(config.gateways[index]?.domain ?? '', gateway, {
      isRunning: store?.isInUse,
      signal,
    }),
  );
  const running = await told;
  // Without the database nobody can tell whether a gateway runs, which must not be disturbed.
  const mayAttach = store !== undefined;
  const jabber = await examineJabber({ config, isRunning, health: running?.health, mayAttach });
  const connections = isRunning
    ? gateways.flatMap((gateway, index) =>
        toldOf(config.gateways[index]?.domain ?? '', gateway, running?.health),
      )
    : [];
  const found = [...jabber, ...connections, ...(await Promise.all(networks)).flat()];
  return [
    ...(running === undefined ? [] : [running.finding]),
    ...(await web),
    ...found.filter(({ about }) => about === JABBER_SERVER),
    ...config.gateways.flatMap(({ domain }) => found.filter(({ about }) => about === domain)),
  ];
}
