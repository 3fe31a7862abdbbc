import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import type { GatewayFeature } from '../../src/plugin/index.ts';
import { gatewayContext } from '../harness/gateway-context.ts';
import { Bench } from './bench.ts';
import { ATTEMPTS } from './methods.ts';
import { RecordingHost } from './recording-host.ts';
import type { Subject } from './subject.ts';

const PARTS: readonly GatewayFeature[] = [
  'reply',
  'thread',
  'styles',
  'subject',
  'receipts',
  'files',
  'also',
];

/** What a gateway says of itself, before anybody uses it. */
export function describeDeclarations(subject: Subject): void {
  const { plugin, wrongOptions } = subject;
  describe('what it declares', () => {
    test('is a type of the registrar and a name', () => {
      assert.match(plugin.type, /^[a-z0-9][a-z0-9_-]*$/);
      assert.match(plugin.name, /\p{L}/u);
    });

    test('are options that refuse what they do not know, in words and with a path', async () => {
      const bench = await Bench.start(subject);
      const good: unknown = bench.rig.options;
      await bench.stop();
      assert.ok(typeof good === 'object' && good !== null);
      for (const wrong of [{ ...good, noSuchOption: 1 }, [], 'text', ...wrongOptions]) {
        const decoded = plugin.options.safeParse(wrong);
        assert.equal(decoded.success, false, `${JSON.stringify(wrong)} is refused`);
        for (const { message } of decoded.error?.issues ?? []) assert.match(message, /\p{L}{2}/u);
      }
    });

    test('is a JSON schema of its options that describes each and allows no others', () => {
      const schema: z.core.JSONSchema.BaseSchema = z.toJSONSchema(plugin.options, {
        io: 'input',
        unrepresentable: 'any',
      });
      assert.equal(schema.type, 'object');
      assert.equal(schema.additionalProperties, false);
      for (const [name, option] of Object.entries(schema.properties ?? {})) {
        assert.ok(typeof option === 'object');
        assert.match(option.description ?? '', /\p{L}{2}/u, `${name} says what it is for`);
      }
    });

    test('are exactly the methods that its sessions have', async () => {
      const bench = await Bench.start(subject);
      const { gateway } = bench;
      assert.equal(new Set(gateway.features).size, gateway.features.length, 'each once');
      const { session } = bench.open(await bench.register());
      for (const name of Object.keys(ATTEMPTS) as (keyof typeof ATTEMPTS)[]) {
        const has = typeof session[name] === 'function';
        assert.equal(has, gateway.features.includes(name), `${name}: declared as it is`);
      }
      const known: readonly string[] = [...Object.keys(ATTEMPTS), ...PARTS];
      for (const feature of gateway.features) assert.ok(known.includes(feature), feature);
      await bench.stop();
    });

    test('opens nothing and says nothing before it is needed', async (t) => {
      const rig = await subject.start();
      t.after(() => rig.stop());
      const before = openThings();
      const gateway = plugin.create(plugin.options.parse(rig.options), gatewayContext());
      const host = new RecordingHost();
      gateway.open(undefined, host);
      assert.deepEqual(openedSince(before), []);
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(openedSince(before), [], 'nor a moment later');
      assert.deepEqual(host.events, []);
      await gateway.close?.();
    });
  });
}

/** What keeps the process alive: sockets, timers, files. */
export const openThings = (): string[] => process.getActiveResourcesInfo().toSorted();

/** Things that an earlier test has closed may go away meanwhile. */
function openedSince(before: readonly string[]): string[] {
  const left = [...before];
  return openThings().filter((name) => {
    const at = left.indexOf(name);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}
