import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Finding, Gateway } from '../../src/plugin/index.ts';
import { gatewayContext } from '../harness/gateway-context.ts';
import { within } from './bench.ts';
import type { Rig, Subject } from './subject.ts';

type Diagnose = NonNullable<Gateway['diagnose']>;

const SECRET_NAMES = /secret|password|token/i;
const SOON_MS = 5_000;

/** What it tells administrators of the world around it, without being started. Nobody has to. */
export function describeDiagnosis(subject: Subject): void {
  const { plugin } = subject;

  /** Skips the test for a gateway that does not look around. */
  const start = async (
    t: TestContext,
  ): Promise<{ readonly rig: Rig; readonly diagnose: Diagnose } | undefined> => {
    const rig = await subject.start();
    const gateway = plugin.create(plugin.options.parse(rig.options), gatewayContext());
    t.after(async () => {
      await gateway.close?.();
      await rig.stop();
    });
    if (gateway.diagnose !== undefined) return { rig, diagnose: gateway.diagnose.bind(gateway) };
    t.skip('it does not look around');
    return undefined;
  };

  describe('its diagnosis', () => {
    test('finds no trouble where there is none, tells users nothing, and no secret', async (t) => {
      const started = await start(t);
      if (started === undefined) return;
      const { rig, diagnose } = started;
      const before = rig.heard().length;
      const found = await diagnose({ isRunning: false, signal: AbortSignal.timeout(10_000) });
      assert.ok(found.length > 0);
      for (const finding of found) {
        assert.notEqual(finding.verdict, 'trouble', `${finding.about} ${finding.text}`);
        checkWords(finding, secretsIn(rig.options));
      }
      assert.equal(rig.heard().length, before);
    });

    test('is over soon after its time is up, whatever the network does', async (t) => {
      const started = await start(t);
      if (started === undefined) return;
      const { rig, diagnose } = started;
      rig.fallSilent?.();
      const over = new AbortController();
      const pending = diagnose({ isRunning: false, signal: over.signal });
      over.abort();
      const late = diagnose({ isRunning: false, signal: over.signal });
      for (const each of [pending, late]) {
        const found = await within(SOON_MS, each, 'the diagnosis');
        for (const finding of found) checkWords(finding, secretsIn(rig.options));
      }
    });
  });
}

function checkWords({ about, advice, text, verdict }: Finding, secrets: readonly string[]): void {
  assert.ok(['ok', 'warning', 'trouble'].includes(verdict), verdict);
  for (const words of [about, text, ...(advice === undefined ? [] : [advice])]) {
    assert.match(words, /[\p{L}\d]/u);
    assert.doesNotMatch(words, /[\r\n]/);
    for (const secret of secrets) assert.ok(!words.includes(secret), 'a secret is told');
  }
}

/** The values of options that are called like secrets, however deep they stand. */
function secretsIn(options: unknown): readonly string[] {
  if (typeof options !== 'object' || options === null) return [];
  return Object.entries(options).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'string' && SECRET_NAMES.test(name) ? [value] : secretsIn(value),
  );
}
