import type { Scenario } from '../scenario.ts';
import { World } from '../world.ts';

/** From the start of the process to its handshake with the Jabber server. */
export const startup: Scenario = {
  name: 'startup',
  kinds: [{ name: 'start to handshake', unit: 's', target: { atMost: 1.2 } }],
  measure: async (gateway) => {
    const world = await World.start(gateway, { users: 1 });
    await world.stop();
    return { 'start to handshake': world.startSeconds };
  },
};
