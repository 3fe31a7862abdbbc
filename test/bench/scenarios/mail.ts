import type { FigureKind, Figures } from '../figure.ts';
import { lettersOf, verifyLetters } from '../mail/letters.ts';
import type { Letter } from '../mail/letters.ts';
import { Helper } from '../mail/helper.ts';
import { MailWorld } from '../mail/mail-world.ts';
import type { RawQuestion } from '../mail/raw.ts';
import type { ServerAnswer, ServerQuestion } from '../mail/server.ts';
import type { Pace, Scenario } from '../scenario.ts';

const USERS = 50;
const PEERS_EACH = 4;
const IDLE_MAILBOXES = 200;
const SETTLE_MS = 3_000;
/** Mails for each second that a measurement is to take: a guess. */
const MAILS_PER_SECOND = 2_500;

const OUT: FigureKind = { name: 'mail out', unit: 'mails/s', target: { atLeast: 0.5 } };
const IN: FigureKind = { name: 'mail in', unit: 'mails/s', target: { atLeast: 0.5 } };
const OUT_CPU: FigureKind = { name: 'CPU of mail out', unit: 's/1,000' };
const IN_CPU: FigureKind = { name: 'CPU of mail in', unit: 's/1,000' };
const MEMORY: FigureKind = {
  name: `memory for each of ${IDLE_MAILBOXES} idle mailboxes`,
  unit: 'kB',
};
const IDLE: FigureKind = { name: `CPU of IDLE, ${IDLE_MAILBOXES} mailboxes`, unit: '% of a core' };

/** Whoever does the work, in a process of its own. */
interface Worker {
  cpuSeconds(): number;
  residentKilobytes(): number;
}

/** Mail through the whole of our gateway, beside the libraries that it does it with. */
export const mail: Scenario = {
  name: 'mail',
  kinds: [OUT, OUT_CPU, IN, IN_CPU, MEMORY, IDLE],
  measure: async (gateway, pace) => {
    const world = await MailWorld.start(gateway, IDLE_MAILBOXES);
    try {
      await world.register(0, USERS);
      return await figuresOf(world, pace, {
        send: async (letters) => verifyLetters(letters, await world.send(letters)),
        receive: async (letters) => verifyLetters(letters, await world.receive(letters)),
        idle: (count) => world.register(USERS, count - USERS),
      });
    } finally {
      await world.stop();
    }
  },
  beside: { name: 'raw', measure: measureRaw },
};

async function measureRaw(pace: Pace): Promise<Figures> {
  const server = new Helper<ServerQuestion, ServerAnswer>('./server.ts');
  const raw = new Helper<RawQuestion, { readonly read?: number }>('./raw.ts');
  try {
    const { imapPort = 0, smtpPort = 0 } = await server.ask({ do: 'start', users: IDLE_MAILBOXES });
    await raw.ask({ do: 'idle', port: imapPort, first: 0, count: USERS });
    return await figuresOf(raw, pace, {
      send: async (letters) => {
        const taken = server.ask({ do: 'expect', count: letters.length });
        await raw.ask({ do: 'send', port: smtpPort, letters });
        await taken;
      },
      receive: async (letters) => {
        const fetched = raw.ask({ do: 'fetch', count: letters.length });
        await server.ask({ do: 'deliver', letters });
        if ((await fetched).read !== letters.length) throw new Error('not all mails were read');
      },
      idle: async (count) =>
        void (await raw.ask({ do: 'idle', port: imapPort, first: USERS, count: count - USERS })),
    });
  } finally {
    await raw.stop();
    await server.stop();
  }
}

async function figuresOf(
  worker: Worker,
  { windowSeconds }: Pace,
  acts: {
    readonly send: (letters: readonly Letter[]) => Promise<void>;
    readonly receive: (letters: readonly Letter[]) => Promise<void>;
    /** So many mailboxes are open in the end. */
    readonly idle: (count: number) => Promise<void>;
  },
): Promise<Figures> {
  const idleBefore = worker.residentKilobytes();
  await acts.idle(IDLE_MAILBOXES);
  await pause(SETTLE_MS);
  const more = IDLE_MAILBOXES - USERS;
  const memory = (worker.residentKilobytes() - idleBefore) / more;
  const cpuBefore = worker.cpuSeconds();
  const idleSeconds = windowSeconds * 75;
  await pause(idleSeconds * 1_000);
  const idleCpu = ((worker.cpuSeconds() - cpuBefore) / idleSeconds) * 100;
  const figures: Record<string, number> = { [MEMORY.name]: memory, [IDLE.name]: idleCpu };
  const count = Math.round(windowSeconds * MAILS_PER_SECOND);
  let series = 0;
  for (const [rate, cpu, act] of [
    [OUT, OUT_CPU, acts.send],
    [IN, IN_CPU, acts.receive],
  ] as const) {
    // Once to warm up: code that has run little is slow in Node.
    for (const isMeasured of [false, true]) {
      series += 1;
      const letters = lettersOf(series, count, USERS, PEERS_EACH);
      const startedCpu = worker.cpuSeconds();
      const startedAt = performance.now();
      await act(letters);
      if (!isMeasured) continue;
      figures[rate.name] = count / ((performance.now() - startedAt) / 1_000);
      figures[cpu.name] = ((worker.cpuSeconds() - startedCpu) / count) * 1_000;
    }
  }
  return figures;
}

const pause = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));
