import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';

const PUBLIC = 'https://gw.example.org/base';

describe('the web server', () => {
  let world: LoopbackWorld;
  before(async () => {
    world = await LoopbackWorld.start({
      config: [`http: { listen: "127.0.0.1:0", publicUrl: ${PUBLIC}/ }`],
    });
  });
  after(() => world.stop());

  const get = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${world.web}${path}`, init);

  test('says that all is well, and when it is not', async () => {
    const fine = await get('/healthz');
    assert.equal(fine.status, 200);
    assert.deepEqual(await fine.json(), {
      status: 'ok',
      store: 'ok',
      gateways: { [LOOP]: 'attached' },
    });
    world.jabber.dropComponent(LOOP);
    await world.jabber.detached(LOOP);
    let unwell = await get('/healthz');
    while (unwell.status === 200) unwell = await get('/healthz');
    assert.equal(unwell.status, 503);
    await world.jabber.attached(LOOP, 20_000);
  });

  test('tells figures for Prometheus', async () => {
    const response = await get('/metrics');
    assert.equal(response.status, 200);
    const text = await response.text();
    for (const line of [
      `causeway_attached{gateway="${LOOP}"} 1`,
      `causeway_outbox_messages{gateway="${LOOP}"} 0`,
      `causeway_inbox_messages{gateway="${LOOP}"} 0`,
      `causeway_failures_total{gateway="${LOOP}"} 0`,
    ]) {
      assert.ok(text.includes(line), `${line} in ${text.slice(-1_500)}`);
    }
    assert.match(text, /process_cpu_seconds_total/);
  });

  test('knows nothing else', async () => {
    for (const path of [
      '/',
      '/admin',
      '/hooks',
      `/hooks/${LOOP}`,
      `/hooks/${LOOP}/`,
      '/hooks/other.localhost/x',
      '/oauth/other',
      '/media/x',
      '/media/x/y',
      '/..%2f..%2fetc/passwd',
      '/healthz/x',
      '//',
      '/%00',
    ]) {
      const response = await get(path);
      assert.ok([400, 404].includes(response.status), `${path}: ${response.status}`);
      await response.text();
    }
  });

  test('hands a request to the gateway with the public address, whatever its Host says', async () => {
    const response = await ask('POST', `/hooks/${LOOP}/twilio/secret?a=b%20c`, 'Body=Hi', {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'content-type': 'application/x-www-form-urlencoded',
    });
    assert.equal(response.status, 202);
    assert.equal(response.body, `POST ${PUBLIC}/hooks/${LOOP}/twilio/secret?a=b%20c Body=Hi`);
    assert.equal(response.headers['x-loop'], 'yes');
    const last = world.network.requests.at(-1);
    assert.equal(last?.path, 'twilio/secret');
    assert.equal(last.request.headers.get('content-type'), 'application/x-www-form-urlencoded');
    assert.equal(last.request.headers.get('host'), null);
  });

  test('knows the path of the public address, when a proxy leaves it', async () => {
    const response = await ask('GET', `/base/oauth/${LOOP}?code=1`);
    assert.equal(response.body, `GET ${PUBLIC}/oauth/${LOOP}?code=1 `);
    assert.equal(world.network.requests.at(-1)?.path, '');
  });

  test('leaves it to the gateway which methods there are', async () => {
    const response = await ask('DELETE', `/hooks/${LOOP}/x`);
    assert.equal(response.status, 405);
    assert.equal(response.headers['allow'], 'GET, POST');
  });

  test('answers a method that no request to a gateway can have', async () => {
    const count = world.network.requests.length;
    for (const path of [`/hooks/${LOOP}/x`, `/oauth/${LOOP}`]) {
      assert.equal((await ask('TRACE', path)).status, 404, path);
    }
    assert.equal(world.network.requests.length, count);
  });

  test('takes bodies of any type, of a mebibyte at most', async () => {
    const fits = await ask('POST', `/hooks/${LOOP}/x`, 'x'.repeat(1_048_576), {
      'content-type': 'application/json',
    });
    assert.equal(fits.status, 202);
    const count = world.network.requests.length;
    const large = await ask('POST', `/hooks/${LOOP}/x`, 'x'.repeat(1_048_577));
    assert.equal(large.status, 413);
    assert.equal(world.network.requests.length, count);
  });

  test('says nothing of what went wrong inside', async () => {
    const response = await ask('POST', `/hooks/${LOOP}/throws`, 'x');
    assert.equal(response.status, 500);
    assert.equal(response.body, 'Internal error\n');
  });

  interface Answer {
    readonly status: number;
    readonly headers: NodeJS.Dict<string | string[]>;
    readonly body: string;
  }

  /** As `fetch`, but with any headers. */
  function ask(
    method: string,
    path: string,
    body = '',
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(`${world.web}${path}`, { method, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (text += part));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
        );
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
});

test('without http in the configuration, nothing listens', async () => {
  const world = await LoopbackWorld.start();
  await assert.rejects(fetch(`${world.web}/healthz`));
  await world.stop();
});
