import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test, type TestContext } from 'node:test';
import { makeCertificates } from './certificates.ts';
import { connectIrc, type IrcClient, type IrcClientOptions } from './irc-client.ts';
import { matchesMask } from './irc-text.ts';
import { startIrcServer, type IrcServer, type IrcServerOptions } from './irc-server.ts';

interface Scene {
  readonly server: IrcServer;
  readonly enter: (nick: string, options?: Partial<IrcClientOptions>) => Promise<IrcClient>;
}

async function open(t: TestContext, options: IrcServerOptions = {}): Promise<Scene> {
  const server = await startIrcServer(options);
  t.after(() => server.stop());
  return {
    server,
    enter: (nick, more = {}) => connectIrc({ port: server.port, nick, ...more }),
  };
}

/** Sends each line and expects the answer to it. */
async function dialogue(client: IrcClient, steps: readonly (readonly [string, RegExp])[]) {
  for (const [line, answer] of steps) {
    client.send(line);
    await client.expect(answer);
  }
}

test('welcomes a client with what the server supports and the message of the day', async (t) => {
  const { server, enter } = await open(t, { motd: ['Grüße'] });
  const romeo = await enter('romeo', { register: false });
  romeo.send('NICK romeo');
  romeo.send('USER montague 0 * :Romeo Montague');
  await romeo.expect(/^:irc\.stand\.in 001 romeo :.* romeo!~montague@127\.0\.0\.1$/);
  await romeo.expect(/ 005 romeo .*PREFIX=\(qaohv\)~&@%\+ /);
  await romeo.expect(/ 251 /);
  await romeo.expect(/ 375 /);
  await romeo.expect(/ 372 romeo :- Grüße$/);
  await romeo.expect(/ 376 /);
  assert.deepEqual(server.nicks(), ['romeo']);
});

test('refuses what comes before registration, bad nicks and nicks in use', async (t) => {
  const { enter } = await open(t);
  await enter('ro[meo');
  const other = await enter('other', { register: false });
  await dialogue(other, [
    ['JOIN #room', / 451 \* /],
    ['NICK', / 431 /],
    ['NICK 1abc', / 432 \* 1abc /],
    [`NICK ${'n'.repeat(31)}`, / 432 /],
    ['NICK RO{MEO', / 433 \* RO\{MEO /],
    ['USER a b', / 461 \* USER /],
  ]);
  await assert.rejects(enter('RO{meo'), /433/);
});

test('asks for the password of the server', async (t) => {
  const { enter } = await open(t, { password: 'geheim' });
  await assert.rejects(enter('romeo', { password: 'wrong' }), /464/);
  const romeo = await enter('romeo', { password: 'geheim' });
  await dialogue(romeo, [
    ['PASS x', / 462 /],
    ['USER a b c d', / 462 /],
    ['NONSENSE', / 421 romeo NONSENSE /],
  ]);
});

test('logs in with SASL PLAIN and refuses a wrong password', async (t) => {
  const { enter } = await open(t, { accounts: { romeo: 'jülia' } });
  const romeo = await enter('romeo', { register: false });
  const plain = (password: string) => Buffer.from(`\0romeo\0${password}`).toString('base64');
  await dialogue(romeo, [
    ['CAP LS 302', /CAP \* LS :.*sasl=PLAIN/],
    ['CAP REQ :sasl unknown', /CAP \* NAK :sasl unknown/],
    ['AUTHENTICATE PLAIN', / 904 /],
    ['CAP REQ :sasl multi-prefix', /CAP \* ACK :sasl multi-prefix/],
    ['AUTHENTICATE EXTERNAL', / 908 \* PLAIN /],
    ['AUTHENTICATE PLAIN', /^AUTHENTICATE \+$/],
    [`AUTHENTICATE ${plain('wrong')}`, / 904 /],
    ['AUTHENTICATE PLAIN', /^AUTHENTICATE \+$/],
    ['AUTHENTICATE *', / 906 /],
    ['AUTHENTICATE PLAIN', /^AUTHENTICATE \+$/],
    [`AUTHENTICATE ${plain('jülia')}`, / 900 \* \S+ romeo :/],
    ['AUTHENTICATE PLAIN', / 907 /],
    ['CAP LIST', /CAP \* LIST :sasl multi-prefix/],
  ]);
  romeo.send('NICK romeo');
  romeo.send('USER romeo 0 * :Romeo');
  await dialogue(romeo, [['CAP END', / 001 romeo /]]);
  await dialogue(romeo, [['WHOIS romeo', / 330 romeo romeo romeo /]]);
});

test('carries messages, also those that are not UTF-8', async (t) => {
  const { enter } = await open(t);
  const [romeo, juliet] = [await enter('romeo'), await enter('juliet', { encoding: 'latin1' })];
  await romeo.join('#verona');
  await juliet.join('#VERONA');
  await romeo.expect(/^:juliet!~juliet@127\.0\.0\.1 JOIN :#verona$/);
  romeo.send(Buffer.from('PRIVMSG #verona :caf\xe9', 'latin1'));
  await juliet.expect(/^:romeo!~romeo@127\.0\.0\.1 PRIVMSG #verona :caf\xe9$/);
  juliet.send('AWAY :asleep');
  await juliet.expect(/ 306 /);
  romeo.say('juliet', 'hello');
  await juliet.expect(/ PRIVMSG juliet :hello$/);
  await romeo.expect(/ 301 romeo juliet :asleep$/);
  await dialogue(romeo, [
    ['PRIVMSG nobody :x', / 401 romeo nobody /],
    ['PRIVMSG #nowhere :x', / 403 romeo #nowhere /],
    ['PRIVMSG', / 411 /],
    ['PRIVMSG juliet', / 412 /],
  ]);
  romeo.send('NOTICE nobody :x');
  await romeo.barrier();
  assert.deepEqual(
    romeo.unclaimed.filter((line) => / 401 /.test(line)),
    [],
  );
});

test('cuts what is longer than 512 bytes with the sender included', async (t) => {
  const { enter } = await open(t);
  const [romeo, juliet] = [await enter('romeo'), await enter('juliet')];
  romeo.say('juliet', 'x'.repeat(600));
  const line = await juliet.expect(/PRIVMSG/);
  assert.equal(line.length, 510);
  romeo.send(`@+tag=${'y'.repeat(400)} PRIVMSG juliet :${'z'.repeat(400)}`);
  assert.match(await juliet.expect(/PRIVMSG/), /:z{400}$/);
});

test('throws out a client that sends too many lines at once', async (t) => {
  const { enter } = await open(t, { burstLimit: 10 });
  const [romeo, juliet] = [await enter('romeo'), await enter('juliet')];
  await romeo.join('#verona');
  await juliet.join('#verona');
  romeo.send(Array.from({ length: 30 }, (_, index) => `PRIVMSG #verona :${index}`).join('\r\n'));
  await romeo.expect(/^ERROR :Closing Link: .*\(Excess Flood\)$/);
  await juliet.expect(/^:romeo!\S+ QUIT :Excess Flood$/);
});

test('refuses to let in who may not enter a channel', async (t) => {
  const { enter } = await open(t);
  const [op, guest] = [await enter('op'), await enter('guest')];
  await op.join('#room');
  const attempt = async (mode: string, refusal: RegExp, undo: string) => {
    await dialogue(op, [[`MODE #room ${mode}`, / MODE #room \+/]]);
    await assert.rejects(guest.join('#room'), refusal);
    await dialogue(op, [[`MODE #room ${undo}`, / MODE #room -/]]);
  };
  await attempt('+l 1', / 471 /, '-l');
  await attempt('+i', / 473 /, '-i');
  await attempt('+b guest', / 474 /, '-b guest!*@*');
  await attempt('+k secret', / 475 /, '-k secret');
  await dialogue(guest, [
    ['JOIN room', / 403 /],
    [`JOIN #${'c'.repeat(64)}`, / 476 /],
  ]);
  await dialogue(op, [
    ['MODE #room +k secret', / MODE #room \+k secret/],
    ['MODE #room', / 324 op #room \+ntk :secret$/],
  ]);
  await guest.join('#room', 'secret');
  for (let index = 1; index < 20; index += 1) await guest.join(`#room${index}`);
  await assert.rejects(guest.join('#onemore'), / 405 /);
  guest.send('JOIN 0');
  await op.expect(/^:guest!\S+ PART #room$/);
});

test('an invitation opens a channel that is closed', async (t) => {
  const { enter } = await open(t);
  const [op, guest] = [await enter('op'), await enter('guest')];
  await op.join('#room');
  await dialogue(op, [
    ['MODE #room +i', / MODE #room \+i/],
    ['INVITE guest #room', / 341 op guest :#room$/],
  ]);
  await guest.expect(/^:op!\S+ INVITE guest :#room$/);
  await guest.join('#room');
  await dialogue(op, [['INVITE guest #room', / 443 op guest #room /]]);
});

test('keeps modes, topics and kicks for those with the right', async (t) => {
  const { server, enter } = await open(t);
  const [op, guest] = [await enter('op'), await enter('guest')];
  await op.join('#room');
  await dialogue(guest, [
    ['PART #room', / 442 /],
    ['TOPIC #room', / 442 /],
    ['PRIVMSG #room :hi', / 404 guest #room /],
  ]);
  await guest.join('#room');
  await dialogue(guest, [
    ['TOPIC #room :mine', / 482 /],
    ['MODE #room +m', / 482 /],
    ['KICK #room op', / 482 /],
    ['MODE op +i', / 502 /],
    ['MODE guest +z', / 501 /],
    ['TOPIC #room', / 331 /],
  ]);
  await dialogue(op, [
    ['TOPIC #room :A topic', /^:op!\S+ TOPIC #room :A topic$/],
    ['MODE #room +mz', / 472 op z /],
    ['MODE #room +v nobody', / 401 /],
    ['MODE #room +q op', / 482 /],
  ]);
  await dialogue(guest, [
    ['TOPIC #room', / 333 guest #room op!~op@127\.0\.0\.1 :\d+$/],
    ['PRIVMSG #room :hi', / 404 /],
  ]);
  await dialogue(op, [['MODE #room +v-t guest', / MODE #room \+v-t guest$/]]);
  guest.say('#room', 'now');
  await op.expect(/PRIVMSG #room :now$/);
  server.setModes('#room', '+q', 'guest');
  await op.expect(/^:irc\.stand\.in MODE #room \+q guest$/);
  await dialogue(op, [
    ['KICK #room guest', / 482 /],
    ['MODE #room -v guest', / 482 /],
    ['MODE #room +b *!*@evil', / MODE #room \+b \*!\*@evil$/],
    ['MODE #room b', / 367 op #room \*!\*@evil op!/],
  ]);
  await op.expect(/ 368 /);
  guest.send('KICK #room op :out');
  await op.expect(/^:guest!\S+ KICK #room op :out$/);
});

test('answers questions about channels and users', async (t) => {
  const { enter } = await open(t);
  const romeo = await enter('romeo', { capabilities: ['multi-prefix'] });
  const juliet = await enter('juliet');
  await romeo.join('#verona');
  await dialogue(romeo, [
    ['MODE #verona +v romeo', /\+v romeo/],
    ['NAMES #verona', / 353 romeo = #verona :@\+romeo$/],
    ['WHO #verona', / 352 romeo #verona ~romeo 127\.0\.0\.1 irc\.stand\.in romeo H@\+ :0 romeo$/],
    ['WHOIS romeo', / 319 romeo romeo :@\+#verona$/],
    ['WHOIS nobody', / 401 romeo nobody /],
    ['LIST', / 322 romeo #verona 1 :$/],
    ['ISON juliet nobody', / 303 romeo :juliet$/],
  ]);
  await dialogue(juliet, [['NAMES #verona', / 353 juliet = #verona :@romeo$/]]);
  await dialogue(romeo, [['MODE #verona +s', / MODE #verona \+s$/]]);
  await dialogue(juliet, [
    ['NAMES #verona', / 366 /],
    ['LIST', / 323 /],
  ]);
  assert.deepEqual(
    juliet.unclaimed.filter((line) => / (322|353) /.test(line)),
    [],
  );
});

test('splits a long list of names', async (t) => {
  const { enter } = await open(t);
  const nicks = Array.from({ length: 30 }, (_, index) => `${'n'.repeat(27)}${index}`);
  const crowd = await Promise.all(nicks.map(async (nick) => enter(nick)));
  await Promise.all(crowd.map(async (client) => client.join('#crowd')));
  const last = await enter('last');
  await last.join('#crowd');
  const lines = last.unclaimed.filter((line) => / 353 /.test(line));
  const seen = lines.flatMap((line) => line.replace(/^.* :/, '').split(' '));
  assert.ok(lines.length > 1 && lines.every((line) => line.length <= 510));
  assert.deepEqual(seen.map((name) => name.replace('@', '')).sort(), ['last', ...nicks].sort());
});

test('tells of renaming, leaving, killing and lost connections', async (t) => {
  const { server, enter } = await open(t);
  const watcher = await enter('watcher', { capabilities: ['away-notify', 'server-time'] });
  await watcher.join('#room');
  const [first, second, third] = [await enter('a'), await enter('b'), await enter('c')];
  for (const client of [first, second, third]) await client.join('#room');
  first.send('NICK A');
  await watcher.expect(/:a!\S+ NICK :A$/);
  first.send('AWAY :out');
  await watcher.expect(/^@time=\S+Z :A!\S+ AWAY :out$/);
  first.send('QUIT :bye');
  await first.expect(/^ERROR :Closing Link: /);
  await watcher.expect(/:A!\S+ QUIT :Quit: bye$/);
  server.kill('b', 'spam');
  await second.expect(/^:irc\.stand\.in KILL b :/);
  await watcher.expect(/:b!\S+ QUIT :Killed \(irc\.stand\.in \(spam\)\)$/);
  server.drop('c');
  await watcher.expect(/:c!\S+ QUIT :/);
  await Promise.all([first.closed, second.closed, third.closed]);
  server.sendRaw('watcher', Buffer.from(':x PRIVMSG watcher :raw'));
  await watcher.expect(/^:x PRIVMSG watcher :raw$/);
  server.dropAll();
  await watcher.closed;
  assert.deepEqual(server.nicks(), []);
});

test('speaks TLS', async (t) => {
  const { ca, cert, key } = makeCertificates();
  const { enter } = await open(t, { tls: { cert, key } });
  const romeo = await enter('romeo', { tls: { ca } });
  await dialogue(romeo, [['WHOIS romeo', / 671 romeo romeo /]]);
  await romeo.close();
});

test('a client that waits in vain says what it has received', async (t) => {
  const { server, enter } = await open(t);
  const romeo = await enter('romeo');
  server.sendRaw('romeo', ':x NOTICE romeo :something else');
  await romeo.barrier();
  await assert.rejects(
    romeo.expect(/never/, 1),
    /romeo expected \/never\/: .*1 ms; unclaimed lines:\n {2}':x NOTICE/,
  );
});

test('matches masks by the rules of IRC, and in a moment', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['*!*@evil.example', 'x!y@EVIL.example', true],
    ['*!*@evil.example', 'x!y@good.example', false],
    ['ro{m?o!*@*', 'Ro[mEo!a@b', true],
    ['nick!*@*', 'nick2!a@b', false],
    ['a*b*c', 'aXbYbZc', true],
    ['**', '', true],
    ['?', '', false],
    [`${'*a'.repeat(60)}b`, 'a'.repeat(500), false],
  ];
  for (const [mask, text, expected] of cases) assert.equal(matchesMask(mask, text), expected, mask);
});

test('survives hostile lines', async (t) => {
  const { server, enter } = await open(t);
  const romeo = await enter('romeo');
  romeo.send(Buffer.from('\0\r\r\n:prefix\r\n@tag\r\n \r\nPRI\0VMSG romeo :nul\0', 'latin1'));
  await romeo.expect(/PRIVMSG romeo :nul$/);
  await dialogue(romeo, [
    ['JOIN :#a b', / 476 romeo \* /],
    ['NICK :a b', / 432 romeo \* /],
    ['CAP __proto__', / 410 romeo __proto__ /],
    ['constructor', / 421 romeo CONSTRUCTOR /],
    ['JOIN :', / 461 /],
  ]);
  await romeo.join('#room');
  await dialogue(romeo, [
    ['MODE #room +b :x y z', / MODE #room \+b x!\*@\*$/],
    ['MODE #room +o', / 696 romeo #room o \* /],
    ['MODE #room +l-k+l x', / 696 romeo #room l \* /],
    [`MODE #room +b ${'*a'.repeat(60)}`, / MODE #room \+b \*a/],
  ]);
  romeo.send(Buffer.alloc(9000, 'x'));
  await romeo.expect(/ 421 romeo XXX/);
  assert.deepEqual(server.nicks(), ['romeo']);
});

test('cuts off a client whose line never ends', async (t) => {
  const { server, enter } = await open(t);
  const socket = connect(server.port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write('x'.repeat(20_000));
  let answer = '';
  socket.on('data', (data: Buffer) => {
    answer += data.toString();
  });
  await once(socket, 'end');
  assert.match(answer, /^ERROR :Closing Link: .*\(RecvQ exceeded\)\r\n$/);
  await enter('romeo');
  assert.deepEqual(server.nicks(), ['romeo']);
});

test('stops at once, with clients that are still connected over TLS', async () => {
  const { ca, cert, key } = makeCertificates();
  const server = await startIrcServer({ tls: { cert, key } });
  const romeo = await connectIrc({ port: server.port, nick: 'romeo', tls: { ca } });
  await server.stop();
  await romeo.closed;
  await server.stop();
  await assert.rejects(romeo.expect(/anything/), /the connection is closed/);
});
