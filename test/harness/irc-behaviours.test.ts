import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { connectIrc } from './irc-client.ts';
import { startIrcServer, type IrcServer } from './irc-server.ts';

async function start(t: TestContext): Promise<IrcServer> {
  const server = await startIrcServer();
  t.after(() => server.stop());
  return server;
}

test('says nothing while it is silent, and goes on afterwards', async (t) => {
  const server = await start(t);
  server.behaviours.silent = true;
  const mute = await connectIrc({ port: server.port, nick: 'romeo', register: false });
  mute.send('NICK romeo');
  await assert.rejects(mute.expect(/./, 50), /nothing came within 50 ms/);
  server.behaviours.silent = false;
  await connectIrc({ port: server.port, nick: 'juliet' });
  assert.deepEqual(mute.unclaimed, []);
});

test('hangs up at once, or after NICK', async (t) => {
  const server = await start(t);
  server.behaviours.closeOnConnect = 'Trying to reconnect too fast.';
  const early = await connectIrc({ port: server.port, nick: 'romeo', register: false });
  await early.expect(/^ERROR :.*Trying to reconnect too fast\./);
  await early.closed;
  delete server.behaviours.closeOnConnect;
  server.behaviours.closeAfterNick = true;
  const late = await connectIrc({ port: server.port, nick: 'romeo', register: false });
  late.send('NICK romeo');
  await late.closed;
  assert.deepEqual(late.unclaimed, []);
});

test('gives the answers of the test instead of its own', async (t) => {
  const server = await start(t);
  const romeo = await connectIrc({ port: server.port, nick: 'romeo' });
  server.behaviours.answers = { JOIN: [':irc.stand.in 437 romeo #a :Gesperrt für jetzt'] };
  romeo.send('JOIN #a');
  await romeo.expect(/ 437 romeo #a :Gesperrt für jetzt$/);
  assert.deepEqual(server.clients()[0]?.channels, []);
});

test('shows who is there and what they have sent', async (t) => {
  const server = await start(t);
  const romeo = await connectIrc({ port: server.port, nick: 'romeo', realName: 'Røméo' });
  await romeo.join('#balcony');
  romeo.send('AWAY :in exile');
  await romeo.barrier();
  const [client] = server.clients();
  assert.deepEqual(
    [client?.nick, client?.realName, client?.away, client?.channels, client?.isSecure],
    ['romeo', 'Røméo', 'in exile', ['#balcony'], false],
  );
  const joins = server.lines.filter(({ line }) => line.startsWith('JOIN'));
  assert.deepEqual(joins, [{ nick: 'romeo', line: 'JOIN #balcony' }]);
});

test('lists channels by mask, as a client asks that wants them all', async (t) => {
  const server = await start(t);
  const romeo = await connectIrc({ port: server.port, nick: 'romeo' });
  await romeo.join('#balcony');
  await romeo.join('#square');
  romeo.send('LIST *');
  await romeo.expect(/ 322 romeo #balcony 1 /);
  await romeo.expect(/ 322 romeo #square 1 /);
  romeo.send('LIST #B*');
  await romeo.expect(/ 322 romeo #balcony 1 /);
  await romeo.barrier();
  assert.deepEqual(
    romeo.unclaimed.filter((line) => line.includes(' 322 ')),
    [],
  );
});
