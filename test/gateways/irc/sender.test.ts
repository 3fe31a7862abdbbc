import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { ircOptions } from '../../../gateways/irc/options.ts';
import { Inlet } from '../../../gateways/irc/inlet.ts';
import { Sender } from '../../../gateways/irc/sender.ts';
import { fixedTimings } from '../../../gateways/irc/timings.ts';
import { Transport } from '../../../gateways/irc/transport.ts';
import { contactId, NetworkError } from '../../../src/plugin/index.ts';
import type { Event, Sent } from '../../../src/plugin/index.ts';
import { LineServer } from './line-server.ts';
import type { LineSocket } from './line-server.ts';

const to = { kind: 'contact', id: contactId('bob%test') } as const;

interface Bench {
  readonly sender: Sender;
  readonly socket: Socket;
  readonly irc: LineSocket;
  readonly events: Event[];
  /** Gives a message with these lines to the sender. */
  readonly send: (key: string, ...lines: readonly string[]) => Promise<Sent> | Sent;
}

async function start(
  context: TestContext,
  { hasEcho = false, emit }: { readonly hasEcho?: boolean; readonly emit?: () => void } = {},
): Promise<Bench> {
  const server = await LineServer.start();
  context.after(() => server.stop());
  const inlet = new Inlet();
  const socket = connect({ port: server.port, host: '127.0.0.1', onread: inlet.onread });
  await once(socket, 'connect');
  const sink = { line: () => undefined, closed: () => undefined, badLine: () => undefined };
  const events: Event[] = [];
  const sender = new Sender({
    transport: new Transport({ socket, inlet }, sink),
    throttle: { burst: 100, perSecond: 100 },
    timings: { ...ircOptions.parse({}).timings, ...fixedTimings },
    unfinished: new Map(),
    owner: { hasEcho, language: 'en', emit: emit ?? ((event) => void events.push(event)) },
  });
  const send: Bench['send'] = (key, ...lines) =>
    sender.message({ to, key, lane: 'bob', lines: lines.map((line) => `PRIVMSG bob :${line}`) });
  return { sender, socket, irc: await server.accept(), events, send };
}

test('answers at once for a line that nothing is in the way of', async (context) => {
  const { send, irc } = await start(context);
  assert.deepEqual(send('1', 'hello'), { ids: [] });
  assert.equal(await irc.expect(/./), 'PRIVMSG bob :hello');
});

test('says by an event, once, that the connection never took a line that was answered for', async (context) => {
  const { send, socket, events, sender } = await start(context);
  assert.deepEqual(send('lost', 'hello'), { ids: [] });
  socket.destroy();
  await once(socket, 'close');
  assert.deepEqual(
    events.map((event) => event.kind === 'failed' && [event.key, event.error.kind]),
    [['lost', 'unreachable']],
  );
  sender.fail(new NetworkError('unreachable', 'gone'), 0);
  assert.equal(events.length, 1);
});

test('answers in the order of the messages, though a later one could be answered for sooner', async (context) => {
  const { send, irc } = await start(context);
  const order: string[] = [];
  const first = send('1', 'one', 'two');
  const second = send('2', 'three');
  assert.ok(first instanceof Promise && second instanceof Promise);
  await Promise.all([first.then(() => order.push('1')), second.then(() => order.push('2'))]);
  assert.deepEqual(order, ['1', '2']);
  for (const text of ['one', 'two', 'three']) {
    assert.equal(await irc.expect(/./), `PRIVMSG bob :${text}`);
  }
  assert.deepEqual(send('3', 'four'), { ids: [] });
});

test('waits for the server where that says back what it is told', async (context) => {
  const { send, sender } = await start(context, { hasEcho: true });
  const sending = send('1', 'hello');
  assert.ok(sending instanceof Promise);
  assert.ok(sender.labelled('1', undefined));
  assert.deepEqual(await sending, { ids: [] });
});

test('writes the lines of others though telling one user what became of hers fails', async (context) => {
  const emit = (): void => {
    throw new Error('out of order');
  };
  const [hers, his] = [await start(context, { emit }), await start(context)];
  hers.send('1', 'hello');
  his.send('1', 'hello');
  hers.socket.destroy();
  assert.equal(await his.irc.expect(/./), 'PRIVMSG bob :hello');
  his.send('2', 'again');
  assert.equal(await his.irc.expect(/./), 'PRIVMSG bob :again');
});
