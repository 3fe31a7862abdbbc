import type { Scenario } from '../scenario.ts';
import { count, World } from '../world.ts';

/** Coming into big channels, one user who is on the server already. */
export const join: Scenario = {
  name: 'join',
  kinds: [
    { name: 'join of 5,000 members, time', unit: 's', target: { atMost: 0.45 } },
    { name: 'join of 5,000 members, CPU', unit: 's' },
    { name: 'join of 20,000 members, time', unit: 's', target: { atMost: 0.12 } },
    { name: 'join of 20,000 members, CPU', unit: 's' },
  ],
  measure: async (gateway) => {
    const channels = { '#small': 3, '#before': 5_000, '#five': 5_000, '#twenty': 20_000 };
    const world = await World.start(gateway, { users: 1, channels });
    try {
      await world.join([0], '#small');
      // A gateway that has run for a while has seen a join.
      await joinBig(world, '#before', 5_000);
      const five = await joinBig(world, '#five', 5_000);
      const twenty = await joinBig(world, '#twenty', 20_000);
      return {
        'join of 5,000 members, time': five.seconds,
        'join of 5,000 members, CPU': five.cpuSeconds,
        'join of 20,000 members, time': twenty.seconds,
        'join of 20,000 members, CPU': twenty.cpuSeconds,
      };
    } finally {
      await world.stop();
    }
  },
};

async function joinBig(
  world: World,
  channel: string,
  members: number,
): Promise<{ readonly seconds: number; readonly cpuSeconds: number }> {
  const cpuBefore = world.cpuSeconds();
  const startedAt = performance.now();
  const texts = await world.join([0], channel);
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpuSeconds = world.cpuSeconds() - cpuBefore;
  const presences = count(texts, /<presence /g);
  if (presences !== members + 1) throw new Error(`${presences} of ${members + 1} are there`);
  return { seconds, cpuSeconds };
}
