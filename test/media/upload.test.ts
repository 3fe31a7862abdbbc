import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { Uploads } from '../../src/media/upload.ts';
import { xml } from '../../src/xml/element.ts';
import type { XmlElement } from '../../src/xml/element.ts';
import { NS_DISCO_INFO, NS_DISCO_ITEMS, NS_UPLOAD } from '../../src/xmpp/namespaces.ts';

test('N27: a slot is asked for with the exact size, and filled with no other headers than it may name', async (context) => {
  const puts: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      puts.push({ headers: request.headers, body });
      response.writeHead(201).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => server.close());
  const address = server.address();
  const host = `files.example:${address !== null && typeof address === 'object' ? address.port : 0}`;

  const asked: XmlElement[] = [];
  const header = (name: string, value: string): XmlElement =>
    xml('header', NS_UPLOAD, { name }, [value]);
  const answers: Readonly<Record<string, (payload: XmlElement) => XmlElement>> = {
    [NS_DISCO_ITEMS]: () =>
      xml('query', NS_DISCO_ITEMS, {}, [xml('item', NS_DISCO_ITEMS, { jid: 'upload.localhost' })]),
    [NS_DISCO_INFO]: () =>
      xml('query', NS_DISCO_INFO, {}, [xml('feature', NS_DISCO_INFO, { var: NS_UPLOAD })]),
    [NS_UPLOAD]: () =>
      xml('slot', NS_UPLOAD, {}, [
        xml('put', NS_UPLOAD, { url: `http://${host}/put` }, [
          header('Authorization', 'Basic\r\nX-Forged: yes'),
          header('Cookie', 'a=b'),
          header('Host', 'elsewhere.example'),
          header('X-Evil', 'yes'),
        ]),
        xml('get', NS_UPLOAD, { url: `http://${host}/get` }),
      ]),
  };
  const uploads = new Uploads(
    'irc.localhost',
    ({ payload }) => {
      asked.push(payload);
      return Promise.resolve(answers[payload.namespace]?.(payload));
    },
    {
      trustedHosts: [host],
      resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
    },
    Date.now,
  );
  const url = await uploads.upload('localhost', {
    name: 'grüße.txt',
    type: 'text/plain',
    sizeBytes: 5,
    read: () => Readable.from([Buffer.from('hello')]),
  });
  assert.equal(url, `http://${host}/get`);
  assert.deepEqual(asked.at(-1)?.attributes, {
    filename: 'grüße.txt',
    size: '5',
    'content-type': 'text/plain',
  });
  const [put] = puts;
  assert.equal(put?.body, 'hello');
  const { authorization, cookie, host: asHost } = put.headers;
  assert.deepEqual([authorization, cookie, asHost], ['BasicX-Forged: yes', 'a=b', host]);
  assert.ok(!Object.keys(put.headers).some((name) => name.startsWith('x-')));
  assert.equal(put.headers['content-length'], '5');
});
