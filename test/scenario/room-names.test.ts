import { afterEach, beforeEach, describe, test } from 'node:test';
import { matchXml } from '../harness/xml-matcher.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { enter, IRC, World } from './world.ts';

const INFO = 'http://jabber.org/protocol/disco#info';
const ROOM = `#garden%s@${IRC}`;

describe('the name of a channel', () => {
  let world: World;
  let alice: XmppClient;
  beforeEach(async () => {
    world = await World.start();
    alice = await world.client('alice');
  });
  afterEach(() => world.stop());

  test('is none that a client takes for the address, from outside and from inside', async () => {
    const named = async (): Promise<void> =>
      matchXml(
        await alice.iq(`<iq type='get' to='${ROOM}'><query xmlns='${INFO}'/></iq>`),
        `<iq type='result'><query xmlns='${INFO}'><identity category='conference' name='#garden (s)'/></query></iq>`,
      );
    await named();
    await enter(alice, ROOM, 'alice');
    await named();
  });
});
