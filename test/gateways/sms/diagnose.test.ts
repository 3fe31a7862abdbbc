import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Finding } from '../../../src/plugin/index.ts';
import { gateway as plugin } from '../../../gateways/sms/index.ts';
import { gatewayContext } from '../../harness/gateway-context.ts';
import { TwilioServer } from '../../harness/twilio-server.ts';

async function diagnose(
  t: TestContext,
  provider: object,
  publicUrl?: string,
): Promise<readonly Finding[]> {
  const options = plugin.options.parse({ region: 'US', provider });
  const gateway = plugin.create(options, gatewayContext({ publicUrl }));
  t.after(() => gateway.close?.());
  const signal = AbortSignal.timeout(8_000);
  return (await gateway.diagnose?.({ isRunning: false, signal })) ?? [];
}

describe('the diagnosis of SMS', () => {
  test('asks Twilio for the account, and sends nothing', async (t) => {
    const server = await new TwilioServer().start();
    t.after(() => server.stop());
    const { accountSid, authToken, url: apiUrl } = server;
    const provider = { type: 'twilio', accountSid, authToken, apiUrl };
    const fine = await diagnose(t, provider, 'https://gw.example.org');
    assert.deepEqual(fine, [{ verdict: 'ok', about: 'Twilio', text: 'takes the account' }]);
    assert.deepEqual(server.requests, [`GET /2010-04-01/Accounts/${accountSid}.json`]);

    const [wrong, hooks] = await diagnose(t, { ...provider, authToken: 'wrong-token' });
    assert.equal(wrong?.verdict, 'trouble');
    assert.match(wrong?.advice ?? '', /provider\.authToken/);
    assert.ok(!JSON.stringify(wrong).includes('wrong-token'));
    assert.equal(hooks?.verdict, 'warning');
    assert.match(hooks?.advice ?? '', /http\.publicUrl/);
  });

  test('finds out whether an SMSC and Kannel can be reached', async (t) => {
    const server = createServer((socket) => socket.on('error', () => undefined));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const smpp = { type: 'smpp', host: '127.0.0.1', port, systemId: 'gate' };
    const kannel = {
      type: 'kannel',
      sendUrl: `http://127.0.0.1:${port}/cgi-bin/sendsms`,
      username: 'gate',
      password: 'pass',
      webhookSecret: 'long-enough',
    };
    const about = `127.0.0.1:${port}`;
    for (const provider of [smpp, kannel]) {
      const found = await diagnose(t, provider);
      assert.deepEqual(found, [{ verdict: 'ok', about, text: 'answers' }]);
    }
    await new Promise((resolve) => server.close(resolve));
    for (const provider of [smpp, kannel]) {
      const [found] = await diagnose(t, provider);
      assert.equal(found?.verdict, 'trouble');
      assert.equal(found?.about, about);
    }
  });

  test('looks at the folders of gammu-smsd', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'causeway-gammu-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const names = ['inbox', 'outbox', 'sent', 'errors'];
    for (const name of names.slice(0, 3)) mkdirSync(join(folder, name));
    const folders = Object.fromEntries(names.map((name) => [name, join(folder, name)]));
    const found = await diagnose(t, { type: 'gammu', number: '+15005550006', ...folders });
    assert.deepEqual(
      found.map(({ verdict }) => verdict),
      ['ok', 'ok', 'ok', 'trouble'],
    );
  });
});
