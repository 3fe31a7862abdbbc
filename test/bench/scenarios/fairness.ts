import { percentile } from '../figure.ts';
import type { FigureKind } from '../figure.ts';
import { nickOf, roomJid, userJid } from '../names.ts';
import type { Scenario } from '../scenario.ts';
import { World } from '../world.ts';

const CHANNEL = '#bench';
const FLOOD = 100_000;
const WARM_UP = 10_000;
/** A gateway that is slow is not waited for. */
const FLOOD_MS = 12_000;
const SLICE = 100;
/** So much of the flood may be under way to the gateway: what is behind it in a pipe cannot come before it. */
const IN_FLIGHT = 2_000;
const PROBE_MS = 20;
const PATIENCE_MS = 10_000;
const MOST_MS = 50;

const KINDS = ['to XMPP', 'to IRC'].flatMap((direction): FigureKind[] => [
  { name: `wait during the flood of another ${direction}, p50`, unit: 'ms' },
  {
    name: `wait during the flood of another ${direction}, longest`,
    unit: 'ms',
    target: { ownAtMost: MOST_MS },
  },
]);

/** One user is flooded, or floods, with 100,000 messages; how long does another wait for what is hers? */
export const fairness: Scenario = {
  name: 'fairness',
  kinds: KINDS,
  measure: async (gateway) => {
    const world = await World.start(gateway, {
      users: 2,
      limits: 'default',
      channels: { [CHANNEL]: 3 },
    });
    try {
      await world.join([0, 1], CHANNEL);
      const ear = new Ear(world);
      const fromNetwork = await measureWarm(ear, {
        slice: (first) => world.irc.socketOf(nickOf(0)).write(lines(first)),
        probe: (id) => world.irc.socketOf(nickOf(1)).write(line(`${id}.`)),
      });
      const fromUser = await measureWarm(ear, {
        slice: (first) => world.component.write(stanzas(first)),
        probe: (id) => world.component.write(ping(id)),
      });
      const values = [fromNetwork, fromUser].flatMap((waits) => [
        percentile(waits, 0.5),
        Math.max(...waits),
      ]);
      return Object.fromEntries(
        KINDS.map(({ name }, index) => [name, values[index] ?? Number.NaN]),
      );
    } finally {
      await world.stop();
    }
  },
};

/** Counts what the gateway answers to the flood, and notes when each probe has its answer. */
class Ear {
  answered = 0;
  readonly waiting = new Map<string, number>();
  readonly waits: number[] = [];

  constructor(world: World) {
    world.component.listen((text) => {
      this.answered += text.match(/to='u0@[^>]*>|to="u0@[^>]*>/g)?.length ?? 0;
      for (const [id, sentAt] of this.waiting) {
        if (!text.includes(id)) continue;
        this.waiting.delete(id);
        this.waits.push(performance.now() - sentAt);
      }
    });
  }
}

interface Flood {
  slice(first: number): void;
  probe(id: string): void;
}

/** The first of a flood meets code that has yet to run; a gateway that has run for a while knows it. */
async function measureWarm(ear: Ear, flood: Flood): Promise<readonly number[]> {
  await measure(ear, flood, WARM_UP);
  return measure(ear, flood, FLOOD);
}

async function measure(ear: Ear, flood: Flood, count: number): Promise<readonly number[]> {
  ear.answered = 0;
  ear.waits.length = 0;
  const startedAt = performance.now();
  let probedAt = 0;
  let probes = 0;
  for (let sent = 0; sent < count && performance.now() - startedAt < FLOOD_MS;) {
    if (sent - ear.answered < IN_FLIGHT) {
      flood.slice(sent);
      sent += SLICE;
    }
    const now = performance.now();
    if (now - probedAt >= PROBE_MS) {
      probedAt = now;
      probes += 1;
      const id = `probe${probes}x${Math.round(startedAt)}`;
      ear.waiting.set(id, performance.now());
      flood.probe(id);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  const until = performance.now() + PATIENCE_MS;
  while (ear.waiting.size > 0 && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  // One that never had its answer has waited at least for so long.
  for (const sentAt of ear.waiting.values()) ear.waits.push(performance.now() - sentAt);
  ear.waiting.clear();
  return [...ear.waits];
}

const line = (text: string): string => `:peer!peer@localhost PRIVMSG ${CHANNEL} :${text}\r\n`;

function lines(first: number): string {
  let text = '';
  for (let index = 0; index < SLICE; index++) text += line(`flood ${first + index}`);
  return text;
}

function stanzas(first: number): string {
  let xml = '';
  for (let index = 0; index < SLICE; index++) {
    xml += `<message from='${userJid(0)}' to='${roomJid(CHANNEL)}' type='groupchat' id='f${first + index}'><body>flood ${first + index}</body></message>`;
  }
  return xml;
}

function ping(id: string): string {
  const to = roomJid(CHANNEL).split('@')[1] ?? '';
  return `<iq type='get' id='${id}' from='${userJid(1)}' to='${to}'><ping xmlns='urn:xmpp:ping'/></iq>`;
}
