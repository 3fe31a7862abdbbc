import type { FigureKind } from '../figure.ts';
import type { Scenario } from '../scenario.ts';
import { World } from '../world.ts';

const CHANNEL = '#bench';
const SETTLE_MS = 3_000;

/** What thousands of users cost who do nothing. */
export function memory(tls: boolean): Scenario {
  const [each, whole, empty, idle] = kindsOf(tls);
  return {
    name: tls ? 'memory-tls' : 'memory',
    maxRounds: 2,
    kinds: [each, whole, empty, idle],
    measure: async (gateway, { crowd, windowSeconds }) => {
      const world = await World.start(gateway, { users: crowd, tls, channels: { [CHANNEL]: 3 } });
      try {
        const before = world.residentKilobytes();
        await world.join([...Array(crowd).keys()], CHANNEL);
        if (world.irc.size !== crowd) throw new Error(`${world.irc.size} connections`);
        await pause(SETTLE_MS);
        const after = world.residentKilobytes();
        const cpuBefore = world.cpuSeconds();
        const idleSeconds = windowSeconds * 7;
        await pause(idleSeconds * 1_000);
        return {
          [each.name]: (after - before) / crowd,
          [whole.name]: after / 1_024,
          [empty.name]: before / 1_024,
          [idle.name]: ((world.cpuSeconds() - cpuBefore) / idleSeconds) * 100,
        };
      } finally {
        await world.stop();
      }
    },
  };
}

function kindsOf(tls: boolean): readonly [FigureKind, FigureKind, FigureKind, FigureKind] {
  const how = tls ? ', TLS' : '';
  return [
    { name: `memory for each user${how}`, unit: 'kB', target: { atMost: tls ? 1.1 : 1.5 } },
    {
      name: `memory of the process with all users${how}`,
      unit: 'MB',
      target: { atMost: tls ? 1.3 : 2.2 },
    },
    { name: `memory of the process without users${how}`, unit: 'MB' },
    { name: `idle CPU with all users${how}`, unit: '% of a core' },
  ];
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
