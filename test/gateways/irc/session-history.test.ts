import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import type { RoomMessageEvent } from '../../../src/plugin/index.ts';
import type { LineSocket } from './line-server.ts';
import { startRig } from './session-rig.ts';
import type { Rig, RigOptions } from './session-rig.ts';

const HISTORY = 'batch draft/chathistory message-tags server-time';
const SUPPORT = 'CHATHISTORY=2 MSGREFTYPES=timestamp,msgid';

interface Entered extends Rig {
  readonly irc: LineSocket;
}

/** In a channel of a server that can be asked for what was said; it has answered once that there is nothing. */
async function enter(context: TestContext, options: RigOptions = {}): Promise<Entered> {
  const rig = await startRig(context, options);
  const joining = rig.session.join(rig.room, { nick: 'alice' });
  const irc = await rig.server.accept();
  await irc.welcomeWith(HISTORY, 'alice', SUPPORT);
  await irc.letIn('alice', '#room', 'alice bob');
  await joining;
  assert.equal(await irc.expect(/^CHATHISTORY/), 'CHATHISTORY LATEST #room * :2');
  irc.send(...page('x'));
  return { ...rig, irc };
}

/** The connection is lost and made again, up to the question for what was said meanwhile. */
async function comeBack(rig: Entered): Promise<{ irc: LineSocket; asked: string }> {
  rig.irc.socket.destroy();
  const irc = await rig.server.accept();
  await irc.welcomeWith(HISTORY, 'alice', SUPPORT);
  await irc.letIn('alice', '#room', 'alice bob');
  return { irc, asked: await irc.expect(/^CHATHISTORY/) };
}

const said = (name: string, at: string, text: string, more = ''): string =>
  `@batch=${name};time=${at}${more} :bob!b@h PRIVMSG #room :${text}`;

const page = (name: string, ...lines: readonly string[]): string[] => [
  `:irc.test BATCH +${name} chathistory #room`,
  ...lines,
  `:irc.test BATCH -${name}`,
];

async function heard({ events }: Rig, count: number): Promise<RoomMessageEvent[]> {
  const found: RoomMessageEvent[] = [];
  while (found.length < count) found.push(await events.next('room-message'));
  return found;
}

const texts = async (rig: Rig, count: number): Promise<string[]> =>
  (await heard(rig, count)).map(({ text }) => text);

test('asks page by page for what was said while the connection was lost, and tells it in order', async (context) => {
  const rig = await enter(context);
  const { irc, asked } = await comeBack(rig);
  const since = /^CHATHISTORY AFTER #room timestamp=(\S+) :2$/.exec(asked)?.[1];
  assert.ok(
    Date.parse(since ?? '') < Date.now() - 55_000,
    `${since} leaves room for clocks that differ`,
  );
  irc.send(
    ...page(
      'a',
      said('a', '2020-01-01T00:00:02.000Z', 'two', ';msgid=2'),
      said('a', '2020-01-01T00:00:01.000Z', 'one', ';msgid=1'),
    ),
  );
  assert.equal(await irc.expect(/^CHATHISTORY/), 'CHATHISTORY AFTER #room msgid=2 :2');
  irc.send(...page('b', said('b', '2020-01-01T00:00:03.250Z', 'three')));
  assert.match(await irc.expect(/^CHATHISTORY/), /AFTER #room timestamp=2020-01-01T00:00:03.250Z/);
  irc.send(...page('c'));
  const messages = await heard(rig, 3);
  assert.deepEqual(
    messages.map(({ text, id, at, isPast, nick }) => [text, id, at?.toISOString(), isPast, nick]),
    [
      ['one', '1', '2020-01-01T00:00:01.000Z', true, 'bob'],
      ['two', '2', '2020-01-01T00:00:02.000Z', true, 'bob'],
      ['three', undefined, '2020-01-01T00:00:03.250Z', true, 'bob'],
    ],
  );
});

test('lets what is said meanwhile wait behind it, and tells nothing of it twice', async (context) => {
  const rig = await enter(context);
  const { irc } = await comeBack(rig);
  irc.send(
    '@msgid=8;time=2020-01-01T00:00:08.000Z :bob!b@h PRIVMSG #room :in both',
    ':bob!b@h PRIVMSG #room :live',
    ...page(
      'a',
      said('a', '2020-01-01T00:00:07.000Z', 'past', ';msgid=7'),
      said('a', '2020-01-01T00:00:08.000Z', 'in both', ';msgid=8'),
    ),
  );
  await irc.expect(/^CHATHISTORY AFTER #room msgid=8/);
  irc.send(':bob!b@h PRIVMSG #room :later', ...page('b'), ':bob!b@h PRIVMSG #room :last');
  assert.deepEqual(await texts(rig, 5), ['past', 'in both', 'live', 'later', 'last']);
});

test('asks for as much as is sensible, says that there was more, and tells the latest', async (context) => {
  const rig = await enter(context);
  const { irc } = await comeBack(rig);
  for (let count = 1; count <= 10; count += 1) {
    if (count > 1) await irc.expect(/^CHATHISTORY AFTER/);
    irc.send(...page('a', said('a', `2020-01-01T00:00:${10 + count}.000Z`, `old ${count}`)));
  }
  assert.match(await irc.expect(/^CHATHISTORY/), /LATEST #room timestamp=2020-01-01T00:00:20.000Z/);
  irc.send(...page('z', said('z', '2020-01-01T00:01:00.000Z', 'newest')));
  assert.deepEqual((await texts(rig, 12)).slice(9), [
    'old 10',
    'More was said here meanwhile than the server was asked for.',
    'newest',
  ]);
});

test('Ergo: passes over who came and went, which a service tells, and goes on behind it', async (context) => {
  const rig = await enter(context);
  const { irc } = await comeBack(rig);
  irc.send(
    ...page(
      'a',
      said('a', '2020-01-01T00:00:01.000Z', 'one', ';msgid=1'),
      '@batch=a;time=2020-01-01T00:00:02.000Z;msgid=2 :HistServ!HistServ@localhost PRIVMSG #room :bob left the channel',
    ),
  );
  await irc.expect(/^CHATHISTORY AFTER #room msgid=2/);
  irc.send(
    ...page(
      'b',
      '@batch=b;time=2020-01-01T00:00:03.000Z;msgid=3 :HistServ!HistServ@localhost PRIVMSG #room :bob joined the channel',
    ),
  );
  await irc.expect(/^CHATHISTORY AFTER #room msgid=3/);
  irc.send(...page('c', said('c', '2020-01-01T00:00:04.000Z', 'two', ';msgid=4')));
  assert.deepEqual(await texts(rig, 2), ['one', 'two']);
});

test('gives up a server that says the same for ever, or refuses, and goes on', async (context) => {
  const rig = await enter(context);
  const { irc } = await comeBack(rig);
  const same = page('a', said('a', '2020-01-01T00:00:01.000Z', 'again', ';msgid=1'));
  irc.send(...same);
  await irc.expect(/^CHATHISTORY AFTER/);
  irc.send(...same, ':bob!b@h PRIVMSG #room :live');
  assert.deepEqual(await texts(rig, 2), ['again', 'live']);
  const second = await comeBack({ ...rig, irc });
  second.irc.send(
    'FAIL CHATHISTORY MESSAGE_ERROR AFTER #room :Not now',
    ':bob!b@h PRIVMSG #room :live again',
  );
  assert.deepEqual(await texts(rig, 1), ['live again']);
  assert.ok(!rig.events.kinds.includes('notice'));
});

test('waits no longer than for an answer when a batch has no end, and keeps what it has', async (context) => {
  const rig = await enter(context, { timings: { answerTimeoutMs: 100 } });
  const { irc } = await comeBack(rig);
  irc.send(
    ':irc.test BATCH +a chathistory #room',
    said('a', '2020-01-01T00:00:01.000Z', 'one'),
    ':bob!b@h PRIVMSG #room :live',
  );
  await irc.expect(/^CHATHISTORY AFTER #room timestamp=2020-01-01T00:00:01/);
  irc.send(said('a', '2020-01-01T00:00:02.000Z', 'late'));
  assert.deepEqual(await texts(rig, 3), ['one', 'live', 'late']);
});

test('takes of an endless answer no more than it can bear', async (context) => {
  const rig = await enter(context);
  const { irc } = await comeBack(rig);
  const lines = Array.from({ length: 3_000 }, (_, at) =>
    said('a', new Date(1_600_000_000_000 + at).toISOString(), `line ${at}`),
  );
  irc.send(...page('a', ...lines));
  await irc.expect(/^CHATHISTORY AFTER #room timestamp=2020-09-13T12:26:40.999Z/);
  irc.send(...page('b'), ':bob!b@h PRIVMSG #room :live');
  assert.deepEqual((await texts(rig, 1_001)).slice(999), ['line 999', 'live']);
});

test('shows nothing as said in times to come, and survives times that are none', async (context) => {
  const rig = await enter(context);
  const { irc } = await comeBack(rig);
  irc.send(
    ...page(
      'a',
      said('a', '9999-01-01T00:00:00.000Z', 'from the future'),
      said('a', 'yesterday', 'no time'),
      said('a', '-271821-04-20T00:00:00.000Z', 'too old'),
      '@batch=a :bob!b@h PRIVMSG #room :without',
    ),
    '@time=9999-01-01T00:00:00.000Z :bob!b@h PRIVMSG #room :live',
  );
  await irc.expect(/^CHATHISTORY AFTER/);
  irc.send(...page('b'));
  for (const { text, at } of await heard(rig, 5)) {
    if (at !== undefined) assert.ok(at.getTime() <= Date.now() && at.getTime() > 0, text);
  }
});

test('takes nobody in or out by what happened before, and answers no question of then', async (context) => {
  const rig = await enter(context);
  rig.irc.send(
    ...page(
      'a',
      '@batch=a;time=2020-01-01T00:00:00.000Z :carol!c@h JOIN #room',
      '@batch=a;time=2020-01-01T00:00:00.000Z :bob!b@h PART #room',
      '@batch=a;time=2020-01-01T00:00:00.000Z :bob!b@h PRIVMSG #room :\u0001VERSION\u0001',
      said('a', '2020-01-01T00:00:00.000Z', 'said'),
    ),
    ':dave!d@h JOIN #room',
  );
  assert.equal((await rig.events.next('joined')).member.nick, 'dave');
  await rig.session.raw('test', 'TIME');
  assert.equal(await rig.irc.expect(/^(NOTICE|TIME)/), 'TIME');
});

test('marks what a server replays of its own accord, without asking a server that cannot be asked', async (context) => {
  const rig = await startRig(context);
  const joining = rig.session.join(rig.room, { nick: 'alice' });
  const irc = await rig.server.accept();
  await irc.welcomeWith('batch message-tags server-time', 'alice');
  await irc.letIn(
    'alice',
    '#room',
    'alice bob',
    ...page('p', said('p', '2020-01-01T00:00:01.000Z', 'replayed', ';msgid=1')),
    '@msgid=2 :bob!b@h PRIVMSG #room :live',
  );
  await joining;
  const [replayed, live] = await heard(rig, 2);
  assert.deepEqual([replayed?.text, replayed?.isPast], ['replayed', true]);
  assert.deepEqual([live?.text, live?.isPast], ['live', undefined]);
  await rig.session.raw('test', 'TIME');
  assert.equal(await irc.expect(/^(CHATHISTORY|TIME)/), 'TIME');
});

test('asks for everything since the first loss when the connection is lost over the question', async (context) => {
  const rig = await enter(context);
  const first = await comeBack(rig);
  const second = await comeBack({ ...rig, irc: first.irc });
  assert.equal(second.asked, first.asked);
});

test('tells what waited before it says that the user was put out', async (context) => {
  const rig = await enter(context);
  const { irc } = await comeBack(rig);
  irc.send(':bob!b@h PRIVMSG #room :live', ':bob!b@h KICK #room alice :Out');
  assert.deepEqual(await texts(rig, 1), ['live']);
  assert.equal((await rig.events.next('left')).how, 'kicked');
});

test('lets nobody wait for long for a server that is slow to remember', async (context) => {
  const rig = await enter(context, { timings: { historyTimeoutMs: 1, pingIntervalMs: 80 } });
  const { irc } = await comeBack(rig);
  irc.send(':bob!b@h PRIVMSG #room :live');
  assert.deepEqual(await texts(rig, 1), ['live']);
  irc.send(...page('a', said('a', '2020-01-01T00:00:01.000Z', 'past')));
  assert.deepEqual(await texts(rig, 1), ['past']);
});

test('holds back only so much, and loses nothing of it', async (context) => {
  const rig = await enter(context);
  const { irc } = await comeBack(rig);
  const lines = Array.from({ length: 600 }, (_, at) => `:bob!b@h PRIVMSG #room :live ${at}`);
  irc.send(...lines);
  const told = await texts(rig, 600);
  assert.deepEqual([told[0], told[500], told[599]], ['live 0', 'live 500', 'live 599']);
});
