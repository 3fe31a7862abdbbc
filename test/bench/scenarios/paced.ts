import type { FigureKind } from '../figure.ts';
import type { Scenario } from '../scenario.ts';
import { pass, warmUpAtPace } from '../traffic.ts';
import type { Direction } from '../load.ts';
import { World } from '../world.ts';

const CHANNEL = '#bench';
const DIRECTIONS: readonly Direction[] = ['to XMPP', 'to IRC'];
const BURSTS: readonly number[] = [1, 20];
/** A machine that was busy with other things measures nothing. */
const LATEST = 2;
const LATE_SECONDS = 1;

interface Trickle {
  readonly perSecond: number;
  /** All of them are there, and each writes or is written to in turn. */
  readonly users: number;
  readonly archive: boolean;
}

/** The CPU time that a steady trickle costs. */
export function paced(trickle: Trickle): Scenario {
  const { perSecond, users, archive } = trickle;
  return {
    name: `paced-${users}${archive ? '-archive' : ''}`,
    kinds: DIRECTIONS.flatMap((direction) =>
      BURSTS.map((burst) => kindOf(direction, burst, trickle)),
    ),
    measure: async (gateway, { windowSeconds }) => {
      const world = await World.start(gateway, {
        users,
        archive,
        channels: { [CHANNEL]: 3 },
      });
      try {
        await world.join([...Array(users).keys()], CHANNEL);
        const figures: Record<string, number> = {};
        for (const direction of DIRECTIONS) {
          for (const burst of BURSTS) {
            const load = { direction, channel: CHANNEL, users, burst };
            const count = Math.round((perSecond * windowSeconds * 3) / 20) * 20;
            const steady = { ...load, count, perSecond };
            await warmUpAtPace(world, steady);
            const passage = await pass(world, steady);
            if (passage.seconds > (count / perSecond) * LATEST + LATE_SECONDS) {
              throw new Error(`${count} messages took ${passage.seconds} s`);
            }
            const { name } = kindOf(direction, burst, trickle);
            figures[name] = (passage.cpuSeconds / count) * 10_000;
          }
        }
        return figures;
      } finally {
        await world.stop();
      }
    },
  };
}

function kindOf(
  direction: Direction,
  burst: number,
  { perSecond, users, archive }: Trickle,
): FigureKind {
  const how = `${users} users, ${burst === 1 ? 'singly' : 'bursts of 20'}`;
  const name = `CPU at ${perSecond}/s ${direction}, ${how}, archive ${archive ? 'on' : 'off'}`;
  const atMost = archive ? (direction === 'to XMPP' ? 0.3 : 0.45) : 0.9;
  return { name, unit: 's/10,000', target: { atMost } };
}
