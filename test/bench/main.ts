import { availableParallelism, cpus, loadavg } from 'node:os';
import { biboumi } from './biboumi.ts';
import { causeway } from './causeway.ts';
import type { Figures } from './figure.ts';
import type { Gateway } from './gateway.ts';
import { readOptions, USAGE } from './options.ts';
import { postgresPrograms } from './postgres.ts';
import type { Pace, Scenario } from './scenario.ts';
import { crowd } from './scenarios/crowd.ts';
import { fairness } from './scenarios/fairness.ts';
import { join } from './scenarios/join.ts';
import { latency } from './scenarios/latency.ts';
import { mail } from './scenarios/mail.ts';
import { memory } from './scenarios/memory.ts';
import { onPostgres } from './scenarios/on-postgres.ts';
import { paced } from './scenarios/paced.ts';
import { rate } from './scenarios/rate.ts';
import { startup } from './scenarios/startup.ts';
import { text } from './scenarios/text.ts';
import { table } from './table.ts';
import type { Results } from './table.ts';

const PROGRAMS = postgresPrograms();
const SCENARIOS: readonly Scenario[] = [
  rate(false),
  rate(true),
  paced({ perSecond: 1_000, users: 50, archive: false }),
  paced({ perSecond: 1_000, users: 200, archive: false }),
  paced({ perSecond: 400, users: 50, archive: true }),
  latency(false),
  latency(true),
  fairness,
  startup,
  join,
  crowd,
  memory(false),
  memory(true),
  text,
  mail,
  ...(PROGRAMS === undefined
    ? []
    : [rate(true), latency(true), mail].map((scenario) => onPostgres(scenario, PROGRAMS))),
];
const PACE: Pace = { windowSeconds: 0.8, crowd: 2_000 };
const QUICK: Pace = { windowSeconds: 0.25, crowd: 500 };

async function run(args: readonly string[]): Promise<boolean> {
  const options = readOptions(
    args,
    SCENARIOS.map(({ name }) => name),
  );
  const chosen = SCENARIOS.filter(
    ({ name }) => options.only.length === 0 || options.only.includes(name),
  );
  const gateways = [causeway(), biboumi()].filter((gateway) => gateway !== undefined);
  console.log(describe(gateways));
  const results: Record<keyof Results, Figures[]> = {
    causeway: [],
    biboumi: [],
    raw: [],
    postgres: [],
  };
  const troubles: string[] = [];
  for (let round = 0; round < options.rounds; round++) {
    for (const scenario of chosen) {
      if (round >= (scenario.maxRounds ?? Infinity)) continue;
      // Each goes first in turn, so that neither always has the warmer machine.
      const turns = turnsOf(scenario, gateways);
      for (const { measure, name } of round % 2 === 0 ? turns : turns.toReversed()) {
        const what = `round ${round + 1}: ${scenario.name}, ${name}`;
        const startedAt = performance.now();
        try {
          results[name].push(await measure(options.isQuick ? QUICK : PACE));
        } catch (error) {
          troubles.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
        }
        const seconds = Math.round((performance.now() - startedAt) / 1_000);
        console.error(`${what} (${seconds} s)`);
      }
    }
  }
  for (const rival of ['biboumi', 'raw', 'postgres'] as const) {
    const compared = chosen.filter(({ beside }) => (beside?.name ?? 'biboumi') === rival);
    const kinds = compared.flatMap((scenario) => scenario.kinds);
    if (kinds.length > 0) console.log(`\n${table(kinds, results, rival).join('\n')}\n`);
  }
  for (const trouble of troubles) console.log(`NOT MEASURED: ${trouble}`);
  return troubles.length === 0;
}

interface Turn {
  readonly name: keyof Results;
  readonly measure: (pace: Pace) => Promise<Figures>;
}

function turnsOf(scenario: Scenario, gateways: readonly Gateway[]): readonly Turn[] {
  const turn = (gateway: Gateway): Turn => ({
    name: gateway.name,
    measure: (pace) => scenario.measure(gateway, pace),
  });
  const { beside } = scenario;
  if (beside === undefined) return gateways.map(turn);
  const own = gateways.filter(({ name }) => name === 'causeway').map(turn);
  return [...own, { name: beside.name, measure: (pace) => beside.measure(pace) }];
}

function describe(gateways: readonly Gateway[]): string {
  const names = gateways.map(({ name, version }) => `${name} ${version}`).join(', ');
  const load = loadavg().map((value) => value.toFixed(1));
  const lines = [
    `${names}; Node ${process.version}; ${availableParallelism()} cores (${cpus()[0]?.model ?? '?'}); load ${load.join(' ')}`,
  ];
  if (gateways.length < 2) lines.push('biboumi is not installed: there is nothing to compare with');
  return lines.join('\n');
}

try {
  process.exitCode = (await run(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(USAGE);
  process.exitCode = 2;
}
