import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import type { Finding } from '../../../src/plugin/index.ts';
import { gateway as plugin } from '../../../gateways/sms/index.ts';
import { gatewayContext } from '../../harness/gateway-context.ts';
import { Smsc } from '../../harness/smsc.ts';
import { TwilioServer } from '../../harness/twilio-server.ts';

async function diagnose(
  t: TestContext,
  provider: object,
  publicUrl?: string,
  isRunning: boolean | 'unknown' = false,
): Promise<readonly Finding[]> {
  const options = plugin.options.parse({ region: 'US', provider });
  const gateway = plugin.create(options, gatewayContext({ publicUrl }));
  t.after(() => gateway.close?.());
  const signal = AbortSignal.timeout(8_000);
  return (
    (await gateway.diagnose?.({
      isRunning: isRunning === 'unknown' ? undefined : isRunning,
      signal,
    })) ?? []
  );
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

  test('finds out whether an SMSC and Kannel can be reached at all', async (t) => {
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
    const [found] = await diagnose(t, smpp, undefined, true);
    assert.deepEqual(found, { verdict: 'ok', about, text: 'answers' });
    await new Promise((resolve) => server.close(resolve));
    for (const provider of [smpp, kannel]) {
      const [found] = await diagnose(t, provider);
      assert.equal(found?.verdict, 'trouble');
      assert.equal(found?.about, about);
    }
  });

  test('binds to an SMSC as a transmitter, for a moment, where no gateway runs', async (t) => {
    const smsc = await new Smsc().start();
    t.after(() => smsc.stop());
    const about = `127.0.0.1:${smsc.port}`;
    const provider = { type: 'smpp', host: '127.0.0.1', port: smsc.port, systemId: 'causeway' };
    const right = { ...provider, password: 'secret' };
    assert.deepEqual(await diagnose(t, right), [{ verdict: 'ok', about, text: 'takes the bind' }]);
    assert.deepEqual(smsc.said, ['bind_transmitter', 'unbind']);

    const [wrong] = await diagnose(t, { ...provider, password: 'xyzzy' });
    assert.equal(wrong?.verdict, 'trouble');
    assert.match(wrong?.text ?? '', /ESME_RINVPASWD/);
    assert.match(wrong?.advice ?? '', /provider\.password/);
    assert.ok(!JSON.stringify(wrong).includes('xyzzy'));

    const before = smsc.binds.length;
    for (const isRunning of [true, 'unknown'] as const) {
      const [beside] = await diagnose(t, right, undefined, isRunning);
      assert.equal(beside?.verdict, isRunning === true ? 'ok' : 'warning');
    }
    assert.equal(smsc.binds.length, before);

    smsc.behaviours.isSilent = true;
    const options = plugin.options.parse({ region: 'US', provider: right });
    const gateway = plugin.create(options, gatewayContext({}));
    t.after(() => gateway.close?.());
    const signal = AbortSignal.timeout(200);
    const [silent] = (await gateway.diagnose?.({ isRunning: false, signal })) ?? [];
    assert.equal(silent?.verdict, 'trouble');
    assert.match(silent?.text ?? '', /does not answer/);
  });

  test('warns when an SMSC lets in one, and one is there', async (t) => {
    const smsc = await new Smsc().start();
    t.after(() => smsc.stop());
    smsc.behaviours.isForOne = true;
    const provider = { type: 'smpp', host: '127.0.0.1', port: smsc.port, systemId: 'causeway' };
    const options = { region: 'US', provider: { ...provider, password: 'secret' } };
    const running = plugin.create(plugin.options.parse(options), gatewayContext({}));
    t.after(() => running.close?.());
    assert.equal(running.condition?.()[0]?.verdict, 'trouble');
    await running.start?.();
    await smsc.until(() => smsc.isBound, 'a bind');
    const [found] = await diagnose(t, options.provider);
    assert.equal(found?.verdict, 'warning');
    assert.match(found?.text ?? '', /ESME_RALYBND/);
    while (running.condition?.()[0]?.verdict !== 'ok') {
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(running.condition?.(), [
      { verdict: 'ok', about: `127.0.0.1:${smsc.port}`, text: 'bound' },
    ]);
  });

  test('asks Kannel to send to nobody', async (t) => {
    const asked: string[] = [];
    const server = createHttpServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://kannel');
      asked.push([...searchParams.keys()].join());
      const isKnown = searchParams.get('password') === 'swordfish';
      const status = pathname === '/cgi-bin/sendsms' ? (isKnown ? 400 : 403) : 404;
      response.writeHead(status).end('Missing receiver number, rejected');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const about = `127.0.0.1:${port}`;
    const place = { type: 'kannel', username: 'gate', webhookSecret: 'long-enough' };
    const sendUrl = `http://${about}/cgi-bin/sendsms`;
    const right = { ...place, sendUrl, password: 'swordfish' };
    const fine = await diagnose(t, right, 'https://gw.example.org');
    assert.deepEqual(fine, [{ verdict: 'ok', about, text: 'takes the credentials' }]);
    assert.deepEqual(asked, ['username,password']);

    const [wrong, hooks] = await diagnose(t, { ...right, password: 'wrong-one' });
    assert.match(wrong?.text ?? '', /refuses the credentials/);
    assert.match(wrong?.advice ?? '', /provider\.password/);
    assert.ok(!JSON.stringify(wrong).includes('wrong-one'));
    assert.match(hooks?.advice ?? '', /provider\.callbackUrl/);

    const [lost] = await diagnose(t, { ...right, sendUrl: `http://${about}/sendsms` });
    assert.equal(lost?.verdict, 'trouble');
    assert.match(lost?.advice ?? '', /provider\.sendUrl/);
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
