import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contactId, messageId } from '../../src/plugin/index.ts';
import type { Address } from '../../src/plugin/index.ts';
import { MessageIds } from '../../src/session/message-ids.ts';
import type { KnownMessage, Ledger, OwnMessage } from '../../src/session/message-ids.ts';

const CHAT: Address = { kind: 'contact', id: contactId('romeo') };

function own(id: string, order: number): OwnMessage {
  return {
    chat: CHAT,
    id,
    stanzaId: undefined,
    networkIds: [messageId(`n-${id}`)],
    isOwn: true,
    nick: undefined,
    text: id,
    order,
    handedOver: Promise.resolve(),
    key: `k-${id}`,
    at: 0,
    sender: 'alice@localhost/desk',
    receiver: 'romeo@im.localhost',
    type: 'chat',
    asksReceipt: true,
    isMarkable: true,
    undelivered: undefined,
  };
}

/** Has one message. */
function ledgerOf(message: KnownMessage): Ledger & { asked: number } {
  return {
    asked: 0,
    async byId(_, id) {
      this.asked += 1;
      return id === message.id ? message : undefined;
    },
    async byNetworkId(_, id) {
      this.asked += 1;
      return message.networkIds.includes(id) ? message : undefined;
    },
  };
}

test('what is no longer in memory is found once it was recalled, by either name', async () => {
  const ledger = ledgerOf(own('old', -10));
  const ids = new MessageIds(['receipts'], ledger);
  assert.equal(ids.byId(CHAT, 'old'), undefined);
  await ids.recallById(CHAT, 'old');
  assert.equal(ids.byId(CHAT, 'old')?.text, 'old');
  assert.equal(ids.byNetworkId(CHAT, messageId('n-old'))?.text, 'old');
  assert.equal(ids.recallByNetworkId(CHAT, messageId('n-old')), undefined);
  await ids.recallById(CHAT, 'never');
  assert.equal(ids.byId(CHAT, 'never'), undefined);
  assert.equal(ledger.asked, 2);
});

test('where nothing is kept there is nothing to wait for', () => {
  assert.equal(new MessageIds(['receipts']).recallById(CHAT, 'old'), undefined);
});

test('a message of before that is recalled is not taken for the latest', async () => {
  const ids = new MessageIds(['receipts'], ledgerOf(own('old', -10)));
  const before = ids.add(own('before', -20));
  const [first, second] = [ids.nextOrder(), ids.nextOrder()];
  ids.add(own('first', first));
  ids.add(own('second', second));
  await ids.recallById(CHAT, 'old');
  const old = ids.byId(CHAT, 'old');
  assert.ok(old);
  assert.deepEqual(
    ids.ownUpTo(CHAT, old).map(({ id }) => id),
    ['old', 'before'],
  );
  assert.deepEqual(
    ids.ownUpTo(CHAT, before).map(({ id }) => id),
    ['before'],
  );
});
