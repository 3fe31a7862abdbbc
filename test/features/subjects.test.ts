import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { child } from '../harness/xml-element.ts';
import { messageId } from '../../src/plugin/index.ts';
import { fill, run } from '../conformance/command-client.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';

const ROMEO = `romeo@${LOOP}`;

describe('the subject of a message', () => {
  let world: LoopbackWorld;
  let alice: XmppClient;
  beforeEach(async () => {
    world = await LoopbackWorld.start();
    alice = await world.client('alice');
    await world.register(alice);
  });
  afterEach(() => world.stop());

  const hears = async (subject: string, body: string): Promise<void> => {
    await alice.expect(
      `<message type='chat' from='${ROMEO}'><subject>${subject}</subject><body>${body}</body></message>`,
    );
  };

  test('stands above its text, too, as most clients show it nowhere else', async () => {
    world.network.tell('alice', 'romeo', 'By the moon\nI swear', {
      id: messageId('1'),
      subject: 'Love',
    });
    await hears('Love', 'Subject: Love\n\nBy the moon\nI swear');
  });

  test('stands there once, where it is all that was said', async () => {
    for (const [id, said] of [
      ['2', ''],
      ['3', 'Love'],
    ] as const) {
      world.network.tell('alice', 'romeo', said, { id: messageId(id), subject: 'Love' });
      await hears('Love', 'Love');
    }
  });

  test('stands between a quotation and the answer to it', async () => {
    alice.send(`<message type='chat' id='q' to='${ROMEO}'><body>Who goes there?</body></message>`);
    await world.network.expect('send');
    world.network.tell('alice', 'romeo', 'I', {
      id: messageId('4'),
      subject: 'Love',
      reply: { quote: 'Who goes there?' },
    });
    await hears('Love', '&gt; Who goes there?\nSubject: Love\n\nI');
  });

  test('leaves the places where a quotation ends, and what is answered or corrected', async () => {
    world.network.tell('alice', 'romeo', 'Who goes there? 😀', {
      id: messageId('6'),
      subject: 'Night',
    });
    const first = await alice.expect(`<message><subject>Night</subject></message>`);
    world.network.tell('alice', 'romeo', 'Answer me', {
      id: messageId('7'),
      subject: 'Dawn',
      reply: { id: messageId('6') },
    });
    const answer = await alice.expect(
      `<message><body>&gt; Who goes there? 😀\nSubject: Dawn\n\nAnswer me</body><reply xmlns='urn:xmpp:reply:0' id='${first.attrs['id']}'/><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='20'/></fallback></message>`,
    );
    world.network.tell('alice', 'romeo', 'Answer me!', {
      id: messageId('8'),
      subject: 'Dawn',
      replaces: messageId('7'),
    });
    await alice.expect(
      `<message><body>Subject: Dawn\n\nAnswer me!</body><replace xmlns='urn:xmpp:message-correct:0' id='${answer.attrs['id']}'/></message>`,
    );
  });

  test('stands above the first part of a text that takes several', async () => {
    const long = 'w'.repeat(60_000);
    world.network.tell('alice', 'romeo', long, { id: messageId('9'), subject: 'Love' });
    await hears('Love', `Subject: Love\n\n${long.slice(0, 49_985)}`);
    const rest = await alice.expect(`<message><body>${long.slice(49_985)}</body></message>`);
    assert.equal(child(rest, 'subject'), undefined);
  });

  test('is left to the client by who wants that', async () => {
    const { id } = await run(alice, `node='causeway:settings'`);
    await run(alice, `node='causeway:settings' sessionid='${id}'`, {
      form: fill({ 'subjects-in-text': '0' }),
    });
    world.network.tell('alice', 'romeo', 'By the moon', { id: messageId('5'), subject: 'Love' });
    await hears('Love', 'By the moon');
  });
});
