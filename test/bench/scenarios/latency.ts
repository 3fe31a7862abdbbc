import type { FigureKind } from '../figure.ts';
import { percentile } from '../figure.ts';
import type { Scenario } from '../scenario.ts';
import { pass, warmUp, warmUpAtPace } from '../traffic.ts';
import type { Direction } from '../load.ts';
import { World } from '../world.ts';

const CHANNEL = '#bench';
const DIRECTIONS: readonly Direction[] = ['to XMPP', 'to IRC'];
const PER_SECOND = 200;

/** The time that one message takes from one end to the other when there is little to do. */
export function latency(archive: boolean): Scenario {
  return {
    name: archive ? 'latency-archive' : 'latency',
    kinds: DIRECTIONS.flatMap((direction) => kindsOf(direction, archive)),
    measure: async (gateway, { windowSeconds }) => {
      const world = await World.start(gateway, { users: 1, archive, channels: { [CHANNEL]: 3 } });
      try {
        await world.join([0], CHANNEL);
        const figures: Record<string, number> = {};
        for (const direction of DIRECTIONS) {
          const load = { direction, channel: CHANNEL, users: 1, burst: 1 };
          const count = Math.round(PER_SECOND * windowSeconds * 3);
          const timed = { ...load, count, perSecond: PER_SECOND, isTimed: true };
          await warmUp(world, load, windowSeconds / 2);
          await warmUpAtPace(world, timed);
          const { latenciesMs } = await pass(world, timed);
          const [middle, late] = kindsOf(direction, archive);
          if (middle !== undefined) figures[middle.name] = percentile(latenciesMs, 0.5);
          if (late !== undefined) figures[late.name] = percentile(latenciesMs, 0.99);
        }
        return figures;
      } finally {
        await world.stop();
      }
    },
  };
}

function kindsOf(direction: Direction, archive: boolean): FigureKind[] {
  const name = `${direction}, archive ${archive ? 'on' : 'off'}`;
  return [
    { name: `latency p50 ${name}`, unit: 'ms', target: { atMost: archive ? 0.4 : 1.5 } },
    { name: `latency p99 ${name}`, unit: 'ms' },
  ];
}
