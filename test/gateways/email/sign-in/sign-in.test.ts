import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gateway } from '../../../../gateways/email/index.ts';
import type { Answers } from '../../../../src/plugin/index.ts';
import { gatewayContext } from '../../../harness/gateway-context.ts';
import { MailWorld } from '../mail-world.ts';

test('a password with a user name alone changes no mailbox into a name', async () => {
  const world = await MailWorld.start();
  const both = gateway.create(
    gateway.options.parse({
      ownDomain: { domain: 'chat.test', listen: '127.0.0.1:0', relay: { host: '127.0.0.1' } },
    }),
    gatewayContext(),
  );
  const known = await world.register();
  const answer = async (answers: Answers): Promise<unknown> => {
    const dialogue = both.signIn(known, AbortSignal.timeout(5_000), 'en', 'a@b');
    await dialogue.next();
    const next = await dialogue.next(answers);
    return next.done === true ? next.value : next.value.problem;
  };
  assert.match(String(await answer({ username: 'alice', password: 'new' })), /password/);
  assert.deepEqual(await answer({ username: 'alice' }), { username: 'alice' });
  await world.stop();
});
