import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { pino } from 'pino';
import { TcpProxy } from '../harness/tcp-proxy.ts';
import { TestStore } from '../harness/test-store.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';

const ROMEO = `romeo@${LOOP}`;

describe('a database that no longer answers', { skip: TestStore.isSqlite }, () => {
  let testStore: TestStore;
  let proxy: TcpProxy;
  let world: LoopbackWorld;
  let alice: XmppClient;
  const lines: string[] = [];
  beforeEach(async () => {
    testStore = new TestStore();
    await testStore.ask('SELECT 1');
    const url = new URL(testStore.database);
    proxy = await TcpProxy.start({ host: url.hostname, port: Number(url.port) });
    url.port = String(proxy.port);
    const out = new PassThrough();
    out.on('data', (line) => lines.push(String(line)));
    world = await LoopbackWorld.start({
      options: ['delivery: stored'],
      config: [`database: ${JSON.stringify(url.href)}`],
      log: pino({ level: 'info' }, out),
    });
    alice = await world.client('alice');
    await world.register(alice);
    world.network.meet('romeo');
  });
  afterEach(async () => {
    await world.stop();
    await proxy.stop();
    await testStore.remove();
  });

  const write = (id: string): void =>
    alice.send(`<message type='chat' id='${id}' to='${ROMEO}'><body>${id}</body></message>`);

  test('holds up no stop: all are told, also of what could not be kept', async () => {
    write('m1');
    await world.network.expect('send');
    await new Promise((resolve) => setTimeout(resolve, 100));
    proxy.freeze();
    write('m2');
    await alice.iq(`<iq type='get' to='${LOOP}'><ping xmlns='urn:xmpp:ping'/></iq>`);
    await world.stopGateway();
    await alice.expect(`<presence type='unavailable' from='${LOOP}'/>`);
    await alice.expect(`<message type='error' id='m2' from='${ROMEO}'/>`);
    const said = lines.join('');
    assert.match(said, /the database does not answer/);
    assert.doesNotMatch(said, /could not stop in order/);
  });
});
