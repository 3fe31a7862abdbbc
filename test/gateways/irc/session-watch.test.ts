import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { contactId } from '../../../src/plugin/index.ts';
import type { ContactId } from '../../../src/plugin/index.ts';
import { outgoing } from '../../harness/gateway-context.ts';
import type { LineSocket } from './line-server.ts';
import { startRig } from './session-rig.ts';
import type { Rig, RigOptions } from './session-rig.ts';

const bob = contactId('bob%test');
const carol = contactId('carol%test');
const dave = contactId('dave%test');
const MONITOR = ':irc.test 005 alice MONITOR=2 :are supported';

interface Connected extends Rig {
  readonly irc: LineSocket;
  readonly watched: Set<ContactId>;
}

/** Connected, without a channel, to a server that has said so much of itself. */
async function connect(
  context: TestContext,
  contacts: readonly ContactId[],
  support: readonly string[] = [],
  rig: RigOptions = {},
): Promise<Connected> {
  const watched = new Set(contacts);
  const options = { account: { nick: 'alice' }, watched, ...rig };
  const started = await startRig(context, options);
  const sending = started.session.send(
    { kind: 'contact', id: contactId('nobody%test') },
    outgoing({ key: '1', text: 'hello' }),
  );
  const irc = await started.server.accept();
  await irc.welcome('alice', ...support);
  await sending;
  return { ...started, irc, watched };
}

/** What the user is told of her contacts, one after the other. */
const shown = async ({ events }: Rig): Promise<readonly (string | undefined)[]> => {
  const { contact } = await events.next('contact');
  return [contact.id, contact.show, contact.status];
};

/** All that was sent before has been read when the server answers this. */
async function settle({ session, irc, events }: Connected): Promise<void> {
  await session.raw('test', 'TIME');
  await irc.expect(/^TIME$/);
  irc.send(':irc.test 391 alice irc.test :Now');
  await events.next('notice', ({ text }) => text.includes('Now'));
}

test('has the server monitor the contacts of the user, and tells their coming and going', async (context) => {
  const rig = await connect(context, [bob, carol], [MONITOR]);
  assert.equal(await rig.irc.expect(/^MONITOR/), 'MONITOR + bob,carol');
  rig.irc.send(':irc.test 730 alice :Bob!b@host', ':irc.test 731 alice :carol');
  assert.deepEqual(await shown(rig), [bob, 'online', '']);
  assert.deepEqual(await shown(rig), [carol, 'offline', '']);
  rig.irc.send(':irc.test 731 alice :bob', ':irc.test 730 alice :carol!c@h,BOB!b@h');
  assert.deepEqual(await shown(rig), [bob, 'offline', '']);
  assert.deepEqual(await shown(rig), [carol, 'online', '']);
  assert.deepEqual(await shown(rig), [bob, 'online', '']);
});

test('knows a nick by the case mapping of the server, under every address that means it', async (context) => {
  const contacts = [contactId('b[]b%test'), contactId('b{}b%test')];
  const rig = await connect(context, contacts, [
    ':irc.test 005 alice CASEMAPPING=rfc1459 MONITOR=9 :are supported',
  ]);
  assert.equal(await rig.irc.expect(/^MONITOR/), 'MONITOR + b[]b');
  rig.irc.send(':irc.test 730 alice :B{]b!b@host');
  const told = [await shown(rig), await shown(rig)];
  assert.deepEqual(
    told.map(([id]) => id),
    contacts,
  );
});

test('tells what a monitored contact is away for, and that it is back', async (context) => {
  const rig = await connect(context, [bob], [MONITOR]);
  rig.irc.send(
    ':irc.test 730 alice :bob!b@h',
    ':bob!b@h AWAY :At \u0002lunch',
    ':irc.test 730 alice :bob!b@h',
    ':bob!b@h AWAY',
    ':irc.test 301 alice bob :Again',
    ':irc.test 731 alice :bob',
  );
  assert.deepEqual(await shown(rig), [bob, 'online', '']);
  assert.deepEqual(await shown(rig), [bob, 'away', 'At lunch']);
  assert.deepEqual(await shown(rig), [bob, 'online', '']);
  assert.deepEqual(await shown(rig), [bob, 'away', 'Again']);
  assert.deepEqual(await shown(rig), [bob, 'offline', '']);
});

test('asks again and again for those that the server does not monitor, one line at a time', async (context) => {
  const rig = await connect(context, [bob, carol, dave], [MONITOR], {
    timings: { watchIntervalMs: 1, pingIntervalMs: 80 },
  });
  assert.equal(await rig.irc.expect(/^MONITOR/), 'MONITOR + bob,carol');
  assert.equal(await rig.irc.expect(/^ISON/), 'ISON dave');
  rig.irc.send(':irc.test 303 alice :Dave');
  assert.deepEqual(await shown(rig), [dave, 'online', '']);
  await rig.irc.expect(/^ISON dave$/);
  rig.irc.send(':irc.test 303 alice :');
  assert.deepEqual(await shown(rig), [dave, 'offline', '']);
});

test('asks for whom the list of the server has no room after all', async (context) => {
  const rig = await connect(context, [bob, carol], [MONITOR], { timings: { pingIntervalMs: 80 } });
  await rig.irc.expect(/^MONITOR \+ bob,carol$/);
  rig.irc.send(':irc.test 734 alice 1 carol :Monitor list is full.');
  assert.equal(await rig.irc.expect(/^ISON/), 'ISON carol');
});

test('asks by ISON alone where there is no MONITOR, in lines that fit', async (context) => {
  const contacts = Array.from({ length: 60 }, (_, at) => contactId(`somebody${at}%test`));
  const rig = await connect(context, contacts, [], { timings: { pingIntervalMs: 80 } });
  const asked: string[] = [];
  while (asked.length < contacts.length) {
    const line = await rig.irc.expect(/^(ISON|MONITOR) /);
    assert.ok(line.startsWith('ISON ') && line.length <= 400, line);
    const nicks = line.split(' ').slice(1);
    asked.push(...nicks);
    rig.irc.send(`:irc.test 303 alice :${nicks.slice(0, 1).join('')}`);
  }
  assert.deepEqual(
    asked.map((nick) => `${nick}%test`),
    contacts,
  );
  for (const id of contacts) {
    const { contact } = await rig.events.next('contact', (event) => event.contact.id === id);
    assert.match(contact.show ?? '', /^(online|offline)$/);
  }
});

test('leaves alone a server that knows neither, without a word to the user', async (context) => {
  const rig = await connect(context, [bob], [MONITOR], { timings: { pingIntervalMs: 80 } });
  await rig.irc.expect(/^MONITOR/);
  rig.irc.send(':irc.test 421 alice MONITOR :Unknown command');
  await rig.irc.expect(/^ISON bob$/);
  rig.irc.send(':irc.test 421 alice ISON :Unknown command');
  await settle(rig);
  assert.ok(!rig.events.kinds.includes('contact'));
});

test('watches and stops watching as the user subscribes and unsubscribes', async (context) => {
  const rig = await connect(context, [], [MONITOR]);
  await rig.session.watch(bob, true);
  assert.equal(await rig.irc.expect(/^MONITOR/), 'MONITOR + bob');
  rig.irc.send(':irc.test 730 alice :bob!b@h');
  assert.deepEqual(await shown(rig), [bob, 'online', '']);
  await rig.session.watch(bob, false);
  assert.equal(await rig.irc.expect(/^MONITOR/), 'MONITOR - bob');
  rig.irc.send(':irc.test 731 alice :bob', ':bob!b@h AWAY :Out');
  await settle(rig);
  assert.ok(!rig.events.kinds.includes('contact'));
});

test('calls everybody offline when the connection is lost, and comes back for the contacts alone', async (context) => {
  const rig = await connect(context, [bob], [MONITOR]);
  rig.irc.send(':irc.test 730 alice :bob!b@h');
  assert.deepEqual(await shown(rig), [bob, 'online', '']);
  rig.irc.socket.destroy();
  assert.deepEqual(await shown(rig), [bob, 'offline', '']);
  const back = await rig.server.accept();
  await back.welcome('alice', MONITOR);
  assert.equal(await back.expect(/^MONITOR/), 'MONITOR + bob');
});

test('keeps the connection for contacts, and hangs up where there are none', async (context) => {
  const timings = { idleMs: 80 };
  const kept = await connect(context, [bob], [MONITOR], { timings });
  const idle = await connect(context, [contactId('bob%elsewhere.test')], [MONITOR], { timings });
  await idle.irc.expect(/^QUIT/);
  await kept.session.watch(bob, false);
  const lines = await kept.irc.expect(/^(QUIT|MONITOR -)/);
  assert.equal(lines, 'MONITOR - bob');
  await kept.irc.expect(/^QUIT/);
});

test('takes no word for nicks that nobody asked for, and no answer for a question of another', async (context) => {
  const rig = await connect(context, [bob], [], { timings: { pingIntervalMs: 80 } });
  await rig.irc.expect(/^ISON bob$/);
  rig.irc.send(
    ':irc.test 730 alice :mallory!m@h,,!,x',
    ':irc.test 730 alice',
    ':irc.test 731',
    ':irc.test 734 alice',
    ':irc.test 303 alice :mallory eve',
    ':irc.test 303 alice :bob',
    ':irc.test 303 alice :',
  );
  assert.deepEqual(await shown(rig), [bob, 'online', '']);
  await settle(rig);
  assert.ok(!rig.events.kinds.includes('contact'));
});

test('sees a contact come and go where it shares a channel with the user', async (context) => {
  const rig = await connect(context, [bob, carol]);
  const joining = rig.session.join(rig.room, { nick: 'alice' });
  await rig.irc.letIn('alice', '#room', 'alice');
  await joining;
  rig.irc.send(':Bob!b@h JOIN #room', ':bob!b@h NICK carol', ':carol!b@h QUIT :gone');
  assert.deepEqual(await shown(rig), [bob, 'online', '']);
  assert.deepEqual(await shown(rig), [bob, 'offline', '']);
  assert.deepEqual(await shown(rig), [carol, 'online', '']);
  assert.deepEqual(await shown(rig), [carol, 'offline', '']);
});
