import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { startJabberServer } from '../harness/jabber-server.ts';
import type { JabberServer } from '../harness/jabber-server.ts';
import { connectClient } from '../harness/xmpp-client.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';

const LOOP = 'loop.localhost';
const run = promisify(execFile);
const tsc = (cwd: string, ...args: string[]): Promise<unknown> =>
  run(process.execPath, [resolve('node_modules/typescript/bin/tsc'), ...args], { cwd });

/** What an author writes into tsconfig.json: nothing that knows of our sources. */
const AUTHORS_SETTINGS = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023'],
    types: ['node'],
    strict: true,
    rewriteRelativeImportExtensions: true,
  },
  include: ['*.ts'],
};

/** A folder of an administrator, with Causeway and a gateway by somebody else installed. */
class Installation {
  readonly folder = mkdtempSync(join(tmpdir(), 'causeway-packages-'));
  #process: ChildProcess | undefined;

  /** Builds Causeway as it is published, and the loopback gateway as its author would. */
  async install(): Promise<void> {
    const causeway = join(this.folder, 'node_modules/causeway');
    mkdirSync(causeway, { recursive: true });
    cpSync('package.json', join(causeway, 'package.json'));
    symlinkSync(resolve('node_modules'), join(causeway, 'node_modules'));
    for (const name of ['zod', '@types']) {
      symlinkSync(resolve('node_modules', name), join(this.folder, 'node_modules', name));
    }
    // Whether our types are right is looked at elsewhere; here they are only written.
    const build = ['-p', 'tsconfig.build.json', '--noCheck'];
    await tsc('.', ...build, '--outDir', join(causeway, 'dist'));
    const author = join(this.folder, 'node_modules/causeway-gateway-loopback');
    mkdirSync(author);
    const isOwn = (name: string): boolean => !/\.test\.ts$|^world\.ts$/.test(name);
    for (const name of readdirSync('test/loopback').filter(isOwn)) {
      cpSync(join('test/loopback', name), join(author, name));
    }
    await this.#build(author);
  }

  /** The gateway that gateways/README.md shows, word for word. */
  async installExample(): Promise<void> {
    const [, code] = /^```ts\n(.*?)^```/ms.exec(readFileSync('gateways/README.md', 'utf8')) ?? [];
    assert.ok(code !== undefined);
    const name = 'causeway-gateway-parrot';
    const manifest = JSON.stringify({ name, type: 'module', exports: './index.js' });
    this.add(name, { 'package.json': manifest, 'index.ts': code });
    await this.#build(join(this.folder, 'node_modules', name));
  }

  async #build(folder: string): Promise<void> {
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(AUTHORS_SETTINGS));
    await tsc(folder);
  }

  /** A package that somebody made, with these files. */
  add(name: string, files: Readonly<Record<string, string>>): void {
    const root = join(this.folder, 'node_modules', name);
    mkdirSync(root, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(root, file), text);
  }

  configure(use: string, port: number, options = ''): void {
    const lines = [
      `jabber: { host: 127.0.0.1, port: ${port} }`,
      'gateways:',
      `  - use: '${use}'`,
      `    domain: ${LOOP}`,
      '    secret: one',
      `    options: { ${options} }`,
    ];
    writeFileSync(join(this.folder, 'causeway.yaml'), lines.join('\n'));
  }

  /** What `causeway check` says, and whether it is content. */
  async check(): Promise<{ readonly text: string; readonly isFine: boolean }> {
    const main = join(this.folder, 'node_modules/causeway/dist/src/main.js');
    const args = [main, 'check', '--config', join(this.folder, 'causeway.yaml')];
    try {
      const { stdout } = await run(process.execPath, args, { cwd: this.folder });
      return { text: stdout, isFine: true };
    } catch (error) {
      assert.ok(typeof error === 'object' && error !== null && 'stderr' in error);
      return { text: String(error.stderr), isFine: false };
    }
  }

  /** Resolves when the log says `ready`. */
  async start(): Promise<void> {
    const child = spawn(
      process.execPath,
      ['node_modules/causeway/dist/src/main.js', '--config', 'causeway.yaml'],
      { cwd: this.folder, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    this.#process = child;
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.includes('"msg":"ready"')) return void child.stdout.resume();
    }
    throw new Error('the gateway ended before it was ready');
  }

  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}

describe('a gateway that comes as a package', () => {
  const installation = new Installation();
  let jabber: JabberServer | undefined;
  const clients: XmppClient[] = [];
  before(() => installation.install());
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await installation.stop();
    await jabber?.stop();
    jabber = undefined;
  });
  after(() => rmSync(installation.folder, { recursive: true }));

  const client = async (port: number, user: string): Promise<XmppClient> => {
    const password = user.slice(0, 1);
    const settings = { port, domain: 'localhost', user, password, resource: 'desk' };
    const connected = await connectClient(settings);
    clients.push(connected);
    connected.send('<presence/>');
    const answer = await connected.iq(
      `<iq type='set' to='${LOOP}'><query xmlns='jabber:iq:register'><nick>${user}</nick></query></iq>`,
    );
    assert.equal(answer.attrs['type'], 'result');
    connected.send(`<presence to='${LOOP}'/>`);
    return connected;
  };

  for (const use of ['loopback', 'causeway-gateway-loopback']) {
    test(`is loaded by "use: ${use}", and its users talk`, async () => {
      jabber = await startJabberServer({
        domain: 'localhost',
        components: { [LOOP]: 'one' },
        accounts: { alice: 'a', bob: 'b' },
      });
      installation.configure(use, jabber.componentPort, `world: ${use}`);
      await installation.start();
      const alice = await client(jabber.clientPort, 'alice');
      const bob = await client(jabber.clientPort, 'bob');
      // Its errors are NetworkErrors, though its package has a copy of the border of its own.
      bob.send(`<message type='chat' id='m1' to='tybalt@${LOOP}'><body>Hello</body></message>`);
      await bob.expect(
        `<message type='error' id='m1'><error><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
      );
      alice.send(`<message type='chat' to='bob@${LOOP}'><body>Hello, Bob</body></message>`);
      await bob.expect(
        `<message type='chat' from='alice@${LOOP}'><body>Hello, Bob</body></message>`,
      );
    });
  }

  test('is what gateways/README.md shows', async () => {
    await installation.installExample();
    jabber = await startJabberServer({
      domain: 'localhost',
      components: { [LOOP]: 'one' },
      accounts: { alice: 'a' },
    });
    installation.configure('parrot', jabber.componentPort, 'shouts: true');
    await installation.start();
    const alice = await client(jabber.clientPort, 'alice');
    alice.send(`<message type='chat' to='polly@${LOOP}'><body>Hello, Polly</body></message>`);
    await alice.expect(
      `<message type='chat' from='polly@${LOOP}'><body>HELLO, POLLY</body></message>`,
    );
  });

  const BROKEN: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
    [
      'says nothing of a gateway',
      { 'index.js': 'export const other = 1;' },
      /exports no "gateway", but other/,
    ],
    [
      'exports half a gateway',
      { 'index.js': "export const gateway = { type: 'x', name: 'X', create() {} };" },
      /lacks "options", which is a zod schema/,
    ],
    [
      'exports a word',
      { 'index.js': "export const gateway = 'me';" },
      /"gateway" that is no object/,
    ],
    [
      'throws when it is loaded',
      { 'index.js': "throw new Error('no moon tonight');" },
      /cannot be loaded: no moon tonight/,
    ],
    ['was never built', {}, /lacks its file .\/index\.js: has it been built\?/],
  ];
  for (const [what, files, words] of BROKEN) {
    test(`that ${what} is refused with the line and the reason`, async () => {
      const manifest = JSON.stringify({ name: 'broken', type: 'module', exports: './index.js' });
      installation.add('broken', { 'package.json': manifest, ...files });
      installation.configure('broken', 5347);
      const { text, isFine } = await installation.check();
      assert.equal(isFine, false);
      assert.match(text, /causeway\.yaml:3: gateways\[0\]\.use: /);
      assert.match(text, words);
      rmSync(join(installation.folder, 'node_modules/broken'), { recursive: true });
    });
  }

  test('that is not installed is missed by name, with the way to install it', async () => {
    installation.configure('moon', 5347);
    const { text } = await installation.check();
    assert.match(
      text,
      /gateways\[0\]\.use: there is no gateway "moon": irc, email, sms come with Causeway/,
    );
    assert.match(text, /npm install causeway-gateway-moon/);
  });

  test('is found whether its exports are a path, conditions, or there are none', async () => {
    const code = `export { gateway } from 'causeway-gateway-loopback';`;
    const ways: readonly object[] = [
      { exports: { '.': { types: './index.d.ts', import: './index.js' } } },
      { exports: { node: { default: './index.js' } } },
      { main: 'index.js' },
      {},
    ];
    for (const way of ways) {
      const manifest = JSON.stringify({ name: '@moon/gate', type: 'module', ...way });
      installation.add('@moon/gate', { 'package.json': manifest, 'index.js': code });
      installation.configure('@moon/gate', 5347);
      const { text, isFine } = await installation.check();
      assert.ok(isFine, text);
    }
  });

  test('has its options checked, with the line', async () => {
    installation.configure('loopback', 5347, 'wrold: typo');
    const { text, isFine } = await installation.check();
    assert.equal(isFine, false);
    assert.match(text, /causeway\.yaml:6: gateways\[0\]\.options/);
    assert.match(text, /wrold/);
  });
});
