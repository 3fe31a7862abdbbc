import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

/** As `import * as z` it leaves out of the program what is not used: as one object it brings its messages in fifty languages. */
test('zod is imported name by name', () => {
  const files = ['src', 'gateways'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  const imports = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^import .*from 'zod';$/gm)].map(([line]) => line),
  );
  assert.ok(imports.length > 5);
  assert.deepEqual(
    imports.filter((line) => !/^import (?:type |\* as z )/.test(line)),
    [],
  );
});
