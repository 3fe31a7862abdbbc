import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { pino } from 'pino';
import { startApp } from '../../src/app.ts';
import type { App } from '../../src/app.ts';
import { doctor } from '../../src/cli/doctor/doctor.ts';
import type { Diagnosis } from '../../src/cli/doctor/doctor.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { startIrcServer } from '../harness/irc-server.ts';
import { startJabberServer } from '../harness/jabber-server.ts';
import type { JabberServer, JabberServerOptions } from '../harness/jabber-server.ts';
import { causeway, startCauseway, temporaryFolder } from './command.ts';
import type { Outcome } from './command.ts';

const IRC = 'irc.localhost';
const SECRET = 'sesame-of-irc';
const FLAVOURS = ['prosody', 'ejabberd', 'jabberd2'] as const;

/** A configuration with a Jabber and an IRC server that answer. */
class Place {
  readonly jabber: JabberServer;
  readonly file: string;
  readonly data: string;
  #servers: string;
  #jabberPort: number;

  private constructor(jabber: JabberServer, ircPort: number, folder: string) {
    this.jabber = jabber;
    this.file = join(folder, 'causeway.yaml');
    this.data = join(folder, 'data');
    this.#servers = `{ s: { host: 127.0.0.1, port: ${ircPort}, tls: false } }`;
    this.#jabberPort = jabber.componentPort;
  }

  static async make(t: TestContext, options: Partial<JabberServerOptions> = {}): Promise<Place> {
    const irc = await startIrcServer();
    const jabber = await startJabberServer({
      domain: 'localhost',
      components: { [IRC]: SECRET },
      ...options,
    });
    t.after(() => Promise.all([jabber.stop(), irc.stop()]));
    const place = new Place(jabber, irc.port, temporaryFolder(t));
    place.write();
    return place;
  }

  /** What differs from a configuration that is in order. */
  write({
    secret = SECRET,
    domain = IRC,
    servers = this.#servers,
    jabberPort = this.#jabberPort,
    lines = [],
  }: {
    readonly secret?: string;
    readonly domain?: string;
    readonly servers?: string;
    readonly jabberPort?: number;
    readonly lines?: readonly string[];
  } = {}): void {
    const all = [
      `jabber: { host: 127.0.0.1, port: ${jabberPort} }`,
      ...lines,
      'gateways:',
      `  - { use: irc, domain: ${domain}, secret: ${secret}, options: { servers: ${servers} } }`,
    ];
    writeFileSync(this.file, `${all.join('\n')}\n`);
  }

  /** As an administrator runs it: in a process of its own. */
  async command(): Promise<Outcome> {
    const outcome = await causeway('doctor', '--config', this.file);
    assert.ok(!`${outcome.out}${outcome.err}`.includes(SECRET), 'secrets are not shown');
    return outcome;
  }

  /** The same, sooner. */
  async doctor(): Promise<Diagnosis> {
    const diagnosis = await doctor(this.file, {});
    assert.ok(!diagnosis.text.includes(SECRET), 'secrets are not shown');
    return diagnosis;
  }

  /** A gateway with this configuration, attached. */
  async start(t: TestContext): Promise<App> {
    const app = await startApp({
      config: await loadConfig(this.file, {}),
      log: pino({ level: 'silent' }),
      env: {},
    });
    t.after(() => app.stop());
    await this.jabber.attached(IRC);
    return app;
  }
}

async function listening(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('causeway doctor', () => {
  for (const flavour of FLAVOURS) {
    test(`finds all in order on ${flavour}, attaches without a word to users, and leaves`, async (t) => {
      const place = await Place.make(t, { flavour });
      const { isFine, text: out } = await place.doctor();
      assert.ok(isFine, out);
      assert.match(out, /^ok +Jabber server +127\.0\.0\.1:\d+ can be reached$/m);
      assert.match(out, /^ok +irc\.localhost +the Jabber server takes the secret$/m);
      assert.match(out, /^ok +irc\.localhost +localhost answers$/m);
      assert.match(out, /^ok +irc\.localhost +localhost gives no privileges/m);
      assert.match(out, /^ok +irc\.localhost +127\.0\.0\.1:\d+: answers, without TLS$/m);
      assert.match(out, /^Everything is in order\.$/m);
      await place.jabber.detached(IRC);
      const said = place.jabber.log.filter(({ direction }) => direction === 'in');
      assert.ok(said.length > 0);
      for (const { stanza } of said) assert.equal(stanza.name, 'iq');
    });

    test(`asks the gateway that runs instead of attaching beside it on ${flavour}`, async (t) => {
      const place = await Place.make(t, { flavour });
      place.write({ lines: [`http: { listen: "127.0.0.1:${await freePort()}" }`] });
      await place.start(t);
      const { code, out } = await place.command();
      assert.equal(code, 0, out);
      assert.match(out, /^ok +database +in order, and a gateway is running on it$/m);
      assert.match(out, /^ok +http\.listen +the running gateway answers/m);
      assert.match(out, /^ok +irc\.localhost +attached, says the running gateway$/m);
      assert.doesNotMatch(out, /takes the secret/);
      assert.ok(place.jabber.isAttached(IRC));
    });
  }

  test('makes nothing that is not there', async (t) => {
    const place = await Place.make(t);
    const { text: out } = await place.doctor();
    assert.match(out, /^ok +data folder +.*data is made at the first start$/m);
    assert.ok(!existsSync(place.data));
  });

  test('says what the running gateway is not attached for', async (t) => {
    const place = await Place.make(t);
    place.write({ lines: [`http: { listen: "127.0.0.1:${await freePort()}" }`] });
    await place.start(t);
    await place.jabber.closeComponentPort();
    await place.jabber.detached(IRC);
    const away = await place.command();
    assert.equal(away.code, 1);
    assert.match(away.out, /^trouble +Jabber server +127\.0\.0\.1:\d+: nothing listens there/m);

    // Something listens again, and it is no Jabber server.
    const other = createTcpServer((socket) => socket.end());
    other.listen(place.jabber.componentPort, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    t.after(() => other.close());
    const { code, out } = await place.command();
    assert.equal(code, 1);
    assert.match(
      out,
      /^trouble +irc\.localhost +the running gateway is not attached: (?!its log)\w+/m,
    );
  });

  test('does not attach beside a gateway without a web server either, and says where to look', async (t) => {
    const place = await Place.make(t, { flavour: 'ejabberd' });
    await place.start(t);
    const { code, out } = await place.command();
    assert.equal(code, 0, out);
    assert.match(out, /^ok +irc\.localhost +the running gateway has it; its log says/m);
    assert.doesNotMatch(out, /takes the secret/);
  });

  test('knows that a gateway which was killed runs no longer', async (t) => {
    const place = await Place.make(t);
    const child = startCauseway(t, 'start', '--config', place.file);
    await place.jabber.attached(IRC, 20_000);
    child.kill('SIGKILL');
    await place.jabber.detached(IRC);
    const { code, out } = await place.command();
    assert.equal(code, 0, out);
    assert.match(out, /^ok +database +in order, and no gateway is running on it$/m);
    assert.match(out, /takes the secret/);
  });

  test('takes a conflict for a gateway with other data', async (t) => {
    const place = await Place.make(t);
    await place.start(t);
    place.write({ lines: ['data: ./other'] });
    const { code, out } = await place.command();
    assert.equal(code, 0, out);
    assert.match(out, /^warning +irc\.localhost +another process is attached under this name/m);
    assert.ok(place.jabber.isAttached(IRC));
  });

  test('tells a wrong secret from a domain that the server does not know', async (t) => {
    const place = await Place.make(t);
    place.write({ secret: 'another' });
    const wrong = await place.command();
    assert.equal(wrong.code, 1);
    assert.match(wrong.out, /^trouble +irc\.localhost +the server refuses the secret/m);
    assert.match(wrong.out, /→ `causeway check` shows what the Jabber server needs$/m);
    assert.doesNotMatch(wrong.out, /another/);
    place.write({ domain: 'icq.localhost' });
    const unknown = await place.command();
    assert.equal(unknown.code, 1);
    assert.match(
      unknown.out,
      /^trouble +icq\.localhost +the server has no component of this name/m,
    );
  });

  test('notices that nobody answers for the domain of the users', async (t) => {
    const place = await Place.make(t);
    place.write({ lines: ['registration: { allow: [elsewhere.example] }'] });
    const { isFine, text: out } = await place.doctor();
    assert.equal(isFine, false);
    assert.match(
      out,
      /^trouble +irc\.localhost +elsewhere\.example (is not there|does not answer)/m,
    );
  });

  test('tells the privileges that the server gives', async (t) => {
    const privileges = {
      namespace: 'urn:xmpp:privilege:2',
      roster: 'both',
      message: true,
    } as const;
    const place = await Place.make(t, { privileges: { [IRC]: privileges } });
    const { text: out } = await place.doctor();
    assert.match(
      out,
      /^ok +irc\.localhost +localhost gives privileges: roster \(both\), message$/m,
    );
  });

  test('says which line of the configuration is wrong, and nothing more', async (t) => {
    const place = await Place.make(t);
    place.write({ servers: '{ s: { host: 127.0.0.1, prot: 1 } }' });
    const { code, out } = await place.command();
    assert.equal(code, 1);
    assert.match(out, /^trouble +configuration +.*causeway\.yaml:3: gateways\[0\]\.options/m);
    assert.doesNotMatch(out, /Jabber server/);
  });

  test('finds a key that is lost, and does not attach while it cannot know whether a gateway runs', async (t) => {
    const place = await Place.make(t);
    const app = await place.start(t);
    await app.stop();
    await place.jabber.detached(IRC);
    rmSync(join(place.data, 'key'));
    const { code, out } = await place.command();
    assert.equal(code, 1);
    assert.match(out, /^trouble +database +the key file .* is missing/m);
    assert.match(out, /^warning +irc\.localhost +not tried/m);
    assert.deepEqual(
      readdirSync(place.data).filter((name) => name === 'key'),
      [],
    );
    writeFileSync(join(place.data, 'causeway.sqlite'), 'no database at all, by any means');
    assert.match((await place.command()).out, /^trouble +database +/m);
  });

  test('finds a database that others can read', async (t) => {
    const place = await Place.make(t);
    await (await place.start(t)).stop();
    const database = join(place.data, 'causeway.sqlite');
    assert.doesNotMatch((await place.doctor()).text, /read by others/);
    chmodSync(place.data, 0o755);
    chmodSync(database, 0o644);
    assert.match((await place.doctor()).text, /^warning +database +.*can be read by others/m);
  });

  test('finds a data folder that is none', async (t) => {
    const place = await Place.make(t);
    mkdirSync(join(place.data, '..', 'x'));
    writeFileSync(place.data, '');
    const { isFine, text: out } = await place.doctor();
    assert.equal(isFine, false);
    assert.match(out, /^trouble +(data folder|database) +/m);
  });

  test('sees whether the public address leads to where the gateway would listen', async (t) => {
    const place = await Place.make(t);
    const port = await freePort();
    const proxy = createServer((request, response) => {
      fetch(`http://127.0.0.1:${port}${request.url}`)
        .then(async (answer) => response.writeHead(answer.status).end(await answer.text()))
        .catch(() => response.writeHead(502).end());
    });
    const publicUrl = `http://127.0.0.1:${await listening(t, proxy)}`;
    const http = (url: string): readonly string[] => [
      `http: { listen: "127.0.0.1:${port}", publicUrl: "${url}" }`,
    ];
    place.write({ lines: http(publicUrl) });
    const free = await place.command();
    assert.equal(free.code, 0, free.out);
    assert.match(free.out, /^ok +http\.listen +127\.0\.0\.1:\d+ is free$/m);
    assert.match(free.out, /^ok +http\.publicUrl +\S+ leads here$/m);

    await place.start(t);
    const running = await place.command();
    assert.equal(running.code, 0, running.out);
    assert.match(running.out, /^ok +http\.publicUrl +\S+ leads here$/m);

    const blank = createServer((_request, response) => response.end('Welcome!'));
    place.write({ lines: http(`http://127.0.0.1:${await listening(t, blank)}`) });
    const astray = await place.command();
    assert.equal(astray.code, 1);
    assert.match(
      astray.out,
      /^trouble +http\.publicUrl +\S+ answers 200, and does not lead here$/m,
    );
  });

  test('finds that something else listens where the gateway would', async (t) => {
    const place = await Place.make(t);
    const port = await listening(t, createServer());
    place.write({ lines: [`http: { listen: "127.0.0.1:${port}" }`] });
    const { isFine, text: out } = await place.doctor();
    assert.equal(isFine, false);
    assert.match(out, /^trouble +http\.listen +127\.0\.0\.1:\d+: something else listens there$/m);
  });

  test('comes to an end when nothing ever answers', async (t) => {
    const place = await Place.make(t);
    const silent = createTcpServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    t.after(() => silent.close());
    const { port } = silent.address() as AddressInfo;
    place.write({
      jabberPort: port,
      servers: `{ s: { host: 127.0.0.1, port: ${port} } }`,
      lines: [
        `http: { listen: "127.0.0.1:${await freePort()}", publicUrl: "http://127.0.0.1:${port}" }`,
      ],
    });
    const { isFine, text: out } = await place.doctor();
    assert.equal(isFine, false);
    assert.match(out, /^trouble +irc\.localhost +the server does not answer/m);
    assert.match(out, /^trouble +irc\.localhost +127\.0\.0\.1:\d+: /m);
    assert.match(
      out,
      /^trouble +http\.publicUrl +\S+ cannot be reached from here: no answer in time/m,
    );
    assert.match(out, /^3 troubles\.$/m);
  });
});
