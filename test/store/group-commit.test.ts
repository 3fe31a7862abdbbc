import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { GroupCommit } from '../../src/store/group-commit.ts';
import { NotWritten } from '../../src/store/message-database.ts';
import type { Changes, MessageEngine, Query } from '../../src/store/message-database.ts';

const PATIENCE_MS = 10_000;
const log = pino({ level: 'silent' });
const piece = (text: string): Query[] => [{ text, values: [] }];

/** Does with each group what the test says. */
class Engine implements MessageEngine {
  readonly listed = '';
  readonly isOpen = true;
  readonly retryMs = 1;
  readonly groups: string[] = [];
  readonly #answers: ((count: number) => Changes)[];

  constructor(...answers: ((count: number) => Changes)[]) {
    this.#answers = answers;
  }

  async transact(pieces: readonly (readonly Query[])[]): Promise<Changes> {
    this.groups.push(pieces.map(([query]) => query?.text).join(' '));
    const answer = this.#answers.shift() ?? done;
    return answer(pieces.length);
  }

  read = <Row>(): Promise<Row[]> => Promise.resolve([]);
  close = (): void => undefined;
}

const done = (count: number): Changes => Array.from({ length: count }, () => [1]);
const fails = (about: ConstructorParameters<typeof NotWritten>[1]) => (): Changes => {
  throw new NotWritten(new Error('no'), about);
};

test('one piece that is refused does not hold up the others, and the database is well', async () => {
  const engine = new Engine(fails({ isTemporary: false, piece: 1 }));
  const commit = new GroupCommit(engine, log);
  const all = await Promise.allSettled(['a', 'b', 'c'].map((text) => commit.write(piece(text))));
  assert.deepEqual(
    all.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(engine.groups, ['a b c', 'a c']);
  assert.ok(commit.isHealthy);
  await commit.close();
});

test('what cannot be written now is tried again for a while, and then refused', async (context) => {
  context.mock.timers.enable({ apis: ['Date'] });
  const engine = new Engine(fails({ isTemporary: true }), () => {
    context.mock.timers.tick(PATIENCE_MS);
    return fails({ isTemporary: true })();
  });
  const commit = new GroupCommit(engine, log);
  await assert.rejects(commit.write(piece('a')));
  assert.equal(commit.isHealthy, false);
  assert.deepEqual(await commit.write(piece('b')), [1]);
  assert.ok(commit.isHealthy);
  assert.deepEqual(engine.groups, ['a', 'a', 'b']);
  await commit.close();
});

test('nobody is told that something was not written which may be on disk; those behind are', async (context) => {
  context.mock.timers.enable({ apis: ['Date'] });
  const inDoubt = fails({ isTemporary: true, isInDoubt: true });
  let behind: Promise<unknown> | undefined;
  const engine = new Engine(
    () => {
      behind = commit.write(piece('b'));
      behind.catch(() => undefined);
      context.mock.timers.tick(PATIENCE_MS);
      return inDoubt();
    },
    inDoubt,
    inDoubt,
  );
  const commit = new GroupCommit(engine, log);
  const first = commit.write(piece('a'));
  while (behind === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
  await assert.rejects(behind, /no/);
  assert.deepEqual(await first, [1]);
  assert.deepEqual(engine.groups, ['a', 'a', 'a', 'a']);
  await commit.close();
});
