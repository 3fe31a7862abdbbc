import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { realClock } from '../../src/delivery/clock.ts';
import { MediaFolder } from '../../src/media/media-folder.ts';
import { Media } from '../../src/media/media.ts';
import type { File } from '../../src/plugin/index.ts';
import { TestStore } from '../harness/test-store.ts';

const FILE_BYTES = 100;

function fileOf(bytes: number): File {
  const open = (): Promise<ReadableStream<Uint8Array>> =>
    Promise.resolve(
      new ReadableStream({
        start: (controller) => {
          controller.enqueue(new Uint8Array(bytes));
          controller.close();
        },
      }),
    );
  return { name: 'x.bin', type: 'application/octet-stream', open };
}

test('files that somebody is sent without end leave place for those of others', async (context) => {
  const testStore = new TestStore();
  context.after(() => testStore.remove());
  const store = await testStore.open();
  context.after(() => store.close());
  const folder = join(testStore.folder, 'media');
  const media = new Media({
    store: store.media,
    folder: new MediaFolder(folder),
    key: new Uint8Array(32),
    publicUrl: 'http://gw.test',
    clock: realClock,
    log: pino({ level: 'silent' }),
    settings: {
      maxBytes: 1_000,
      quotaBytes: 10 * FILE_BYTES,
      keepDays: 1,
      types: ['*/*'],
      trustedHosts: [],
    },
  });
  const files = media.filesOf('email.test', {
    ask: () => Promise.reject(new Error('nobody is asked')),
    fileBytes: () => undefined,
  });
  const keptOf = async (user: string, count: number): Promise<number> => {
    let kept = 0;
    for (let number = 0; number < count; number += 1) {
      const note = await files.keep(user, fileOf(FILE_BYTES));
      if (note.media !== undefined) kept += 1;
    }
    return kept;
  };
  const flooded = await keptOf('alice@example.org', 20);
  assert.ok(flooded >= 5 && flooded <= 6, `${flooded} of 10`);
  const others = await keptOf('bob@example.org', 20);
  assert.ok(others >= 2, `${others} for the next`);
  assert.ok((await keptOf('carol@example.org', 1)) === 1);
  await files.forget('alice@example.org');
  assert.ok((await keptOf('bob@example.org', 1)) === 1, 'there is room again');
  assert.equal(readdirSync(folder).length, (await store.media.ids()).size);
});
