/**
 * The whole gateway in process, between the stand-in Jabber server and the loopback network. In a test:
 *
 *     const world = await LoopbackWorld.start();
 *     const alice = await world.client('alice');           // a Jabber client, see test/harness/xmpp-client.ts
 *     await world.register(alice);                          // she is `alice` on the network, too
 *     const { network } = world;                            // plays everybody else: see network.ts
 *     network.meet('romeo', { email: 'romeo@example.org' }); // somebody to write to, with what a look-up tells
 *     network.join('#garden', 'romeo');                     // a room with romeo in it: #garden@loop.localhost
 *     await enter(alice, `#garden@${LOOP}`, 'alice');       // from test/scenario/world.ts
 *     const id = network.say('#garden', 'romeo', 'Hello');  // ids can be edited, retracted, reacted to:
 *     network.say('#garden', 'romeo', 'Hello, all', { replaces: id });
 *     network.tell('alice', 'romeo', 'Are you there?');     // in private
 *     network.sayElsewhere('alice', 'romeo', 'Yes.');       // alice with another program
 *     network.emit('alice', { kind: 'contact-asks', ... }); // any event that src/plugin/event.ts knows
 *     const { args } = await network.expect('mark');        // what the gateway was asked for, waited for
 *     network.calls.recorded;                               // all of it
 *     network.refuseNext('send', new NetworkError('refused', 'No.'));
 *     const release = network.slow('join'); ... release();  // calls wait meanwhile
 *     network.dropConnection('alice');                      // her session is lost as a whole
 *     network.room('#garden').setTraits(['key'], 'secret'); // rooms: see room.ts
 *     await world.stop();
 *
 * Bob is there as well (`world.client('bob')`), and both meet on the network. Addresses: `name`, `#room`; with the option
 * `networks: { moon: { name: Moon } }` also `name%moon`, `#room%moon`, and `%moon` itself. The option `features: [...]` leaves
 * methods out, `steps: [details, link]` makes registrations longer, `registration: required` makes them needed.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { pino } from 'pino';
import type { Logger } from 'pino';
import { startApp } from '../../src/app.ts';
import type { App } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { ComponentPrivileges } from '../harness/jabber-privileges.ts';
import { startJabberServer } from '../harness/jabber-server.ts';
import type { JabberServer, JabberServerOptions } from '../harness/jabber-server.ts';
import { connectClient } from '../harness/xmpp-client.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';
import { gatewayOn, LoopbackNetwork } from './index.ts';

export const LOOP = 'loop.localhost';

export interface LoopbackWorldOptions {
  readonly flavour?: NonNullable<JabberServerOptions['flavour']>;
  /** Options of the gateway, as YAML in one line each: `registration: required`. */
  readonly options?: readonly string[];
  /** Lines of the configuration beside `jabber` and `gateways`. */
  readonly config?: readonly string[];
  readonly log?: Logger;
  readonly privileges?: ComponentPrivileges;
}

export class LoopbackWorld {
  readonly jabber: JabberServer;
  readonly network = new LoopbackNetwork();
  readonly #folder = mkdtempSync(join(tmpdir(), 'causeway-loopback-'));
  readonly #clients: XmppClient[] = [];
  readonly #log: Logger;
  #app: App | undefined;

  private constructor(jabber: JabberServer, log: Logger) {
    this.jabber = jabber;
    this.#log = log;
  }

  static async start(options: LoopbackWorldOptions = {}): Promise<LoopbackWorld> {
    const jabber = await startJabberServer({
      domain: 'localhost',
      components: { [LOOP]: 'one' },
      accounts: { alice: 'a', bob: 'b' },
      ...(options.flavour === undefined ? {} : { flavour: options.flavour }),
      ...(options.privileges === undefined ? {} : { privileges: { [LOOP]: options.privileges } }),
    });
    const world = new LoopbackWorld(jabber, options.log ?? pino({ level: 'silent' }));
    const lines = [
      `jabber: { host: 127.0.0.1, port: ${jabber.componentPort} }`,
      ...(options.config ?? []),
      'gateways:',
      `  - { use: loopback, domain: ${LOOP}, secret: one, options: { ${(options.options ?? []).join(', ')} } }`,
    ];
    writeFileSync(join(world.#folder, 'causeway.yaml'), `${lines.join('\n')}\n`);
    await world.startGateway();
    return world;
  }

  /** Starts the gateway, again perhaps: what it had stored is still there, the network knows everybody. */
  async startGateway(): Promise<void> {
    const config = await loadConfig(join(this.#folder, 'causeway.yaml'), {});
    const load = (): Promise<ReturnType<typeof gatewayOn>> =>
      Promise.resolve(gatewayOn(this.network));
    this.#app = await startApp({ config, log: this.#log, env: {}, load });
    await this.jabber.attached(LOOP);
  }

  /** Where the web server of the gateway listens, with `http` in the configuration. */
  get web(): string {
    return `http://127.0.0.1:${this.#app?.webPort ?? 0}`;
  }

  /** The database as somebody else sees it, who may break it. */
  sql(statement: string): void {
    const database = new Database(join(this.#folder, 'data', 'causeway.sqlite'));
    database.exec(statement);
    database.close();
  }

  async stopGateway(): Promise<void> {
    await this.#app?.stop();
    this.#app = undefined;
  }

  /** A client that has asked for its roster and is available. */
  async client(user: 'alice' | 'bob', resource = 'desk'): Promise<XmppClient> {
    const client = await connectClient({
      port: this.jabber.clientPort,
      domain: 'localhost',
      user,
      password: user.slice(0, 1),
      resource,
    });
    this.#clients.push(client);
    await client.iq("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>");
    client.send('<presence/>');
    return client;
  }

  /** Registers the user of a client under her own name, or another, and waits until she is on the network. */
  async register(client: XmppClient, nick = client.bareJid.split('@', 1)[0] ?? ''): Promise<void> {
    const answer = await client.iq(
      `<iq type='set' to='${LOOP}'><query xmlns='jabber:iq:register'><nick>${nick}</nick></query></iq>`,
    );
    if (answer.attrs['type'] !== 'result') throw new Error(`${nick} could not register`);
    await client.expect(`<presence type='subscribe' from='${LOOP}'/>`);
    client.send(`<presence type='subscribed' to='${LOOP}'/>`);
    client.send(`<presence to='${LOOP}'/>`);
    await this.network.expect('run', ({ user }) => user === nick.toLowerCase());
    // Unless a test holds `run` up, she is connected one turn later.
    await new Promise((resolve) => setImmediate(resolve));
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.stopGateway();
    await this.jabber.stop();
    rmSync(this.#folder, { recursive: true });
  }
}
