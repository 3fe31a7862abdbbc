import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import { NetworkError } from '../../src/plugin/index.ts';
import type { Step } from '../../src/plugin/index.ts';
import { Dialogue } from '../../src/session/dialogue.ts';
import type { DialogueOptions, Script, Turn } from '../../src/session/dialogue.ts';
import { Dialogues } from '../../src/session/dialogues.ts';

const HOUR_MS = 3_600_000;

const ask = (name: string, more: Partial<Step> = {}): Step => ({
  instructions: name,
  fields: [{ name, label: name, kind: 'text', isRequired: true }],
  ...more,
});

const options = (run: DialogueOptions['run'], node = 'test'): DialogueOptions => ({
  node,
  parties: 'alice@localhost/desk loop.localhost',
  language: 'en',
  run,
});

const begin = (run: DialogueOptions['run']): Dialogue =>
  new Dialogue(options(run), () => undefined);

const values = (name: string, value: string): Map<string, string[]> => new Map([[name, [value]]]);

function asked(turn: Turn): Step {
  return turn.kind === 'asks' ? turn.step : assert.fail('it is over');
}

async function* three(): Script {
  const { one = '' } = yield ask('one');
  const { two = '' } = yield ask('two');
  const { three: last = '' } = yield ask('three');
  return { text: one + two + last };
}

/** A promise with its handle. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

describe('a dialogue', () => {
  test('asks one step after the other, and tells at its end what came of it', async () => {
    const dialogue = begin(three);
    assert.equal(asked(await dialogue.start()).instructions, 'one');
    assert.equal(asked(await dialogue.answer(values('one', 'a'))).instructions, 'two');
    assert.equal(asked(await dialogue.answer(values('two', 'b'))).instructions, 'three');
    const turn = await dialogue.answer(values('three', 'c'));
    assert.deepEqual(turn, { kind: 'done', outcome: { text: 'abc' } });
    assert.ok(dialogue.isOver);
  });

  test('goes back from the second step to the first, which then has what was answered, and from no other', async () => {
    const dialogue = begin(three);
    await dialogue.start();
    assert.ok(!dialogue.mayGoBack);
    await dialogue.answer(values('one', 'a'));
    const back = asked(await dialogue.back());
    assert.deepEqual([back.instructions, back.fields[0]?.value], ['one', 'a']);
    assert.ok(!dialogue.mayGoBack);
    await dialogue.answer(values('one', 'b'));
    assert.ok(dialogue.mayGoBack);
    await dialogue.answer(values('two', 'c'));
    assert.ok(!dialogue.mayGoBack);
  });

  test('shows what was written in a form again when who wrote the dialogue does not take it', async () => {
    const fields: Step['fields'] = [
      { name: 'name', label: 'Name', kind: 'text', value: 'before' },
      { name: 'flag', label: 'Flag', kind: 'flag', value: 'false' },
      { name: 'secret', label: 'Secret', kind: 'secret' },
    ];
    const dialogue = begin(async function* (): Script {
      let step: Step = { instructions: 'form', fields };
      for (;;) {
        const { name } = yield step;
        if (name === 'good') return { text: name };
        step = { instructions: 'form', fields, problem: 'not that' };
      }
    });
    await dialogue.start();
    const written = new Map([
      ['name', ['bad']],
      ['flag', ['1']],
      ['secret', ['swordfish']],
    ]);
    const again = asked(await dialogue.answer(written));
    assert.equal(again.problem, 'not that');
    assert.deepEqual(
      again.fields.map(({ value }) => value),
      ['bad', 'true', undefined],
    );
    const turn = await dialogue.answer(values('name', 'good'));
    assert.deepEqual(turn, { kind: 'done', outcome: { text: 'good' } });
  });

  test('asks again what cannot be taken, without a word to who wrote the dialogue', async () => {
    const seen: unknown[] = [];
    const dialogue = begin(async function* (): Script {
      seen.push(yield ask('one'));
      return { text: '' };
    });
    await dialogue.start();
    const again = asked(await dialogue.answer(values('one', ' \n')));
    assert.equal(again.problem, '"one" is missing.');
    const wrong = asked(await dialogue.answer(values('one', 'a\u0000b')));
    assert.match(wrong.problem ?? '', /one line/);
    await dialogue.answer(new Map([...values('one', ' a '), ...values('evil', 'x')]));
    assert.deepEqual(seen, [{ one: 'a' }]);
  });

  test('a step that is asked again for a problem is not a further step', async () => {
    const dialogue = begin(async function* (): Script {
      yield ask('one');
      yield ask('one', { problem: 'No.' });
      return { text: '' };
    });
    await dialogue.start();
    await dialogue.answer(values('one', 'a'));
    assert.ok(!dialogue.mayGoBack);
  });

  test('ends with the error of the network, and its cleaning up is done', async () => {
    let isClean = false;
    const dialogue = begin(async function* (): Script {
      try {
        yield ask('one');
        throw new NetworkError('refused', 'No.');
      } finally {
        isClean = true;
      }
    });
    await dialogue.start();
    await assert.rejects(dialogue.answer(values('one', 'a')), /No\./);
    assert.ok(dialogue.isOver && isClean);
  });

  test('ended in the middle, it tells its signal and whoever waits', async () => {
    const { opened, open } = gate();
    let signal: AbortSignal | undefined;
    const dialogue = begin(async function* (given): Script {
      signal = given;
      yield ask('one');
      await opened;
      return { text: 'too late' };
    });
    await dialogue.start();
    const turn = dialogue.answer(values('one', 'a'));
    assert.ok(dialogue.isBusy);
    dialogue.end();
    await assert.rejects(turn, /broken off/);
    assert.ok(signal?.aborted);
    open();
  });

  test('a step that takes too long ends it, and so does an hour of silence', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const stuck = begin(async function* (): Script {
        yield ask('one');
        await new Promise(() => undefined);
        return { text: '' };
      });
      await stuck.start();
      const turn = stuck.answer(values('one', 'a'));
      mock.timers.tick(75_000);
      await assert.rejects(turn, /too long/);
      const forgotten = begin(three);
      await forgotten.start();
      mock.timers.tick(HOUR_MS - 1);
      assert.ok(!forgotten.isOver);
      await forgotten.answer(values('one', 'a'));
      mock.timers.tick(HOUR_MS - 1);
      assert.ok(!forgotten.isOver);
      mock.timers.tick(1);
      assert.ok(forgotten.isOver);
    } finally {
      mock.timers.reset();
    }
  });
});

describe('the dialogues of a user', () => {
  const open = (dialogues: Dialogues, node: string, isSingle = false): Dialogue | undefined =>
    dialogues.open({ ...options(three, node), isSingle });

  test('are at most five: the oldest makes way, and is remembered as past', () => {
    const dialogues = new Dialogues();
    const all = Array.from({ length: 6 }, () => open(dialogues, 'a') ?? assert.fail());
    assert.deepEqual(
      all.map(({ isOver }) => isOver),
      [true, false, false, false, false, false],
    );
    assert.equal(dialogues.find(all[0]?.id ?? ''), undefined);
    assert.ok(dialogues.isPast(all[0]?.id ?? ''));
    assert.ok(!dialogues.isPast('anything'));
    dialogues.end();
    assert.ok(dialogues.isEmpty);
  });

  test('N05: one that can be but once takes the place of an idle one, and not of a busy one', async () => {
    const dialogues = new Dialogues();
    const first = open(dialogues, 'a', true) ?? assert.fail();
    const second = open(dialogues, 'a', true) ?? assert.fail();
    assert.ok(first.isOver && !second.isOver);
    const turn = second.start();
    assert.equal(open(dialogues, 'a', true), undefined);
    assert.ok(open(dialogues, 'b', true) !== undefined);
    await turn;
    assert.ok(open(dialogues, 'a', true) !== undefined);
    dialogues.end();
  });
});
