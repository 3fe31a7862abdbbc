import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { fetchFile } from '../../src/media/fetch-file.ts';
import type { FetchLimits } from '../../src/media/fetch-file.ts';
import { NetworkError } from '../../src/plugin/index.ts';
import type { NetworkErrorKind } from '../../src/plugin/index.ts';

describe('a file that a user names the address of', () => {
  let server: Server;
  let port = 0;
  const asked: string[] = [];
  before(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      answer(request, response, port);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    port = address !== null && typeof address === 'object' ? address.port : 0;
  });
  after(() => server.close());

  const limits = (more: Partial<FetchLimits> = {}): FetchLimits => ({
    maxBytes: 1_000,
    types: ['*/*'],
    trustedHosts: [`files.example:${port}`],
    resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
    ...more,
  });
  const at = (path: string): string => `http://files.example:${port}${path}`;
  const read = async (url: string, more: Partial<FetchLimits> = {}): Promise<string> =>
    new Response(await fetchFile(url, limits(more), AbortSignal.timeout(5_000))).text();

  test('is read from a host that the administrator trusts', async () => {
    assert.equal(await read(at('/hello')), 'hello');
  });

  test('is not fetched from an address of our own network, however it is written', async () => {
    const hosts = [
      '127.0.0.1',
      '127.1',
      '0x7f.1',
      '0x7f000001',
      '2130706433',
      '017700000001',
      '0',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '169.254.169.254',
      '10.0.0.1',
      'localhost',
      'localhost.',
      '127.0.0.1.',
    ];
    asked.length = 0;
    for (const host of hosts) {
      const resolve = (): ReturnType<NonNullable<FetchLimits['resolve']>> =>
        Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
      await refused(
        read(`http://${host}:${port}/hello`, { trustedHosts: [], resolve }),
        'not-found',
        host,
      );
    }
    assert.deepEqual(asked, []);
  });

  test('is not fetched by other protocols, nor with a password', async () => {
    for (const url of [
      'file:///etc/passwd',
      'ftp://files.example/x',
      'gopher://x/',
      'data:,x',
      'javascript:1',
      'not a URL',
    ]) {
      await refused(read(url), 'not-found', url);
    }
    await refused(read(`http://user:secret@files.example:${port}/hello`), 'not-found', 'password');
  });

  test('is not fetched when its name changes its mind between two looks', async () => {
    let looks = 0;
    const resolve: NonNullable<FetchLimits['resolve']> = () => {
      looks += 1;
      return Promise.resolve([{ address: looks === 1 ? '1.1.1.1' : '127.0.0.1', family: 4 }]);
    };
    asked.length = 0;
    const [naive] = await resolve('rebind.example');
    assert.equal(naive?.address, '1.1.1.1', 'who looks before the connection is made is deceived');
    await refused(
      read(`http://rebind.example:${port}/hello`, { trustedHosts: [], resolve }),
      'not-found',
      'the second look',
    );
    assert.deepEqual(asked, []);
    assert.equal(looks, 2);
  });

  test('is fetched from the public one of several addresses only', async () => {
    const resolve: NonNullable<FetchLimits['resolve']> = () =>
      Promise.resolve([
        { address: '127.0.0.1', family: 4 },
        { address: '10.0.0.1', family: 4 },
      ]);
    await refused(
      read(`http://both.example:${port}/hello`, { trustedHosts: [], resolve }),
      'not-found',
      'only closed ones',
    );
  });

  test('is followed through redirects, five at most, each looked at like the first', async () => {
    assert.equal(await read(at('/redirect/5')), 'hello');
    await refused(read(at('/redirect/6')), 'not-found', 'six');
    asked.length = 0;
    await refused(read(at('/to-metadata')), 'not-found', 'metadata');
    await refused(read(at('/to-loopback')), 'not-found', 'loopback');
    await refused(read(at('/to-file')), 'not-found', 'file');
    assert.deepEqual(asked, ['/to-metadata', '/to-loopback', '/to-file']);
  });

  test('says in the language of the user why it cannot be had', async () => {
    await assert.rejects(read('http://127.0.0.1/', { language: 'de' }), {
      message: 'Das Gateway ruft von 127.0.0.1 nichts ab.',
    });
    await assert.rejects(read(at('/nothing'), { language: 'de' }), {
      message: 'Die Datei ist nicht da.',
    });
  });

  test('is given up when it is too large, told or not', async () => {
    await refused(read(at('/large')), 'too-large', 'told');
    await refused(read(at('/endless')), 'too-large', 'not told');
  });

  test('is taken only when its type is wanted', async () => {
    assert.equal(await read(at('/hello'), { types: ['text/*'] }), 'hello');
    await refused(read(at('/hello'), { types: ['image/*'] }), 'not-found', 'type');
  });

  test('is not there, or not now', async () => {
    await refused(read(at('/missing')), 'not-found', '404');
    await refused(read(at('/broken')), 'unreachable', '500');
    await refused(read(at('/half')), 'unreachable', 'half');
    await refused(read(at('/packed')), 'not-found', 'packed');
    for (const [code, kind] of [
      ['ENOTFOUND', 'not-found'],
      ['EAI_AGAIN', 'unreachable'],
    ] as const) {
      const resolve = () => Promise.reject(Object.assign(new Error(code), { code }));
      await refused(read('http://no-such.example/', { trustedHosts: [], resolve }), kind, code);
    }
  });
});

function answer(request: IncomingMessage, response: ServerResponse, port: number): void {
  const url = request.url ?? '';
  const redirect = (location: string): void => void response.writeHead(302, { location }).end();
  const step = /^\/redirect\/(\d+)$/.exec(url)?.[1];
  if (step !== undefined)
    return redirect(step === '1' ? '/hello' : `/redirect/${Number(step) - 1}`);
  const type = { 'content-type': 'text/plain' };
  switch (url) {
    case '/hello':
      return void response.writeHead(200, type).end('hello');
    case '/to-metadata':
      return redirect('http://169.254.169.254/latest/meta-data/');
    case '/to-loopback':
      return redirect(`http://127.0.0.1:${port}/hello`);
    case '/to-file':
      return redirect('file:///etc/passwd');
    case '/large':
      return void response
        .writeHead(200, { ...type, 'content-length': 5_000 })
        .end('x'.repeat(5_000));
    case '/endless': {
      response.writeHead(200, type);
      const more = (): void => void (response.destroyed || response.write('x'.repeat(400), more));
      return more();
    }
    case '/half':
      response.writeHead(200, { ...type, 'content-length': 100 });
      return void response.write('x', () => response.destroy());
    case '/packed':
      return void response.writeHead(200, { ...type, 'content-encoding': 'gzip' }).end('x');
    case '/broken':
      return void response.writeHead(500).end();
    default:
      return void response.writeHead(404).end();
  }
}

async function refused(
  work: Promise<unknown>,
  kind: NetworkErrorKind,
  what: string,
): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof NetworkError, `${what}: ${String(error)}`);
    assert.equal(error.kind, kind, `${what}: ${error.message}`);
    return true;
  });
}
