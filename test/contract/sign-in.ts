import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { NetworkError } from '../../src/plugin/index.ts';
import type { Account, Answers, Field, Step } from '../../src/plugin/index.ts';
import { Bench, USERS, registered, within } from './bench.ts';
import type { Subject } from './subject.ts';

const KINDS: readonly Field['kind'][] = ['text', 'secret', 'flag', 'choice', 'lines', 'choices'];

/** What holds of every registration. */
export function describeSignIn(subject: Subject): void {
  describe('its registration', () => {
    let bench: Bench;
    beforeEach(async () => (bench = await Bench.start(subject)));
    afterEach(() => bench.stop());

    /** All steps that good answers lead through. */
    const steps = async (known?: Account, language = 'en'): Promise<Step[]> => {
      const dialogue = bench.gateway.signIn(known, AbortSignal.timeout(10_000), language, USERS[1]);
      const seen: Step[] = [];
      let next = await dialogue.next();
      for (const answers of bench.rig.answers(1)) {
        if (next.done === true) return seen;
        seen.push(next.value);
        next = await dialogue.next(answers);
      }
      assert.ok(next.done === true, 'good answers to all steps end it');
      return seen;
    };

    test('asks in steps that can be shown', async () => {
      const shown = await steps();
      assert.ok(shown.length > 0);
      for (const step of shown) checkStep(step);
      assert.equal(shown[0]?.problem, undefined);
    });

    test('ends with an account that is plain JSON', async () => {
      const account = await bench.register();
      assert.deepEqual(JSON.parse(JSON.stringify(account)), account);
      for (const value of Object.values(account)) {
        assert.ok(value === null || ['string', 'number', 'boolean'].includes(typeof value));
      }
    });

    test('never shows a secret again, and keeps one that is left empty', async () => {
      const account = await bench.register();
      const secrets = secretAnswers(await steps(), bench.rig.answers(1));
      const shown = JSON.stringify(await steps(account));
      for (const secret of secrets) {
        assert.ok(!shown.includes(secret), 'a secret is shown to whoever changes the registration');
        assert.ok(Object.values(account).includes(secret), 'a secret is kept');
      }
      const again = bench.rig.answers(1).map((answers) => withoutSecrets(answers, secrets));
      const kept = await registered(bench.gateway, again, account);
      assert.deepEqual(kept, account);
    });

    test('shows what is known already to whoever changes it', async () => {
      const account = await bench.register();
      const fields = (await steps(account)).flatMap((step) => step.fields);
      for (const { name, kind, value } of fields) {
        const known = account[name];
        if (kind !== 'secret' && typeof known === 'string') assert.equal(value, known, name);
      }
    });

    test('asks again, and says why, when an answer cannot be right', async (context) => {
      const { impossibleAnswers } = bench.rig;
      if (impossibleAnswers === undefined) return context.skip('the subject names none');
      const [good = {}, ...rest] = bench.rig.answers(1);
      const dialogue = bench.gateway.signIn(undefined, AbortSignal.timeout(10_000), 'en', USERS[1]);
      await dialogue.next();
      let next = await dialogue.next(impossibleAnswers);
      assert.ok(next.done !== true);
      checkStep(next.value);
      assert.match(next.value.problem ?? '', /\p{L}{2}/u);
      for (const answers of [good, ...rest]) {
        if (next.done !== true) next = await dialogue.next(answers);
      }
      assert.ok(next.done === true, 'good answers after that are taken');
    });

    test('says that the network refuses them, when it does, and not what they were', async (context) => {
      const { refusedAnswers } = bench.rig;
      if (refusedAnswers === undefined) return context.skip('the subject names none');
      const [, ...rest] = bench.rig.answers(1);
      await assert.rejects(
        registered(bench.gateway, [refusedAnswers, ...rest]),
        (error: unknown) => {
          assert.ok(error instanceof NetworkError);
          assert.equal(error.kind, 'credentials');
          assert.match(error.message, /\p{L}{2}/u);
          for (const secret of secretsIn(refusedAnswers)) {
            assert.ok(!error.message.includes(secret), 'a secret is in the error');
            assert.ok(!bench.lines.join('').includes(secret), 'a secret is in the log');
          }
          return true;
        },
      );
    });

    test('takes no harm from control characters and very long answers', async () => {
      const [good = {}] = bench.rig.answers(1);
      for (const bad of ['a\r\nQUIT :gone', 'a\u0000', '\u2028', 'x'.repeat(1_023)]) {
        for (const name of Object.keys(good)) {
          const dialogue = bench.gateway.signIn(
            undefined,
            AbortSignal.timeout(5_000),
            'en',
            USERS[1],
          );
          await dialogue.next();
          try {
            await dialogue.next({ ...good, [name]: bad });
          } catch (error) {
            assert.ok(error instanceof NetworkError, `${name} fails with ${String(error)}`);
          }
          await dialogue.return({});
        }
      }
    });

    test('can be given up at every step', async () => {
      const answers = bench.rig.answers(1);
      for (let length = 0; length < answers.length; length += 1) {
        const dialogue = bench.gateway.signIn(
          undefined,
          AbortSignal.timeout(10_000),
          'en',
          USERS[1],
        );
        await dialogue.next();
        for (const answer of answers.slice(0, length)) await dialogue.next(answer);
        const { done } = await within(2_000, dialogue.return({}), 'return()');
        assert.equal(done, true);
      }
    });

    test('ends soon after its signal, though the network says nothing', async () => {
      bench.rig.fallSilent?.();
      const abort = new AbortController();
      const dialogue = bench.gateway.signIn(undefined, abort.signal, 'en', USERS[1]);
      await dialogue.next();
      const rest = (async () => {
        for (const answers of bench.rig.answers(1)) {
          if ((await dialogue.next(answers)).done === true) return;
        }
      })();
      abort.abort();
      await within(
        2_000,
        rest.catch(() => undefined),
        'the registration after its signal',
      );
    });

    test('speaks, whatever the language', async () => {
      for (const language of ['de', 'de-CH', 'zz', '']) {
        for (const step of await steps(undefined, language)) checkStep(step);
      }
    });
  });
}

export function checkStep(step: Step): void {
  assert.match(step.instructions, /\p{L}{2}/u);
  if (step.link !== undefined) assert.match(new URL(step.link).protocol, /^https?:$/);
  const names = new Set(step.fields.map(({ name }) => name));
  assert.equal(names.size, step.fields.length, 'each name once');
  for (const field of step.fields) {
    assert.match(field.name, /^[\w.:#/-]+$/);
    assert.match(field.label, /\p{L}/u);
    assert.ok(KINDS.includes(field.kind));
    if (field.kind === 'secret') assert.equal(field.value, undefined, 'a secret is shown');
    if (field.kind === 'flag') assert.match(field.value ?? 'false', /^(true|false)$/);
    const isChoice = field.kind === 'choice' || field.kind === 'choices';
    assert.equal(field.options !== undefined, isChoice, `${field.name}: options for choices alone`);
    const values = field.options?.map(({ value }) => value) ?? [];
    assert.equal(new Set(values).size, values.length);
    if (field.kind === 'choice' && field.value !== undefined) {
      assert.ok(values.includes(field.value), `${field.name}: the value is one of the options`);
    }
  }
}

/** What was answered to the secret fields of these steps. */
function secretAnswers(steps: readonly Step[], answers: readonly Answers[]): string[] {
  return steps.flatMap((step, index) =>
    step.fields
      .filter(({ kind }) => kind === 'secret')
      .map(({ name }) => answers[index]?.[name])
      .filter((value) => value !== undefined),
  );
}

const withoutSecrets = (answers: Answers, secrets: readonly string[]): Answers =>
  Object.fromEntries(Object.entries(answers).filter(([, value]) => !secrets.includes(value)));

const secretsIn = (answers: Answers): string[] =>
  Object.entries(answers)
    .filter(([name]) => /password|secret|token|pin/.test(name))
    .map(([, value]) => value);
