import type { FigureKind } from '../figure.ts';
import type { Scenario } from '../scenario.ts';
import { passForSeconds, warmUp } from '../traffic.ts';
import type { Direction, Load } from '../load.ts';
import { World } from '../world.ts';

const CHANNEL = '#bench';
const USERS = 200;

type Shape = Pick<Load, 'users' | 'burst'>;

const SHAPES: readonly Shape[] = [
  { users: 1, burst: 1 },
  { users: USERS, burst: 1 },
  { users: USERS, burst: 20 },
];
const DIRECTIONS: readonly Direction[] = ['to XMPP', 'to IRC'];

/** As fast as it goes: messages a second, and what 10,000 of them cost. */
export function rate(archive: boolean): Scenario {
  return {
    name: archive ? 'rate-archive' : 'rate',
    kinds: DIRECTIONS.flatMap((direction) =>
      SHAPES.flatMap((shape) => kindsOf(direction, shape, archive)),
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
          for (const shape of SHAPES) {
            const load = { direction, channel: CHANNEL, ...shape };
            await warmUp(world, load, windowSeconds);
            const { passage, count } = await passForSeconds(world, load, windowSeconds);
            const [rateKind, cpuKind] = kindsOf(direction, shape, archive);
            if (rateKind !== undefined) figures[rateKind.name] = count / passage.seconds;
            if (cpuKind !== undefined)
              figures[cpuKind.name] = (passage.cpuSeconds / count) * 10_000;
          }
        }
        return figures;
      } finally {
        await world.stop();
      }
    },
  };
}

function kindsOf(direction: Direction, { users, burst }: Shape, archive: boolean): FigureKind[] {
  const who = users === 1 ? '1 user' : `${users} users, ${burst === 1 ? 'singly' : 'bursts of 20'}`;
  const name = `${direction}, ${who}, archive ${archive ? 'on' : 'off'}`;
  return [
    { name: `rate ${name}`, unit: 'messages/s', ...rateTarget(direction, archive) },
    { name: `CPU ${name}`, unit: 's/10,000', ...cpuTarget(direction, burst, archive) },
  ];
}

function rateTarget(direction: Direction, archive: boolean): Pick<FigureKind, 'target'> {
  if (archive) return { target: { atLeast: 40 } };
  return direction === 'to IRC' ? { target: { atLeast: 3 } } : {};
}

function cpuTarget(
  direction: Direction,
  burst: number,
  archive: boolean,
): Pick<FigureKind, 'target'> {
  if (archive) return {};
  if (direction === 'to IRC') return { target: { atMost: 0.35 } };
  return { target: { atMost: burst === 1 ? 0.7 : 0.3 } };
}
