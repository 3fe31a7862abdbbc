import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { contactId, messageId } from '../../../src/plugin/index.ts';
import type { Address } from '../../../src/plugin/index.ts';
import { composeMultiline, readMultilineLimits } from '../../../gateways/irc/multiline.ts';
import { outgoing } from '../../harness/gateway-context.ts';
import type { LineSocket } from './line-server.ts';
import { refused, startRig } from './session-rig.ts';
import type { Rig } from './session-rig.ts';

const MAX_BYTES = 2_000;
const MAX_LINES = 5;
const MULTILINE = `batch message-tags draft/multiline=max-bytes=${MAX_BYTES},max-lines=${MAX_LINES},x`;
const ECHO = 'echo-message labeled-response';
const bob: Address = { kind: 'contact', id: contactId('bob%test') };

async function enter(
  context: TestContext,
  capabilities: string,
): Promise<Rig & { irc: LineSocket; to: Address }> {
  const rig = await startRig(context);
  const joining = rig.session.join(rig.room, { nick: 'alice' });
  const irc = await rig.server.accept();
  await irc.welcomeWith(capabilities, 'alice');
  await irc.letIn('alice', '#room', 'alice bob');
  await joining;
  return { ...rig, irc, to: { kind: 'room', id: rig.room } };
}

interface Taken {
  readonly text: string;
  readonly opening: string;
  readonly count: number;
}

/** Takes a batch of a client as a server does that goes by the specification, and holds it to that. */
async function take(irc: LineSocket, target: string): Promise<Taken> {
  const opening = await irc.expect(/BATCH \+|PRIVMSG/);
  const name = /BATCH \+(\S+) draft\/multiline (\S+)$/.exec(opening);
  assert.equal(name?.[2], target, opening);
  let text: string | undefined;
  let count = 0;
  for (;;) {
    const line = await irc.expect(/^/);
    if (line === `BATCH -${name?.[1]}`) break;
    const match = /^@batch=(\S+?)(;draft\/multiline-concat)? PRIVMSG (\S+) :(.*)$/.exec(line);
    assert.ok(match !== null, `within the batch there is nothing else: ${line}`);
    const [, batch, concat, to, part = ''] = match;
    assert.deepEqual([batch, to], [name?.[1], target]);
    assert.ok(concat === undefined || part !== '', 'no empty line is joined to another');
    assert.ok(Buffer.byteLength(`:alice!u@host.test PRIVMSG ${target} :${part}`) <= 510, line);
    text = text === undefined ? part : text + (concat === undefined ? '\n' : '') + part;
    count += 1;
  }
  assert.ok(text !== undefined && text.trim() !== '', 'it is not made of empty lines alone');
  assert.ok(Buffer.byteLength(text) <= MAX_BYTES && count <= MAX_LINES);
  return { text, opening, count };
}

test('sends a message of several lines as one where the server takes it, with its empty lines', async (context) => {
  const { session, irc, to } = await enter(context, MULTILINE);
  const text = 'one\n\n  three\r\nfour';
  await session.send(to, outgoing({ key: '1', text: `\n${text}\n\n` }));
  assert.equal((await take(irc, '#room')).text, 'one\n\n  three\nfour');
  await session.send(bob, outgoing({ key: '2', text }));
  assert.equal((await take(irc, 'bob')).text, 'one\n\n  three\nfour');
  await session.send(to, outgoing({ key: '3', text: 'short' }));
  assert.equal(await irc.expect(/^/), 'PRIVMSG #room :short');
});

test('joins the pieces of a long line so that not a space is lost', async (context) => {
  const { session, irc, to } = await enter(context, MULTILINE);
  const text = `${'wörter und mehr '.repeat(60)}ende`;
  await session.send(to, outgoing({ key: '1', text }));
  const taken = await take(irc, '#room');
  assert.equal(taken.text, text);
  assert.ok(taken.count > 1);
});

test('makes several batches of what is too much for one', async (context) => {
  const { session, irc, to } = await enter(context, MULTILINE);
  const lines = Array.from({ length: 12 }, (_, at) => `line ${at}`);
  await session.send(to, outgoing({ key: '1', text: lines.join('\n') }));
  const texts = [await take(irc, '#room'), await take(irc, '#room'), await take(irc, '#room')];
  assert.equal(texts.map(({ text }) => text).join('\n'), lines.join('\n'));
  await session.send(to, outgoing({ key: '2', text: 'x'.repeat(2_500) }));
  const long = [await take(irc, '#room'), await take(irc, '#room')];
  assert.equal(long.map(({ text }) => text).join(''), 'x'.repeat(2_500));
});

test('keeps styles in lines that are put together again, and in those that are not', () => {
  const text = `\u0002${'bold '.repeat(60)}\u0002plain`;
  const limits = { bytes: 4_000, lines: 20 };
  const [block = ''] = composeMultiline(text, { target: '#r', roomBytes: 100, limits });
  const pieces = block
    .split('\n')
    .slice(1, -1)
    .map((line) => line.slice(line.indexOf(' :') + 2));
  assert.ok(pieces.length > 3);
  assert.equal(pieces.join('').replaceAll('\u0002\u0002', ''), text);
  for (const piece of pieces.slice(0, -1)) assert.match(piece, /^\u0002[^\u0002]*\u0002$/);
});

test('puts what it answers on the batch, and sends actions as they were', async (context) => {
  const { session, irc, to } = await enter(context, MULTILINE);
  const reply = { id: messageId('M'), nick: 'bob' };
  await session.send(to, outgoing({ key: '1', text: 'a\nb', reply }));
  const { opening, text } = await take(irc, '#room');
  assert.equal(opening, '@+draft/reply=M BATCH +m draft/multiline #room');
  assert.equal(text, 'bob: a\nb');
  await session.send(to, outgoing({ key: '2', text: '/me waves\nand goes' }));
  assert.equal(await irc.expect(/^/), 'PRIVMSG #room :\u0001ACTION waves\u0001');
});

test('counts it as sent when it is said back, under the id of the batch, and shows it once', async (context) => {
  const { session, irc, events, to } = await enter(context, `${MULTILINE} ${ECHO}`);
  const sending = session.send(to, outgoing({ key: '1', text: 'a\nb' }));
  const { opening } = await take(irc, '#room');
  const label = /^@label=(\S+) BATCH/.exec(opening)?.[1];
  irc.send(
    `@label=${label};msgid=X :alice!u@h BATCH +9 draft/multiline #room`,
    '@batch=9 :alice!u@h PRIVMSG #room :a',
    '@batch=9 :alice!u@h PRIVMSG #room :b',
    'BATCH -9',
    ':bob!b@h PRIVMSG #room :next',
  );
  assert.deepEqual((await sending).ids, ['X']);
  assert.equal((await events.next('room-message')).text, 'next');
  const failing = refused(session.send(to, outgoing({ key: '2', text: 'a\nb' })), 'refused');
  const again = /^@label=(\S+) BATCH/.exec((await take(irc, '#room')).opening)?.[1];
  irc.send(`@label=${again} FAIL BATCH MULTILINE_INVALID :No`);
  await failing;
});

test('goes back to lines when the server refuses a batch without saying whose', async (context) => {
  const { session, irc, events, to } = await enter(context, MULTILINE);
  await session.send(to, outgoing({ key: '1', text: 'a\nb' }));
  await take(irc, '#room');
  irc.send('FAIL BATCH MULTILINE_MAX_LINES 1 :Too many');
  await events.next('notice', ({ text }) => text.includes('Too many'));
  await session.send(to, outgoing({ key: '2', text: 'a\nb' }));
  assert.equal(await irc.expect(/^/), 'PRIVMSG #room :a');
  assert.equal(await irc.expect(/^/), 'PRIVMSG #room :b');
});

test('goes on with the lines of a batch that the connection never took', async (context) => {
  const { session, irc, server, events, to } = await enter(context, `${MULTILINE} ${ECHO}`);
  const message = outgoing({ key: '1', text: 'a\n\nb' });
  // Written, though nobody will know whether it arrived.
  const sending = refused(session.send(to, message), 'unreachable');
  irc.socket.destroy();
  await sending;
  const back = await server.accept();
  await back.welcome('alice');
  await back.letIn('alice', '#room', 'alice bob');
  await events.next('room');
  await session.send(to, { ...message, attempt: 2 });
  assert.equal(await back.expect(/^PRIVMSG|BATCH/), 'PRIVMSG #room :a');
  assert.equal(await back.expect(/^/), 'PRIVMSG #room :b');
});

test('puts together what comes as one, with what the batch says of it', async (context) => {
  const { irc, events } = await enter(context, MULTILINE);
  irc.send(
    '@msgid=X;time=2020-01-01T00:00:00.000Z;+draft/reply=R :bob!b@h BATCH +1 draft/multiline #room',
    '@batch=1 :bob!b@h PRIVMSG #room hello',
    ':carol!c@h PRIVMSG #room :between',
    '@batch=1 :bob!b@h PRIVMSG #room :',
    '@batch=1 :bob!b@h PRIVMSG #room :how is ',
    '@batch=1;draft/multiline-concat :bob!b@h PRIVMSG #room :everyone?',
    'BATCH -1',
    '@msgid=Y :bob!b@h BATCH +2 draft/multiline alice',
    '@batch=2 :bob!b@h PRIVMSG alice :psst',
    '@batch=2 :bob!b@h PRIVMSG alice :you',
    'BATCH -2',
  );
  assert.equal((await events.next('room-message')).text, 'between');
  const { text, id, at, nick, reply } = await events.next('room-message');
  assert.equal(text, 'hello\n\nhow is everyone?');
  assert.deepEqual([id, nick, reply], ['X', 'bob', { id: 'R' }]);
  assert.equal(at?.toISOString(), '2020-01-01T00:00:00.000Z');
  const whispered = await events.next('message');
  assert.deepEqual([whispered.text, whispered.id], ['psst\nyou', 'Y']);
});

test('puts together what was said before, too', async (context) => {
  const { irc, events } = await enter(context, `${MULTILINE} server-time`);
  irc.send(
    ':irc.test BATCH +h chathistory #room',
    '@batch=h;msgid=X;time=2020-01-01T00:00:00.000Z :bob!b@h BATCH +1 draft/multiline #room',
    '@batch=1 :bob!b@h PRIVMSG #room :a',
    '@batch=1 :bob!b@h PRIVMSG #room :b',
    'BATCH -1',
    'BATCH -h',
  );
  const { text, isPast, id } = await events.next('room-message');
  assert.deepEqual([text, isPast, id], ['a\nb', true, 'X']);
});

test('bounds what it puts together, and keeps what comes without an end', async (context) => {
  const { irc, events } = await enter(context, MULTILINE);
  const line = '@batch=1 :bob!b@h PRIVMSG #room :';
  irc.send(
    '@msgid=X :bob!b@h BATCH +1 draft/multiline #room',
    `${line}${'x'.repeat(40_000)}`,
    `${line}${'y'.repeat(40_000)}`,
  );
  const first = await events.next('room-message');
  assert.deepEqual([first.text.length, first.id], [40_000, 'X']);
  irc.send('@batch=1 :bob!b@h PRIVMSG #other :elsewhere', `${line}end`);
  irc.socket.end();
  const second = await events.next('room-message');
  assert.deepEqual([second.text.slice(-4), second.id], ['\nend', undefined]);
});

test('keeps what has come when a server begins batch after batch', async (context) => {
  const { irc, events } = await enter(context, MULTILINE);
  for (let count = 0; count < 60; count += 1) {
    irc.send(
      `:bob!b@h BATCH +${count} draft/multiline #room`,
      `@batch=${count} :bob!b@h PRIVMSG #room :text ${count}`,
    );
  }
  assert.equal((await events.next('room-message')).text, 'text 0');
  await events.next('room-message', ({ text }) => text === 'text 49');
});

test('asks nothing of a server whose limits make no sense', () => {
  for (const value of [
    undefined,
    '',
    'max-bytes',
    'max-lines=5',
    'max-bytes=0',
    'max-bytes=-1',
    'max-bytes=9,max-lines=1',
  ]) {
    assert.equal(readMultilineLimits(value), undefined, value);
  }
  assert.deepEqual(readMultilineLimits('max-bytes=999999999'), { bytes: 65_536, lines: 100 });
});
