import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { catalogue } from '../../src/plugin/index.ts';

const ROOT = resolve(import.meta.dirname, '../..');

type Texts = Readonly<Record<string, unknown>>;

/** All text catalogues of the program and its gateways, by file and name. */
async function catalogues(): Promise<ReadonlyMap<string, (language: string) => Texts>> {
  const found = new Map<string, (language: string) => Texts>();
  for (const path of sources('src', 'gateways')) {
    if (!/^export const \w+ = catalogue[(<]/m.test(readFileSync(join(ROOT, path), 'utf8')))
      continue;
    const module: unknown = await import(pathToFileURL(join(ROOT, path)).href);
    assert.ok(typeof module === 'object' && module !== null);
    for (const [name, value] of Object.entries(module)) {
      if (typeof value === 'function' && isCatalogue(value)) found.set(`${path} ${name}`, value);
    }
  }
  return found;
}

function isCatalogue(value: Function): value is (language: string) => Texts {
  return value.toString() === catalogue({}, {}).toString();
}

function sources(...folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((path) => `${folder}/${path}`)
      .filter((path) => path.endsWith('.ts') && !path.includes('node_modules')),
  );
}

/** The texts by the way that leads to them: `title`, `steps.2.name`; what kind each is, and how many holes it has. */
function shapeOf(value: unknown, way: readonly string[] = []): [string, string][] {
  if (typeof value !== 'object' || value === null) {
    const kind = typeof value === 'function' ? 'function' : typeof value;
    return [[way.join('.'), kind]];
  }
  return Object.entries(value).flatMap(([key, part]) => shapeOf(part, [...way, key]));
}

/** The sentences in a source that are written as they stand. */
function sentencesIn(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/[^\n]*/g, '$1');
  const literals = [...code.matchAll(/'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g)];
  return literals
    .map(([, single, template]) => single ?? template ?? '')
    .filter((text) => /^(?:[A-ZÄÖÜ]|\$\{)[^\n]* [^\n]*[.?!]$/.test(text))
    .filter((text) => !/^(?:SELECT|UPDATE|INSERT|DELETE) /.test(text));
}

/** Sentences that no user reads: they are for administrators, or for logs. */
const NOT_FOR_USERS: readonly RegExp[] = [
  /^src\/(?:cli|config)\//,
  /(?:^|\/)(?:options|provider-options)\.ts$/,
  // Reasons that the parser gives; `routerTexts.tooLarge` says it in words of its own.
  /^src\/xml\//,
  // Ways that end in the log: another way is taken.
  /^src\/features\/(?:privilege|muc\/bookmark-item)\.ts$/,
  /^src\/router\/requests\.ts$/,
];

describe('the texts for users', () => {
  test('every catalogue has the same texts in German as in English', async () => {
    const all = await catalogues();
    assert.ok(all.size >= 15, `${all.size} catalogues were found`);
    for (const [name, texts] of all) {
      assert.notEqual(texts('de'), texts('en'), `${name} has no German`);
      const shape = (language: string): object => Object.fromEntries(shapeOf(texts(language)));
      assert.deepEqual(shape('de'), shape('en'), name);
    }
  });

  test('no sentence is English in German: what is the same in both has no words to translate', async () => {
    for (const [name, texts] of await catalogues()) {
      const english = new Map(Object.entries(texts('en')));
      for (const [key, german] of Object.entries(texts('de'))) {
        if (typeof german !== 'string' || !/\S \S/.test(german)) continue;
        assert.notEqual(german, english.get(key), `${name}: ${key}`);
      }
    }
  });

  test('no sentence for users stands outside of a catalogue', () => {
    const astray = sources('src', 'gateways/irc', 'gateways/email')
      .filter((path) => !/texts(?:-\w+)?\.ts$/.test(path))
      .filter((path) => !NOT_FOR_USERS.some((pattern) => pattern.test(path)))
      .flatMap((path) =>
        sentencesIn(readFileSync(join(ROOT, path), 'utf8')).map((text) => `${path}: ${text}`),
      );
    assert.deepEqual(astray, []);
  });
});
