import { openStore } from '../../src/store/store.ts';
import { ALICE, CONTENT, GATEWAY, NAMES, PLACE, ROOM, SAID } from './seeded.ts';

/* Fills the database of the data folder that it is given, and prints by what some of it is found. */
const [data = '', database = 'sqlite'] = process.argv.slice(2);
const store = await openStore({ data, database, env: {} });
for (let count = 0; count < 1_200; count += 1) {
  const name = NAMES[count % NAMES.length] ?? '';
  await store.registrations.save(GATEWAY, `${name}${count}@localhost`, { count });
}
await store.memory.of(GATEWAY, ALICE).set('cursor', 'one');
await store.accountKeys.save(GATEWAY, ALICE, ['alice@example.org']);
const id = store.outbox.nextId();
await store.outbox.add(PLACE, {
  id,
  key: 'k1',
  chat: 'contact bob',
  stanzaId: 's1',
  origin: undefined,
  state: 'waiting',
  attempt: 0,
  dueAt: 0,
  createdAt: 1,
  content: CONTENT,
});
const names = ['second-in-the-alphabet', 'a-first'];
await store.outbox.database.write(store.outbox.done(PLACE, { id, content: CONTENT }, names));
const stanzaId = store.stanzaIds.next();
store.archives.of(ROOM)?.add({ ...SAID, stanzaId, content: '<body>Hello</body>' });
await store.close();
process.stdout.write(JSON.stringify({ id, stanzaId }));
