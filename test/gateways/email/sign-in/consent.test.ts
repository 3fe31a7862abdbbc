import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { gateway } from '../../../../gateways/email/index.ts';
import type { Gateway, SignIn, Step } from '../../../../src/plugin/index.ts';
import { gatewayContext } from '../../../harness/gateway-context.ts';

const USER = 'mallory@example.org';
const ADDRESS = 'alice@mail.test';

describe('the consent to a provider in the browser', { timeout: 20_000 }, () => {
  let made: Gateway;
  let dialogue: SignIn;
  let step: Step;

  beforeEach(async () => {
    const options = gateway.options.parse({
      providers: [
        {
          domain: 'mail.test',
          imap: { host: '127.0.0.1', port: 1, security: 'none' },
          smtp: { host: '127.0.0.1', port: 1, security: 'none' },
          oauth: {
            clientId: 'us',
            authorizeUrl: 'http://127.0.0.1:1/authorize',
            tokenUrl: 'http://127.0.0.1:1/token',
          },
        },
      ],
    });
    made = gateway.create(options, gatewayContext({ publicUrl: 'http://gw.test' }));
    dialogue = made.signIn(undefined, AbortSignal.timeout(10_000), 'en', USER);
    await dialogue.next();
    step = await answer({ email: ADDRESS });
  });
  afterEach(async () => {
    await made.close?.();
  });

  async function answer(answers: Readonly<Record<string, string>>): Promise<Step> {
    const next = await dialogue.next(answers);
    assert.ok(next.done !== true);
    return next.value;
  }

  /** Somebody comes back from the provider. */
  async function back(more: Readonly<Record<string, string>>): Promise<string> {
    const state = new URL(step.link ?? '').searchParams.get('state') ?? '';
    const query = new URLSearchParams({ state, ...more });
    const response = await made.web?.(
      new Request(`http://gw.test/oauth/x?${query.toString()}`),
      '',
    );
    return (await response?.text()) ?? '';
  }

  const proofOn = (page: string): string => /\b\d{6}\b/.exec(page)?.[0] ?? '';

  test('the page at its end says who wants to read whose mail, and shows a number', async () => {
    const page = await back({ code: 'secret' });
    assert.ok(page.includes(USER) && page.includes(ADDRESS), page);
    assert.equal(proofOn(page).length, 6);
    assert.ok(!page.includes('secret'), page);
    assert.equal(await back({ code: 'secret' }), page, 'it may be looked at again');
    assert.equal(proofOn(await back({ code: 'other' })), '', 'somebody else sees the number');
  });

  test('whoever has sent somebody else there has nothing without the number', async () => {
    assert.match((await answer({ proof: '123456' })).problem ?? '', /has not arrived/);
    const proof = proofOn(await back({ code: 'secret' }));
    const wrong = String((Number(proof) + 1) % 1_000_000).padStart(6, '0');
    for (let count = 1; count < 5; count += 1) {
      assert.match((await answer({ proof: wrong })).problem ?? '', /not the number/);
    }
    await assert.rejects(dialogue.next({ proof: wrong }), { kind: 'credentials' });
  });

  test('with the number what the provider has given is redeemed', async () => {
    const proof = proofOn(await back({ code: 'secret' }));
    // Nobody listens where tokens are given out.
    await assert.rejects(dialogue.next({ proof }), { kind: 'unreachable' });
  });

  test('a refusal is told', async () => {
    assert.equal(proofOn(await back({ error: 'access_denied' })), '');
    await assert.rejects(dialogue.next({ proof: '000000' }), /access_denied|access denied/);
  });
});
