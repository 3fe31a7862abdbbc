import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Aliases } from '../../../gateways/email/own-domain/aliases.ts';
import { Preferences } from '../../../gateways/email/settings.ts';
import { UnfinishedMails } from '../../../gateways/email/unfinished.ts';
import type { Memory } from '../../../src/plugin/index.ts';
import { memoryOf } from '../../contract/recording-host.ts';

const readers: Readonly<Record<string, (memory: Memory) => () => Promise<unknown>>> = {
  'what is unfinished': (memory) => {
    const mails = new UnfinishedMails(memory);
    return () => mails.load();
  },
  preferences: (memory) => {
    const preferences = new Preferences(memory);
    return () => preferences.load();
  },
  aliases: (memory) => {
    const aliases = new Aliases(memory);
    return () => aliases.all();
  },
};

for (const [what, reader] of Object.entries(readers)) {
  test(`a memory that cannot be read once is read again for ${what}`, async () => {
    let isFailing = true;
    const memory = memoryOf(new Map());
    const read = reader({
      ...memory,
      get: (key) => (isFailing ? Promise.reject(new Error('busy')) : memory.get(key)),
    });
    await assert.rejects(read(), /busy/);
    isFailing = false;
    await read();
  });
}
