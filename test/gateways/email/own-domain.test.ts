import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { gateway } from '../../../gateways/email/index.ts';
import type { EmailSession } from '../../../gateways/email/session.ts';
import type { Account, Gateway, Host } from '../../../src/plugin/index.ts';
import { RecordingHost } from '../../contract/recording-host.ts';
import { gatewayContext } from '../../harness/gateway-context.ts';
import { startMailServer } from '../../harness/mail-server.ts';
import type { MailServer } from '../../harness/mail-server.ts';
import { contact, heard, mail } from './mail-world.ts';

/** Says these lines to an SMTP server, one after the answer to the other; gives the answers. */
async function say(port: number, lines: readonly string[]): Promise<string[]> {
  const socket = connect(port, '127.0.0.1');
  const answers: string[] = [];
  const rest = [...lines];
  for await (const line of createInterface({ input: socket })) {
    if (/^\d{3}-/.test(line)) continue;
    answers.push(line);
    const next = rest.shift();
    if (next === undefined) break;
    socket.write(`${next}\r\n`);
  }
  socket.destroy();
  return answers.slice(1);
}

const freePort = async (): Promise<number> => {
  const { createServer } = await import('node:net');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === 'object' && address !== null ? address.port : 0;
};

describe('a mail domain of the gateway', { timeout: 60_000 }, () => {
  let relay: MailServer;
  let made: Gateway;
  let port: number;
  let session: EmailSession;
  const host = { current: new RecordingHost() };
  const abort = { current: new AbortController() };

  beforeEach(async () => {
    relay = await startMailServer({ accounts: {} });
    port = await freePort();
    const options = gateway.options.parse({
      ownMailboxes: false,
      ownDomain: {
        domain: 'chat.test',
        listen: `127.0.0.1:${port}`,
        relay: { host: '127.0.0.1', port: relay.smtpPort, security: 'none' },
        verify: false,
      },
    });
    host.current = new RecordingHost();
    abort.current = new AbortController();
    const find = (key: string): Promise<Host | undefined> =>
      Promise.resolve(key === 'carol@chat.test' ? host.current : undefined);
    made = gateway.create(options, gatewayContext({ find }));
    await made.start?.();
    session = made.open({ username: 'carol' }, host.current) as EmailSession;
    session.run(abort.current.signal).catch(() => undefined);
  });
  afterEach(async () => {
    abort.current.abort();
    await made.close?.();
    await relay.stop();
  });

  const claim = async (username: string, user = 'a@b'): Promise<Account | string> => {
    const dialogue = made.signIn(undefined, AbortSignal.timeout(5_000), 'en', user);
    await dialogue.next();
    const next = await dialogue.next({ username });
    return next.done === true ? next.value : (next.value.problem ?? '');
  };

  const hand = (to: string, text: string, sender = 'bob@mail.test'): Promise<string[]> =>
    say(port, ['EHLO x', `MAIL FROM:<${sender}>`, `RCPT TO:<${to}>`, 'DATA', `${text}\r\n.`]);

  test('gives names to those who ask, and has the address as key', async () => {
    assert.deepEqual(await claim('Dave'), { username: 'dave' });
    assert.deepEqual(made.keys?.({ username: 'dave' }), ['dave@chat.test']);
    for (const name of ['postmaster', 'root', 'a b', 'a=b', 'x@y', '../x', '.a', 'a..b']) {
      assert.equal(typeof (await claim(name)), 'string', `${name} is given away`);
    }
  });

  test('a name waits for her who had it, and for nobody else', async () => {
    abort.current.abort();
    await assert.rejects(claim('carol'), { kind: 'conflict' });
    assert.deepEqual(await claim('carol', host.current.user), { username: 'carol' });
  });

  test('refuses unknown recipients at RCPT, and relays nothing', async () => {
    for (const address of [
      'nobody@chat.test',
      'bob@elsewhere.test',
      'carol=0123456789abcdef01234567@chat.test',
    ]) {
      const answers = await say(port, [
        'EHLO x',
        'MAIL FROM:<a@b.test>',
        `RCPT TO:<${address}>`,
        'QUIT',
      ]);
      assert.match(answers[2] ?? '', /^550 5\.1\.1 Nobody/, address);
    }
  });

  test('lets one address have no more than a quarter of all connections', async (context) => {
    const sockets: Socket[] = [];
    context.after(() => {
      for (const socket of sockets) socket.destroy();
    });
    const greeting = async (): Promise<string> => {
      const socket = connect(port, '127.0.0.1');
      sockets.push(socket);
      const [line] = (await once(socket, 'data')) as [Buffer];
      return line.toString().slice(0, 3);
    };
    const first = await Promise.all(Array.from({ length: 25 }, () => greeting()));
    assert.deepEqual([...new Set(first)], ['220']);
    assert.equal(await greeting(), '421');
    sockets[0]?.end('QUIT\r\n');
    await once(sockets[0] ?? assert.fail(), 'close');
    assert.equal(await greeting(), '220');
  });

  test('takes a mail when the core has stored it; a stranger is not invited', async () => {
    const answers = await hand('Carol+tag@chat.test', mail({ Subject: 'Hi' }, 'From outside'));
    assert.match(answers[4] ?? '', /^250 /);
    const event = await heard(host.current, 'From outside');
    assert.equal(event.isUninvited, true);
  });

  test('counts an address that stands for hers as hers, not as one of somebody else', async () => {
    const to = 'Carol+shop@chat.test, Dave <dave@chat.test>';
    await hand('carol+shop@chat.test', mail({ To: to, Subject: 'Hi' }, 'To plus'));
    const event = await heard(host.current, 'To plus');
    assert.deepEqual(
      event.also?.map(({ contact: other }) => other),
      ['dave@chat.test'],
    );
  });

  test('a stranger is not invited by having written before, only by an answer', async () => {
    await hand('carol@chat.test', mail({ 'Message-ID': '<first@x>' }, 'First try'));
    await hand('carol@chat.test', mail({ 'Message-ID': '<second@x>' }, 'Second try'));
    assert.equal((await heard(host.current, 'Second try')).isUninvited, true);
    const message = { key: 'k', text: 'Who?', at: new Date(), asksReceipt: false, attempt: 1 };
    await session.send(contact('bob@mail.test'), message);
    await hand('carol@chat.test', mail({ 'Message-ID': '<third@x>' }, 'It is Bob'));
    assert.equal((await heard(host.current, 'It is Bob')).isUninvited, undefined);
  });

  test('two mails of one Message-ID have two ids, and one that comes again has the same', async () => {
    for (const [hour, text] of [
      ['10', 'First'],
      ['11', 'Second'],
      ['11', 'Second again'],
    ] as const) {
      const fields = { 'Message-ID': '<1@x>', Date: `Mon, 23 Nov 2026 ${hour}:00:00 +0000` };
      await hand('carol@chat.test', mail(fields, text));
    }
    const [first, second, again] = host.current.events.map((event) =>
      event.kind === 'message' ? event.id : undefined,
    );
    assert.equal(first, '1@x');
    assert.notEqual(second, first);
    assert.equal(again, second);
  });

  test('newsletters come as they are, as nobody else keeps them', async () => {
    const fields = { Precedence: 'bulk', 'List-Unsubscribe': '<https://shop.test/leave>' };
    await hand('carol@chat.test', mail(fields, 'Confirm your order'));
    await heard(host.current, 'Confirm your order');
  });

  test('a mail is not taken as long as the core has not stored it', async () => {
    host.current.stallAt(({ kind }) => kind === 'message');
    const pending = hand('carol@chat.test', mail({}, 'Wait for it'));
    await heard(host.current, 'Wait for it');
    let isAnswered = false;
    const answered = pending.then(() => (isAnswered = true));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isAnswered, false);
    host.current.catchUp();
    await answered;
  });

  test('signs what goes out, under a return path of its own; its bounce finds the message', async () => {
    const message = { key: 'k', text: 'Hello', at: new Date(), asksReceipt: false, attempt: 1 };
    await session.send(contact('gone@mail.test'), message);
    const [sent] = relay.taken;
    assert.match(sent?.raw.toString() ?? '', /^DKIM-Signature: v=1; a=rsa-sha256;.*d=chat\.test/m);
    assert.match(sent?.raw.toString() ?? '', /^From: carol@chat\.test\r$/m);
    assert.match(sent?.from ?? '', /^carol=[0-9a-f]{24}@chat\.test$/);
    const bounce = mail({ From: 'mailer-daemon@mail.test' }, 'Sorry.\r\n550 5.1.1 no such user');
    const answers = await hand(sent?.from ?? '', bounce, '');
    assert.match(answers[4] ?? '', /^250 /);
    const [failed] = host.current.events;
    assert.ok(failed?.kind === 'failed');
    assert.equal(failed.key, 'k');
    assert.equal(failed.error.kind, 'not-found');
  });

  test('whoever is answered is invited', async () => {
    const message = { key: 'k', text: 'Hello', at: new Date(), asksReceipt: false, attempt: 1 };
    await session.send(contact('bob@mail.test'), message);
    await hand('carol@chat.test', mail({}, 'My answer'));
    assert.equal((await heard(host.current, 'My answer')).isUninvited, undefined);
  });

  test('refuses what goes round in circles, and what is too large', async () => {
    const rounds = Array.from({ length: 40 }, () => 'Received: from a by b\r\n').join('');
    const answers = await hand('carol@chat.test', rounds + mail({}, 'Again'));
    assert.match(answers[4] ?? '', /^554 5\.4\.6 Too many/);
    const large = await say(port, ['EHLO x', 'MAIL FROM:<a@b.test> SIZE=99999999', 'QUIT']);
    assert.match(large[1] ?? '', /^552 /);
  });
});
