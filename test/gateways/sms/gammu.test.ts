import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { ALICE, ALICES_NUMBER, PHONE, SmsRig } from './rig.ts';
import type { Person } from './rig.ts';

let top: string;
let rig: SmsRig;
let alice: Person;
const folder = (name: string): string => join(top, name);

beforeEach(async () => {
  top = mkdtempSync(join(tmpdir(), 'causeway-gammu-'));
  for (const name of ['inbox', 'outbox', 'sent', 'errors']) mkdirSync(folder(name));
  rig = await new SmsRig({
    provider: {
      type: 'gammu',
      inbox: folder('inbox'),
      outbox: folder('outbox'),
      sent: folder('sent'),
      errors: folder('errors'),
      number: ALICES_NUMBER,
      pollMs: 10,
    },
    numbers: { [ALICES_NUMBER]: ALICE },
  }).start();
  alice = await rig.person(ALICE);
});
afterEach(async () => {
  await rig.stop();
  rmSync(top, { recursive: true });
});

/** As the daemon leaves it when it is done with it. */
function write(name: string, content: string | Buffer, ageSeconds = 5): void {
  const path = join(folder('inbox'), name);
  writeFileSync(`${path}.new`, content);
  const aWhileAgo = Date.now() / 1_000 - ageSeconds;
  utimesSync(`${path}.new`, aWhileAgo, aWhileAgo);
  renameSync(`${path}.new`, path);
}

describe('a text by a modem', () => {
  test('is a file in the outbox, one for a message however often it is tried', async () => {
    const message = rig.outgoing('Grüße 🌹');
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await alice.session.send(rig.address(PHONE), { ...message, attempt });
    }
    const [name = '', ...more] = readdirSync(folder('outbox'));
    assert.deepEqual(more, []);
    assert.match(name, /^OUTC\d{8}_\d{6}_00_\+15005550010_cw[0-9a-f]{16}\.smsbackup$/);
    const content = readFileSync(join(folder('outbox'), name), 'utf8');
    assert.match(content, /^Number = "\+15005550010"$/m);
    assert.match(content, /^Coding = Unicode_No_Compression$/m);
    assert.match(content, /^Text00 = 0047007200FC00DF00650020D83CDF39$/m);
    assert.doesNotMatch(content, /UDH|SMSBackup001/);
    renameSync(join(folder('outbox'), name), join(folder('sent'), name));
    assert.ok(await alice.session.wasTaken?.(rig.address(PHONE), message));
  });

  test('of several parts has them all in one file', async () => {
    await alice.send(PHONE, 'x'.repeat(307));
    const [name = ''] = readdirSync(folder('outbox'));
    const content = readFileSync(join(folder('outbox'), name), 'utf8');
    const headers = [...content.matchAll(/^UDH = 050003(..)(..)(..)$/gm)].map((found) =>
      found.slice(1),
    );
    const [[reference] = []] = headers;
    assert.deepEqual(
      headers,
      [1, 2, 3].map((part) => [reference, '03', `0${part}`]),
    );
    assert.deepEqual(
      [...content.matchAll(/^Length = (\d+)$/gm)].map(([, length]) => length),
      ['153', '153', '1'],
    );
  });

  test('fails when the daemon puts it among the errors', async () => {
    await alice.send(PHONE, 'Hello', { key: 'k' });
    const [name = ''] = readdirSync(folder('outbox'));
    renameSync(join(folder('outbox'), name), join(folder('errors'), name));
    await alice.host.until((events) => events.length > 0, 'a failure');
    assert.equal(alice.events('failed')[0]?.key, 'k');
  });

  test('is not receipted, as nobody says that it has arrived', async () => {
    await alice.send(PHONE, 'Hello');
    const [name = ''] = readdirSync(folder('outbox'));
    renameSync(join(folder('outbox'), name), join(folder('sent'), name));
    write('IN20261124_133500_00_+15005550010_00.txt', 'And then this came');
    await alice.host.until((events) => events.length > 0, 'what came later');
    assert.deepEqual(alice.events('receipt'), []);
  });
});

describe('a text that comes in by a modem', () => {
  test('is a message, its parts together, and its files are gone once it is stored', async () => {
    alice.host.stallAt(({ kind }) => kind === 'message');
    write('IN20261124_133500_00_+15005550010_01.txt', 'two', 0);
    write('IN20261124_133500_00_+15005550010_00.txt', 'one ', 0);
    await alice.host.until((events) => events.length > 0, 'a message');
    const [message] = alice.events('message');
    assert.equal(message?.from, PHONE);
    assert.equal(message?.text, 'one two');
    assert.match(message?.id ?? '', /^IN20261124_133500_00_\+15005550010-[0-9a-f]{8}$/);
    assert.ok(readdirSync(folder('inbox')).length > 0);
    alice.host.catchUp();
    for (let turn = 0; turn < 5_000 && readdirSync(folder('inbox')).length > 0; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(readdirSync(folder('inbox')), []);
  });

  test('is read in each of the formats that the daemon writes', async () => {
    const text = 'Grüße 🌹';
    const units = Buffer.from(text, 'utf16le').swap16();
    const mark = Buffer.from([0xfe, 0xff]);
    const detail = `; comment\n[SMSBackup000]\nPDU = Deliver\nText00 = ${units.toString('hex').toUpperCase()}\nLength = 8\n`;
    const rest = Buffer.from([0, 0, 0x32, 0x30]);
    const contents = [
      Buffer.concat([mark, units]),
      Buffer.concat([mark, units, rest]),
      text,
      detail,
    ];
    for (const [index, content] of contents.entries()) {
      write(`IN20261124_13350${index}_00_+15005550010_00.txt`, content);
    }
    await alice.host.until((events) => events.length === contents.length, 'all messages');
    assert.deepEqual(
      alice.events('message').map((message) => message.text),
      contents.map(() => text),
    );
  });
});
