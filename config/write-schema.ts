import { writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { configJsonSchema } from '../src/config/json-schema.ts';
import { BUILT_IN, loadPlugin } from '../src/host/load-plugin.ts';

const FILE = 'config/schema.json';

const options = Object.fromEntries(
  await Promise.all(
    [...BUILT_IN.keys()].map(async (use) => [use, (await loadPlugin(use)).options] as const),
  ),
);
const settings = await resolveConfig(FILE);
const text = JSON.stringify(configJsonSchema(options));
writeFileSync(FILE, await format(text, { ...settings, parser: 'json' }));
