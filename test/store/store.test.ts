import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { CredentialBox, WrongKeyError } from '../../src/store/credential-box.ts';
import { TestStore } from '../harness/test-store.ts';

const DOMAIN = 'irc.example.org';
const USER = 'alice@example.org';
const ACCOUNT = { nick: 'alice', password: 'correct horse' };

describe('the store', () => {
  let testStore: TestStore;
  let data: string;
  beforeEach(() => {
    testStore = new TestStore();
    ({ data } = testStore);
  });
  afterEach(() => testStore.remove());

  test('keeps registrations and subscriptions until they are removed', async () => {
    const store = await testStore.open();
    await store.registrations.save(DOMAIN, USER, { nick: 'old' });
    await store.registrations.save(DOMAIN, USER, ACCOUNT);
    await store.subscriptions.save(DOMAIN, USER, { address: '', toUser: true, fromUser: false });
    await store.close();
    const again = await testStore.open();
    assert.deepEqual((await again.registrations.find(DOMAIN, USER))?.account, ACCOUNT);
    assert.equal(await again.registrations.find('other.example.org', USER), undefined);
    assert.deepEqual(await again.registrations.users(DOMAIN), [USER]);
    assert.deepEqual(await again.subscriptions.list(DOMAIN, USER), [
      { address: '', toUser: true, fromUser: false },
    ]);
    await again.registrations.remove(DOMAIN, USER);
    await again.subscriptions.removeAll(DOMAIN, USER);
    assert.equal(await again.registrations.find(DOMAIN, USER), undefined);
    assert.deepEqual(await again.subscriptions.list(DOMAIN, USER), []);
    await again.close();
  });

  test('finds a user by a key as long as it is hers, however often it was asked for', async () => {
    const store = await testStore.open();
    const { accountKeys } = store;
    const owner = (): Promise<string | undefined> => accountKeys.userOf(DOMAIN, '+15005550006');
    assert.equal(await owner(), undefined);
    await accountKeys.save(DOMAIN, USER, ['+15005550006']);
    assert.deepEqual([await owner(), await owner()], [USER, USER]);
    assert.equal(
      await accountKeys.save(DOMAIN, 'bob@example.org', ['+15005550006']),
      '+15005550006',
    );
    const asked = owner();
    await accountKeys.removeAll(DOMAIN, USER);
    await asked;
    assert.equal(await owner(), undefined);
    await accountKeys.save(DOMAIN, 'bob@example.org', ['+15005550006']);
    assert.equal(await owner(), 'bob@example.org');
    assert.equal(await accountKeys.userOf('other.example.org', '+15005550006'), undefined);
    await store.close();
  });

  test('tells at once of all users whose keys are others than those that are kept', async () => {
    const store = await testStore.open();
    const { accountKeys } = store;
    await accountKeys.save(DOMAIN, 'same@localhost', ['a', 'b']);
    await accountKeys.save(DOMAIN, 'less@localhost', ['c']);
    await accountKeys.save(DOMAIN, 'other@localhost', ['d']);
    const wanted = new Map([
      ['same@localhost', ['b', 'a', 'a']],
      ['less@localhost', []],
      ['other@localhost', ['e']],
      ['new@localhost', ['f']],
      ['none@localhost', []],
    ]);
    const changed = await accountKeys.changed(DOMAIN, wanted);
    const names = changed.map(([user]) => user);
    assert.deepEqual(names, ['less@localhost', 'other@localhost', 'new@localhost']);
    await store.close();
  });

  test('has no credential in clear on disk, and nothing that others than its owner can read', async () => {
    mkdirSync(data, { mode: 0o755 });
    const store = await testStore.open();
    await store.registrations.save(DOMAIN, USER, ACCOUNT);
    for (const name of readdirSync(data)) {
      assert.equal(statSync(join(data, name)).mode & 0o077, 0, name);
    }
    await store.close();
    if (TestStore.isSqlite) {
      assert.ok(!readFileSync(join(data, 'causeway.sqlite')).includes('correct horse'));
    }
    assert.equal(statSync(join(data, 'key')).mode & 0o777, 0o600);
  });

  test('keeps a registration when the process is killed right after it', async () => {
    await (await testStore.open()).close();
    const options = JSON.stringify({ data, database: testStore.database, env: {} });
    const script = `
      import { openStore } from './src/store/store.ts';
      const store = await openStore(${options});
      await store.registrations.save('${DOMAIN}', '${USER}', ${JSON.stringify(ACCOUNT)});
      process.kill(process.pid, 'SIGKILL');`;
    const child = spawn('npx', ['tsx', '--input-type=module', '-e', script], { stdio: 'ignore' });
    await once(child, 'close');
    const store = await testStore.open();
    assert.deepEqual((await store.registrations.find(DOMAIN, USER))?.account, ACCOUNT);
    await store.close();
  });

  test('refuses a wrong key, and says what to do', async () => {
    await (await testStore.open()).close();
    const env = { CAUSEWAY_KEY: Buffer.alloc(32, 7).toString('hex') };
    await assert.rejects(testStore.open({ env }), /bring back the old key file/);
  });

  test('refuses a key of the wrong length, or one that others can read', async () => {
    const env = { CAUSEWAY_KEY: 'c2hvcnQ=' };
    await assert.rejects(testStore.open({ env }), /CAUSEWAY_KEY must hold 32 bytes/);
    await (await testStore.open()).close();
    chmodSync(join(data, 'key'), 0o644);
    await assert.rejects(testStore.open(), /chmod 600/);
    chmodSync(join(data, 'key'), 0o600);
    writeFileSync(join(data, 'key'), 'short');
    await assert.rejects(testStore.open(), /must hold 32 bytes/);
  });
});

describe('what is encrypted', () => {
  const box = new CredentialBox(Buffer.alloc(32, 1));

  test('opens at its own place only', () => {
    const sealed = box.seal('text', 'here');
    assert.equal(box.open(sealed, 'here'), 'text');
    assert.throws(() => box.open(sealed, 'there'), WrongKeyError);
  });

  test('does not open with another key, when changed, or when cut', () => {
    const sealed = box.seal('text', 'here');
    assert.throws(() => new CredentialBox(Buffer.alloc(32, 2)).open(sealed, 'here'), WrongKeyError);
    const changed = Uint8Array.from(sealed);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    assert.throws(() => box.open(changed, 'here'), WrongKeyError);
    assert.throws(() => box.open(sealed.subarray(0, 20), 'here'), WrongKeyError);
    assert.throws(() => box.open(Uint8Array.of(), 'here'), WrongKeyError);
  });
});
