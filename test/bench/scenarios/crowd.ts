import type { Scenario } from '../scenario.ts';
import { count, World } from '../world.ts';

const USERS = 50;
const MEMBERS = 5_000;
const SETTLE_MS = 2_000;

/** Many users in one big channel. */
export const crowd: Scenario = {
  name: 'crowd',
  maxRounds: 2,
  kinds: [
    { name: '50 users in 5,000 members, memory each', unit: 'kB', target: { atMost: 0.7 } },
    { name: '50 users in 5,000 members, CPU of one join', unit: 's' },
  ],
  measure: async (gateway) => {
    const users = [...Array(USERS).keys()];
    const world = await World.start(gateway, {
      users: USERS,
      channels: { '#small': 3, '#big': MEMBERS },
    });
    try {
      await world.join(users, '#small');
      const memoryBefore = world.residentKilobytes();
      const cpuBefore = world.cpuSeconds();
      const texts = await world.join(users, '#big');
      const cpuSeconds = world.cpuSeconds() - cpuBefore;
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      const presences = count(texts, /<presence /g);
      if (presences !== USERS * (MEMBERS + 1)) throw new Error(`${presences} presences`);
      return {
        '50 users in 5,000 members, memory each':
          (world.residentKilobytes() - memoryBefore) / USERS,
        '50 users in 5,000 members, CPU of one join': cpuSeconds / USERS,
      };
    } finally {
      await world.stop();
    }
  },
};
