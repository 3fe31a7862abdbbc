import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Uploads } from '../../src/media/upload.ts';
import type { Ask } from '../../src/media/upload.ts';
import { xml } from '../../src/xml/element.ts';
import type { XmlElement } from '../../src/xml/element.ts';
import {
  NS_DATA_FORM,
  NS_DISCO_INFO,
  NS_DISCO_ITEMS,
  NS_UPLOAD,
} from '../../src/xmpp/namespaces.ts';
import { StanzaError } from '../../src/xmpp/stanza-error.ts';

const FILE = {
  name: 'cat.png',
  type: 'image/png',
  sizeBytes: 9,
  read: (): Readable => Readable.from([Buffer.from('a picture')]),
};

describe('files put where users of a server put theirs (XEP-0363)', () => {
  let server: Server;
  let origin = '';
  let status = 201;
  const puts: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  beforeEach(async () => {
    puts.length = 0;
    status = 201;
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        puts.push({ headers: request.headers, body });
        response.writeHead(status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    origin = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
  });
  afterEach(() => server.close());

  const asked: string[] = [];
  const ask =
    (maxBytes: number): Ask =>
    async ({ to, payload }) => {
      asked.push(`${to} ${payload.namespace}`);
      if (payload.namespace === NS_DISCO_ITEMS) {
        return xml('query', NS_DISCO_ITEMS, {}, [
          xml('item', NS_DISCO_ITEMS, { jid: 'rooms.localhost' }),
          xml('item', NS_DISCO_ITEMS, { jid: 'upload.localhost' }),
        ]);
      }
      if (to !== 'upload.localhost') throw new StanzaError('service-unavailable');
      return payload.namespace === NS_DISCO_INFO ? info(maxBytes) : slot(origin);
    };
  const uploads = (maxBytes = 100, trustedHosts = [new URL(origin).host]): Uploads =>
    new Uploads('mail.localhost', ask(maxBytes), { trustedHosts }, () => 0);

  test('are sent with the headers that are allowed, and no others', async () => {
    assert.equal(await uploads().upload('localhost', FILE), 'https://files.example/cat.png');
    const [{ headers, body } = { headers: {}, body: '' }] = puts;
    assert.equal(body, 'a picture');
    assert.equal(headers['content-length'], '9');
    assert.equal(headers['content-type'], 'image/png');
    assert.equal(headers['authorization'], 'Basic x');
    assert.equal(headers['x-forwarded-for'], undefined);
  });

  test('stay with us when they are too large, or the server refuses them', async () => {
    assert.equal(await uploads(8).upload('localhost', FILE), undefined);
    assert.equal(puts.length, 0);
    status = 403;
    // Not as where there is no service: the administrator reads of it in the log.
    await assert.rejects(uploads().upload('localhost', FILE), /answered 403/);
  });

  test('are put nowhere within our own network, unless that is trusted', async () => {
    await assert.rejects(uploads(100, []).upload('localhost', FILE));
    assert.equal(puts.length, 0);
  });

  test('need a service that is looked for once', async () => {
    const one = uploads();
    asked.length = 0;
    await one.upload('localhost', FILE);
    await one.upload('localhost', FILE);
    assert.equal(asked.filter((line) => line === `localhost ${NS_DISCO_ITEMS}`).length, 1);
  });
});

function info(maxBytes: number): XmlElement {
  return xml('query', NS_DISCO_INFO, {}, [
    xml('feature', NS_DISCO_INFO, { var: NS_UPLOAD }),
    xml('x', NS_DATA_FORM, { type: 'result' }, [
      xml('field', NS_DATA_FORM, { var: 'max-file-size' }, [
        xml('value', NS_DATA_FORM, {}, [String(maxBytes)]),
      ]),
    ]),
  ]);
}

function slot(origin: string): XmlElement {
  const header = (name: string, value: string): XmlElement =>
    xml('header', NS_UPLOAD, { name }, [value]);
  return xml('slot', NS_UPLOAD, {}, [
    xml('put', NS_UPLOAD, { url: `${origin}/put` }, [
      header('Authorization', 'Basic\r\n x'),
      header('X-Forwarded-For', '127.0.0.1'),
    ]),
    xml('get', NS_UPLOAD, { url: 'https://files.example/cat.png' }),
  ]);
}
