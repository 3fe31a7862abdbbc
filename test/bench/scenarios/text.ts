import type { FigureKind, Figures } from '../figure.ts';
import { textOf } from '../load.ts';
import type { Scenario } from '../scenario.ts';
import { numberOf, phoneOf, SMS, texterJid, TextWorld } from '../text-world.ts';

const USERS = 200;
const WARM_UP = 400;
const MOST = 20_000;

type Direction = 'to phones, with receipts' | 'from phones';

interface Passage {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const DIRECTIONS = {
  'to phones, with receipts': passOut,
  'from phones': passIn,
} as const satisfies Readonly<
  Record<Direction, (world: TextWorld, series: number, count: number) => Promise<Passage>>
>;

/** Texts by Twilio, both ways: each is on disk at every step, and no other gateway here carries any. */
export const text: Scenario = {
  name: 'text',
  kinds: [...kindsOf('to phones, with receipts'), ...kindsOf('from phones')],
  measure: async (gateway, { windowSeconds }) => {
    if (gateway.name !== 'causeway') return {};
    const world = await TextWorld.start(gateway, USERS);
    try {
      const out = await figuresOf(world, 'to phones, with receipts', windowSeconds);
      return { ...out, ...(await figuresOf(world, 'from phones', windowSeconds)) };
    } finally {
      await world.stop();
    }
  },
};

async function figuresOf(
  world: TextWorld,
  direction: Direction,
  windowSeconds: number,
): Promise<Figures> {
  const pass = DIRECTIONS[direction];
  let speed = 0;
  for (const series of [1, 2]) speed = WARM_UP / (await pass(world, series, WARM_UP)).seconds;
  const count = Math.round(Math.min(MOST, Math.max(WARM_UP, speed * windowSeconds * 3)));
  const { seconds, cpuSeconds } = await pass(world, 3, count);
  const [rate, cpu] = kindsOf(direction).map(({ name }) => name);
  return { [rate ?? '']: count / seconds, [cpu ?? '']: (cpuSeconds / count) * 1_000 };
}

function kindsOf(direction: Direction): FigureKind[] {
  return [
    { name: `rate of texts ${direction}`, unit: 'texts/s' },
    { name: `CPU of texts ${direction}`, unit: 's/1,000' },
  ];
}

/** From users to phones, until all senders have their receipts. */
async function passOut(world: TextWorld, series: number, count: number): Promise<Passage> {
  const before = world.twilio.messages.length;
  const stanzas = await clocked(world, '<received', count, async () => {
    for (let index = 0; index < count; index += 1) {
      await world.component.send(
        `<message type='chat' id='o${series}-${index}' from='${texterJid(index % USERS)}/desk' to='${phoneOf(index)}@${SMS}'><body>${bodyOf(series, index)}</body><request xmlns='urn:xmpp:receipts'/></message>`,
      );
    }
  });
  const texts = world.twilio.messages.slice(before);
  const sent = texts.map(({ from, to, body }) => `${from} ${to} ${body}`);
  verify(
    sent,
    allOf(
      count,
      (index) => `${numberOf(index % USERS)} ${phoneOf(index)} ${bodyOf(series, index)}`,
    ),
  );
  verify(
    stanzas.texts.join('').match(/<received[^>]*>/g) ?? [],
    allOf(count, (index) => `o${series}-${index}`),
    (tag) => /id='([^']*)'/.exec(tag)?.[1] ?? tag,
  );
  return stanzas.passage;
}

/** From phones to users, until all have arrived and the last webhook is answered. */
async function passIn(world: TextWorld, series: number, count: number): Promise<Passage> {
  const stanzas = await clocked(world, '</message>', count, async () => {
    const told = allOf(count, (index) =>
      world.twilio.text(phoneOf(index), numberOf(index % USERS), bodyOf(series, index)),
    );
    for (const { status } of await Promise.all(told)) {
      if (status !== 200) throw new Error(`a webhook answers ${status}`);
    }
  });
  const messages = stanzas.texts.join('').match(/<message .*?<\/message>/gs) ?? [];
  verify(
    messages,
    allOf(
      count,
      (index) => `${phoneOf(index)} ${texterJid(index % USERS)} ${bodyOf(series, index)}`,
    ),
    (stanza) => {
      const [, from] = /from='([^@']*)@/.exec(stanza) ?? [];
      const [, to] = / to='([^'/]*)/.exec(stanza) ?? [];
      return `${from} ${to} ${/<body>(.*?)<\/body>/s.exec(stanza)?.[1]}`;
    },
  );
  return stanzas.passage;
}

async function clocked(
  world: TextWorld,
  pattern: string,
  count: number,
  work: () => Promise<void>,
): Promise<{ readonly passage: Passage; readonly texts: readonly string[] }> {
  const recording = world.component.record(pattern);
  const cpuBefore = world.cpuSeconds();
  const startedAt = performance.now();
  await Promise.all([work(), recording.until(count)]);
  const seconds = (performance.now() - startedAt) / 1_000;
  const used = world.cpuSeconds() - cpuBefore;
  world.component.stopRecording();
  return { passage: { seconds, cpuSeconds: used }, texts: recording.texts };
}

/** Plain letters alone, so that they look the same on both sides. */
const bodyOf = (series: number, index: number): string =>
  `${series} ${textOf(index)}`.replace(/[^\w ]/g, '.');

const allOf = <Value>(count: number, value: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => value(index));

/** @throws Error unless all have come, and each once */
function verify(
  found: readonly string[],
  wanted: readonly string[],
  read: (text: string) => string = (text) => text,
): void {
  const left = new Set(wanted);
  for (const one of found) {
    if (!left.delete(read(one))) throw new Error(`nobody sent this, or not twice: ${one}`);
  }
  if (left.size > 0) throw new Error(`${left.size} are missing: ${[...left][0]}`);
}
