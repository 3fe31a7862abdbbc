import type { FigureKind } from '../figure.ts';
import type { Scenario } from '../scenario.ts';
import { pass, warmUp } from '../traffic.ts';
import type { Direction } from '../load.ts';
import { World } from '../world.ts';

const CHANNEL = '#bench';
const USERS = 50;
const DIRECTIONS: readonly Direction[] = ['to XMPP', 'to IRC'];
const BURSTS: readonly number[] = [1, 20];
/** A machine that was busy with other things measures nothing. */
const LATEST = 2;
const LATE_SECONDS = 1;

/** The CPU time that a steady trickle costs. */
export function paced(perSecond: number, archive: boolean): Scenario {
  return {
    name: archive ? 'paced-archive' : 'paced',
    kinds: DIRECTIONS.flatMap((direction) =>
      BURSTS.map((burst) => kindOf(direction, burst, perSecond, archive)),
    ),
    measure: async (gateway, { windowSeconds }) => {
      const world = await World.start(gateway, {
        users: USERS,
        archive,
        channels: { [CHANNEL]: 3 },
      });
      try {
        await world.join([...Array(USERS).keys()], CHANNEL);
        const figures: Record<string, number> = {};
        for (const direction of DIRECTIONS) {
          for (const burst of BURSTS) {
            const load = { direction, channel: CHANNEL, users: USERS, burst };
            await warmUp(world, load, windowSeconds);
            const count = Math.round((perSecond * windowSeconds * 4) / 20) * 20;
            const passage = await pass(world, { ...load, count, perSecond });
            if (passage.seconds > (count / perSecond) * LATEST + LATE_SECONDS) {
              throw new Error(`${count} messages took ${passage.seconds} s`);
            }
            const { name } = kindOf(direction, burst, perSecond, archive);
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
  perSecond: number,
  archive: boolean,
): FigureKind {
  const how = burst === 1 ? 'singly' : 'bursts of 20';
  const name = `CPU at ${perSecond}/s ${direction}, ${how}, archive ${archive ? 'on' : 'off'}`;
  const atMost = archive ? (direction === 'to XMPP' ? 0.3 : 0.45) : 0.9;
  return { name, unit: 's/10,000', target: { atMost } };
}
