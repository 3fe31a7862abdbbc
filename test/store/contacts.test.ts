import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contactId } from '../../src/plugin/index.ts';
import { Contacts } from '../../src/session/contacts.ts';
import { UserSettings } from '../../src/session/settings.ts';
import { TestStore } from '../harness/test-store.ts';

const GATEWAY = 'im.example.org';
const ALICE = 'alice@example.org';
const ROMEO = contactId('romeo');

test('keeps contacts and what the roster was told of them, but not who was there', async (context) => {
  const testStore = new TestStore();
  context.after(() => testStore.remove());
  const first = await testStore.open();
  const before = new Contacts(first.contacts, GATEWAY, ALICE);
  before.take(
    { id: ROMEO, name: 'Romeo', groups: ['b', 'a', 'b'], show: 'away', status: 'out' },
    { isListed: true },
  );
  before.change(ROMEO, { entry: { way: 'privilege', name: 'Romeo', groups: ['a', 'b'] } });
  before.take({ id: contactId('stranger'), name: 'Somebody', show: 'online' });
  await before.save();
  await first.close();

  const second = await testStore.open();
  context.after(() => second.close());
  const after = new Contacts(second.contacts, GATEWAY, ALICE);
  await after.load();
  assert.deepEqual(
    [...after.all()],
    [
      {
        id: ROMEO,
        name: 'Romeo',
        groups: ['a', 'b'],
        isListed: true,
        isAsking: false,
        isDismissed: false,
        entry: { way: 'privilege', name: 'Romeo', groups: ['a', 'b'] },
        avatarHash: undefined,
        show: undefined,
        status: undefined,
      },
    ],
  );
  const others = new Contacts(second.contacts, GATEWAY, 'bob@example.org');
  await others.load();
  assert.deepEqual([...others.all()], []);
  after.change(ROMEO, { isListed: false, entry: undefined });
  await after.save();
  assert.deepEqual(await second.contacts.list(GATEWAY, ALICE), []);
});

test('keeps settings until they are cleared', async (context) => {
  const testStore = new TestStore();
  context.after(() => testStore.remove());
  const store = await testStore.open();
  context.after(() => store.close());
  const settings = new UserSettings(store.settings, GATEWAY, ALICE);
  await settings.load();
  assert.deepEqual(settings.get(), {
    stayConnected: false,
    keepHistory: true,
    bookmarks: 'auto',
    subjectsInText: true,
    language: '',
  });
  await settings.set({ stayConnected: true });
  assert.deepEqual(await store.settings.usersWith(GATEWAY, 'stayConnected', 'true'), [ALICE]);
  const again = new UserSettings(store.settings, GATEWAY, ALICE);
  await again.load();
  assert.deepEqual(again.get(), { ...settings.get(), stayConnected: true });
  await again.clear();
  assert.deepEqual(await store.settings.usersWith(GATEWAY, 'stayConnected', 'true'), []);
  assert.equal(again.get().stayConnected, false);
});
