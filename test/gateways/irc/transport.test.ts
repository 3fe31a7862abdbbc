import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { Inlet } from '../../../gateways/irc/inlet.ts';
import { Transport } from '../../../gateways/irc/transport.ts';
import { makeCertificates } from '../../harness/certificates.ts';
import type { Certificates } from '../../harness/certificates.ts';
import { LineServer } from './line-server.ts';
import type { LineSocket } from './line-server.ts';

interface Line {
  readonly transport: Transport;
  readonly peer: LineSocket;
  readonly heard: string[];
  /** Called after each line. */
  onLine: (() => void) | undefined;
  /** Has the server write this, and resolves when it has come in. */
  gets(text: string | undefined): Promise<void>;
}

async function lineTo(server: LineServer, tls?: Certificates): Promise<Line> {
  const inlet = new Inlet();
  const place = { host: '127.0.0.1', port: server.port, onread: inlet.onread };
  const socket =
    tls === undefined
      ? connect(place)
      : connectTls({ ...place, ca: tls.ca, servername: 'localhost' });
  await once(socket, tls === undefined ? 'connect' : 'secureConnect');
  const heard: string[] = [];
  const peer = await server.accept();
  const line: Line = {
    heard,
    peer,
    onLine: undefined,
    transport: new Transport(
      { socket, inlet },
      {
        line: (text) => {
          heard.push(text);
          line.onLine?.();
        },
        closed: () => undefined,
        badLine: (why) => assert.fail(why),
      },
    ),
    gets: async (text = '') => {
      const before = socket.bytesRead;
      peer.socket.write(text);
      while (socket.bytesRead === before) await nextTurn();
    },
  };
  return line;
}

for (const kind of ['plain', 'TLS'] as const) {
  describe(`connections, ${kind}`, () => {
    const certificates = makeCertificates();
    const start = async (context: TestContext): Promise<LineServer> => {
      const server = await LineServer.start(0, kind === 'TLS' ? certificates : undefined);
      context.after(() => server.stop());
      return server;
    };
    const join = (server: LineServer): Promise<Line> =>
      lineTo(server, kind === 'TLS' ? certificates : undefined);

    test('halves of lines that come by turns stay with their own', async (context) => {
      const server = await start(context);
      const lines = [await join(server), await join(server), await join(server)];
      const expected: string[][] = lines.map(() => []);
      for (let round = 0; round < 20; round += 1) {
        const texts = lines.map((_, index) => `line ${round} of ${index}, grüße\r\n`);
        await Promise.all(
          lines.map((line, index) => line.gets(texts[index]?.slice(0, 12 + index))),
        );
        await Promise.all(lines.map((line, index) => line.gets(texts[index]?.slice(12 + index))));
        texts.forEach((text, index) => expected[index]?.push(text.trimEnd()));
      }
      assert.deepEqual(
        lines.map(({ heard }) => heard),
        expected,
      );
    });

    test('what waits for one that is held is not touched by what others get', async (context) => {
      const server = await start(context);
      const [held, other] = [await join(server), await join(server)];
      const release = held.transport.hold();
      held.peer.socket.write('first\r\nsecond\r\nthi');
      for (let count = 0; count < 5; count += 1) await other.gets('something else altogether\r\n');
      assert.deepEqual(held.heard, []);
      release();
      await held.gets('rd\r\n');
      assert.deepEqual(held.heard, ['first', 'second', 'third']);
    });

    test('one that is held while it reads goes on where it was', async (context) => {
      const server = await start(context);
      const [busy, other] = [await join(server), await join(server)];
      let release = (): void => undefined;
      busy.onLine = () => (release = busy.transport.hold());
      await busy.gets('first\r\nsecond\r\nthi');
      assert.deepEqual(busy.heard, ['first']);
      await other.gets('something else altogether\r\n');
      busy.onLine = undefined;
      release();
      assert.deepEqual(busy.heard, ['first', 'second']);
      await busy.gets('rd\r\n');
      assert.deepEqual(busy.heard, ['first', 'second', 'third']);
    });
  });
}

test('what comes before anybody takes it is not lost', async () => {
  const inlet = new Inlet();
  const put = (text: string): void => {
    const { buffer } = inlet.onread;
    assert.ok(buffer instanceof Uint8Array);
    inlet.onread.callback(Buffer.from(buffer.buffer).write(text), buffer);
  };
  put('fir');
  put('st, ');
  const taken: string[] = [];
  inlet.lead((bytes) => taken.push(bytes.toString()));
  assert.deepEqual(taken, []);
  await nextTurn();
  put('second');
  assert.deepEqual(taken, ['first, ', 'second']);
});
