import { idOf, textOf, userOf } from './load.ts';
import type { Load } from './load.ts';
import { nickOf, roomJid, userJid } from './names.ts';
import { verifyLines, verifyStanzas } from './verification.ts';
import type { World } from './world.ts';

export interface Passage {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Of each message in order, if asked for. */
  readonly latenciesMs: readonly number[];
}

/** So many messages are given away before the generator looks at what has come back. */
const SLICE = 200;
const SETTLE_MS = 20;
/** Sends messages through the gateway and sees to it that all arrive, unchanged and in order. */
export async function pass(world: World, load: Load): Promise<Passage> {
  const toXmpp = load.direction === 'to XMPP';
  const series = world.nextSeries();
  const stanzas = world.component.record('</message>', load.isTimed === true && toXmpp);
  const lines = world.irc.record(load.isTimed === true && !toXmpp);
  const cpuBefore = world.cpuSeconds();
  const startedAt = performance.now();
  const sentAt = await offer(world, load, series);
  // A message to IRC is reflected to its sender, so that both ends have something to receive.
  await Promise.all([stanzas.until(load.count), toXmpp ? undefined : lines.until(load.count)]);
  const seconds = (performance.now() - startedAt) / 1_000;
  const used = world.cpuSeconds() - cpuBefore;
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  world.component.stopRecording();
  world.irc.stopRecording();
  verifyStanzas(load, series, stanzas.texts.join(''));
  verifyLines(load, lines.texts);
  const { stamps } = toXmpp ? stanzas : lines;
  return {
    seconds,
    cpuSeconds: used,
    latenciesMs: stamps.map((stamp, index) => stamp - (sentAt[index] ?? Number.NaN)),
  };
}

const FEWEST = 400;
/** The first is short, for nobody knows yet how fast a gateway is. */
const WARM_UPS = 3;
const PACED_WARM_UPS = 2;
const MOST = 120_000;
/** The latest speed of each world, by which the next load is measured out. */
const speeds = new WeakMap<World, number>();

/** As `pass` at full speed, with as many messages as have lately taken so long. */
export async function passForSeconds(
  world: World,
  load: Omit<Load, 'count' | 'perSecond'>,
  seconds: number,
): Promise<{ readonly passage: Passage; readonly count: number }> {
  const fitting = Math.round((speeds.get(world) ?? 0) * seconds);
  const count = Math.max(FEWEST, Math.min(MOST, fitting));
  const passage = await pass(world, { ...load, count });
  speeds.set(world, count / passage.seconds);
  return { passage, count };
}

/**
 * Brings a gateway to its usual speed, that of one which has run for a while: code that has run little is slow in Node, and
 * caches are empty in any.
 */
export async function warmUp(
  world: World,
  load: Omit<Load, 'count' | 'perSecond'>,
  seconds: number,
): Promise<void> {
  speeds.delete(world);
  for (let turn = 0; turn < WARM_UPS; turn++) await passForSeconds(world, load, seconds);
}

/** As `warmUp` for what comes at a measured pace, which takes other ways through the same code. */
export async function warmUpAtPace(world: World, load: Load): Promise<void> {
  for (let turn = 0; turn < PACED_WARM_UPS; turn++) await pass(world, load);
}

async function offer(world: World, load: Load, series: number): Promise<number[]> {
  const sentAt: number[] = [];
  const { count, burst, perSecond } = load;
  const slice = perSecond === undefined ? SLICE : burst;
  const startedAt = performance.now();
  for (let first = 0; first < count; first += slice) {
    if (perSecond !== undefined) await until(startedAt + (first / perSecond) * 1_000);
    const last = Math.min(first + slice, count);
    if (load.isTimed === true) sentAt.push(performance.now());
    if (load.direction === 'to XMPP') writeLines(world, load, first, last);
    else await world.component.send(stanzasOf(load, series, first, last));
    if (perSecond === undefined) await new Promise(setImmediate);
  }
  return sentAt;
}

/** Waits, and gives way at least once, so that no two bursts leave together. */
async function until(time: number): Promise<void> {
  const waitMs = time - performance.now();
  if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
  else await new Promise(setImmediate);
}

function writeLines(world: World, load: Load, first: number, last: number): void {
  const perUser = new Map<number, string>();
  for (let index = first; index < last; index++) {
    const user = userOf(load, index);
    const line = `:peer!peer@localhost PRIVMSG ${load.channel} :${textOf(index)}\r\n`;
    perUser.set(user, (perUser.get(user) ?? '') + line);
  }
  for (const [user, text] of perUser) world.irc.socketOf(nickOf(user)).write(text);
}

function stanzasOf(load: Load, series: number, first: number, last: number): string {
  const room = roomJid(load.channel);
  let xml = '';
  for (let index = first; index < last; index++) {
    const from = userJid(userOf(load, index));
    xml += `<message from='${from}' to='${room}' type='groupchat' id='${idOf(series, index)}'><body>${escape(textOf(index))}</body></message>`;
  }
  return xml;
}

function escape(text: string): string {
  return text.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;' })[sign] ?? '&gt;');
}
