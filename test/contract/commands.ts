import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { NetworkError } from '../../src/plugin/index.ts';
import type { Address, Answers, GatewayCommand, Step } from '../../src/plugin/index.ts';
import { Bench, within } from './bench.ts';
import { memoryOf } from './recording-host.ts';
import { checkStep } from './sign-in.ts';
import type { Subject } from './subject.ts';

const MAX_STEPS = 20;

/** What holds of every command. */
export function describeCommands(subject: Subject): void {
  describe('its commands', () => {
    let bench: Bench;
    beforeEach(async () => (bench = await Bench.start(subject)));
    afterEach(() => bench.stop());

    test('have nodes of their own where they stand, and names in all languages', () => {
      const seen = new Set<string>();
      for (const command of bench.gateway.commands ?? []) {
        assert.match(command.node, /^[A-Za-z0-9-]+$/);
        assert.ok(!seen.has(`${command.at} ${command.node}`), `${command.node} is there twice`);
        seen.add(`${command.at} ${command.node}`);
        for (const language of ['en', 'de', 'zz', '']) {
          assert.match(command.name(language), /\p{L}{2}/u);
        }
      }
    });

    test('have words of their own where they stand, in each language', () => {
      for (const language of ['en', 'de', 'zz', '']) {
        const seen = new Set<string>();
        for (const command of bench.gateway.commands ?? []) {
          const word = command.word?.(language) ?? command.node;
          assert.match(word, /^[\p{L}\d-]+$/u);
          assert.ok(!seen.has(`${command.at} ${word}`), `${word} is there twice (${language})`);
          seen.add(`${command.at} ${word}`);
        }
      }
    });

    test('lead by steps that can be shown to an end in words, or to a NetworkError', async () => {
      const { session } = await bench.run();
      for (const command of bench.gateway.commands ?? []) {
        const address = addressFor(bench, command);
        const dialogue = command.run({
          session,
          memory: memoryOf(new Map()),
          ...(address === undefined ? {} : { address }),
          language: 'en',
          signal: AbortSignal.timeout(10_000),
        });
        await within(15_000, playThrough(command, dialogue), command.node);
      }
    });

    test('can be given up before anything was answered', async () => {
      const { session } = await bench.run();
      for (const command of bench.gateway.commands ?? []) {
        const address = addressFor(bench, command);
        const dialogue = command.run({
          session,
          memory: memoryOf(new Map()),
          ...(address === undefined ? {} : { address }),
          language: 'de',
          signal: AbortSignal.timeout(10_000),
        });
        await dialogue.next().catch((error: unknown) => assert.ok(error instanceof NetworkError));
        await within(2_000, dialogue.return({ text: '' }), `${command.node}: return()`);
      }
    });
  });
}

function addressFor(bench: Bench, { at }: GatewayCommand): Address | undefined {
  if (at === 'gateway') return undefined;
  if (at === 'contact') return bench.peer;
  if (at === 'room') return { kind: 'room', id: bench.room };
  const [network] = bench.gateway.networks;
  assert.ok(network !== undefined, 'a command of networks needs a network');
  return { kind: 'network', id: network.id };
}

async function playThrough(
  command: GatewayCommand,
  dialogue: ReturnType<GatewayCommand['run']>,
): Promise<void> {
  try {
    let next = await dialogue.next();
    for (let count = 0; next.done !== true; count += 1) {
      assert.ok(count < MAX_STEPS, `${command.node} asks on and on`);
      checkStep(next.value);
      next = await dialogue.next(plausible(next.value));
    }
    assert.match(next.value.text, /\p{L}{2}/u);
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    assert.match(error.message, /\p{L}{2}/u);
  }
}

/** Answers to everything that is asked, as a person might give them; once something was wrong, only to what must be answered. */
function plausible({ fields, problem }: Step): Answers {
  const answered = problem === undefined ? fields : fields.filter(({ isRequired }) => isRequired);
  return Object.fromEntries(
    answered.map((field) => [
      field.name,
      field.value ?? field.options?.[0]?.value ?? (field.kind === 'flag' ? 'true' : 'something'),
    ]),
  );
}
