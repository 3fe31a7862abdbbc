import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { contactId, roomId } from '../../src/plugin/index.ts';
import { LOOP, Rig } from './isolation-rig.ts';

const FLOOD = 100_000;
/** Far less than the flood, and more than may be under way in sockets on a slow machine. */
const BETWEEN = 50_000;
const GARDEN = `#garden@${LOOP}`;

const ping = (user: string, id: string): string =>
  `<iq type='get' id='${id}' from='${user}@localhost/desk' to='${LOOP}'><ping xmlns='urn:xmpp:ping'/></iq>`;
const chat = (user: string, id: string, body = 'x'): string =>
  `<message type='chat' id='${id}' from='${user}@localhost/desk' to='romeo@${LOOP}'><body>${body}</body></message>`;

describe('the trouble of one user stays hers', () => {
  let rig: Rig;
  afterEach(() => rig.stop());

  test('100,000 messages from the network for one do not keep another waiting, and all arrive', async () => {
    rig = await Rig.start({ config: ['archive: { rooms: false }'] });
    await rig.enter('alice', '#garden');
    await rig.enter('bob', '#moon');
    const flood = rig.network.flood('alice', FLOOD, (index) => ({
      kind: 'room-message',
      room: roomId('#garden'),
      nick: 'romeo',
      text: `f${index}.`,
    }));
    await rig.until('<body>f100.</body>');
    const before = rig.count(/<body>f/g);
    rig.network.emit('bob', { kind: 'message', from: contactId('romeo'), text: 'for bob' });
    rig.send(ping('bob', 'p1'), chat('bob', 'c1', '/nothing'));
    await rig.until("id='p1'");
    await rig.until('for bob');
    const between = rig.count(/<body>f/g) - before;
    assert.ok(between < BETWEEN, `${between} of the flood came first`);
    await flood;
    await rig.until(`<body>f${FLOOD - 1}.</body>`);
    const numbers = [...rig.received.matchAll(/<body>f(\d+)\./g)].map(([, number]) =>
      Number(number),
    );
    assert.equal(numbers.length, FLOOD);
    assert.ok(
      numbers.every((number, index) => number === index),
      'in order',
    );
  });

  test('100,000 messages from one are each sent or refused, while another is answered', async () => {
    rig = await Rig.start({ config: ['limits: { stanzasPerSecond: 1, stanzaBurst: 500 }'] });
    rig.network.meet('romeo');
    await rig.enter('bob', '#moon');
    let isOver = false;
    const flood = (async () => {
      for (let first = 0; first < FLOOD; first += 500) {
        const some = Array.from({ length: 500 }, (_, index) => chat('alice', `f${first + index}`));
        await rig.component.send(some.join(''));
        await new Promise((resolve) => setImmediate(resolve));
      }
      isOver = true;
    })();
    await rig.until("id='f600'");
    rig.send(ping('bob', 'p1'));
    await rig.until("id='p1'");
    assert.ok(!isOver, 'bob is answered before the flood is over');
    await flood;
    await rig.until(`id='f${FLOOD - 1}'`);
    const refused = rig.count(/<message [^>]*type='error'[^>]*><error [^>]*><resource-constraint/g);
    const sent = rig.network.calls.recorded.filter(({ method }) => method === 'send').length;
    assert.equal(refused + sent, FLOOD);
    assert.ok(sent >= 500 && sent < 1_000, `${sent} were sent`);
    rig.send(ping('alice', 'p2'));
    await rig.until("id='p2'");
  });

  test('a method of the gateway that throws is answered, and leaves nothing behind', async () => {
    let isBroken = true;
    rig = await Rig.start({
      spoil: (session) => {
        const join = session.join?.bind(session);
        session.join = (...given) => {
          if (isBroken) throw new Error('a bug of the gateway');
          if (join === undefined) throw new Error('no join');
          return join(...given);
        };
      },
    });
    rig.send(
      `<presence id='j1' from='alice@localhost/desk' to='${GARDEN}/alice'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    );
    await rig.until(/<presence [^>]*id='j1' type='error'><error [^>]*><internal-server-error/);
    assert.doesNotMatch(rig.received, /a bug of the gateway/);
    isBroken = false;
    await rig.enter('alice', '#garden');
    await rig.enter('bob', '#garden');
  });

  test('who goes beyond a limit is told which', async () => {
    rig = await Rig.start({
      config: ['limits: { users: 2, roomsPerUser: 1, textCharacters: 10 }'],
    });
    rig.network.meet('romeo');
    await rig.enter('alice', '#garden');
    rig.send(
      `<presence id='j2' from='alice@localhost/desk' to='#moon@${LOOP}/alice'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    );
    await rig.until(/id='j2' type='error'><error [^>]*><resource-constraint.*as many rooms/);
    rig.send(chat('alice', 'long', 'x'.repeat(11)));
    await rig.until(/id='long' type='error'><error [^>]*><policy-violation.*10 characters/);
    await rig.enter('bob', '#garden');
    rig.send(chat('carol', 'third'));
    await rig.until(/id='third' type='error'><error [^>]*><resource-constraint.*too many users/);
    rig.send(chat('alice', 'short', 'ok'), ping('carol', 'p3'));
    await rig.until("id='p3'");
    assert.doesNotMatch(rig.received, /id='short' type='error'/);
  });

  test('strangers are refused without a session, so that they take up nothing', async () => {
    rig = await Rig.start({ config: ['limits: { users: 1 }'] });
    for (let index = 0; index < 50; index++) {
      rig.send(
        `<message id='s${index}' type='chat' from='m${index}@elsewhere/x' to='romeo@${LOOP}'><body>x</body></message>`,
        `<presence type='unavailable' from='m${index}@elsewhere/x' to='${LOOP}'/>`,
      );
    }
    await rig.until(/id='s49' type='error'><error [^>]*><forbidden/);
    await rig.enter('alice', '#garden');
    assert.equal(rig.count(/to='m\d+@elsewhere/g), 50);
  });
});
