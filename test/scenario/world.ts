import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { startApp } from '../../src/app.ts';
import type { App } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { startIrcServer } from '../harness/irc-server.ts';
import type { IrcServer, IrcServerOptions } from '../harness/irc-server.ts';
import { startJabberServer } from '../harness/jabber-server.ts';
import type { JabberServer, JabberServerOptions } from '../harness/jabber-server.ts';
import { connectClient } from '../harness/xmpp-client.ts';
import type { XmppClient } from '../harness/xmpp-client.ts';

export const IRC = 'irc.localhost';
export const IRC2 = 'irc2.localhost';

export interface WorldOptions {
  readonly flavour?: NonNullable<JabberServerOptions['flavour']>;
  readonly irc?: IrcServerOptions;
  /** Lines of the options of the first gateway. */
  readonly options?: readonly string[];
  readonly allow?: string;
}

/** The whole gateway in process, with a Jabber and an IRC server on loopback. */
export class World {
  readonly jabber: JabberServer;
  readonly irc: IrcServer;
  readonly #folder: string;
  readonly #clients: XmppClient[] = [];
  #app: App | undefined;

  private constructor(jabber: JabberServer, irc: IrcServer, folder: string) {
    this.jabber = jabber;
    this.irc = irc;
    this.#folder = folder;
  }

  static async start(options: WorldOptions = {}): Promise<World> {
    const irc = await startIrcServer(options.irc);
    const jabber = await startJabberServer({
      domain: 'localhost',
      components: { [IRC]: 'one', [IRC2]: 'two' },
      accounts: { alice: 'a', bob: 'b' },
      ...(options.flavour === undefined ? {} : { flavour: options.flavour }),
    });
    const world = new World(jabber, irc, mkdtempSync(join(tmpdir(), 'causeway-scenario-')));
    const servers = `servers: { s: { host: 127.0.0.1, port: ${irc.port}, tls: false } }`;
    world.#write([
      `jabber: { host: 127.0.0.1, port: ${jabber.componentPort} }`,
      ...(options.allow === undefined ? [] : [`registration: { allow: [${options.allow}] }`]),
      'gateways:',
      `  - { use: irc, domain: ${IRC}, secret: one, options: { ${[servers, ...(options.options ?? [])].join(', ')} } }`,
      `  - { use: irc, domain: ${IRC2}, secret: two, options: { registration: required, ${servers} } }`,
    ]);
    await world.startGateway();
    return world;
  }

  async startGateway(): Promise<void> {
    const config = await loadConfig(join(this.#folder, 'causeway.yaml'), {});
    this.#app = await startApp({ config, log: pino({ level: 'silent' }), env: {} });
    await Promise.all([this.jabber.attached(IRC), this.jabber.attached(IRC2)]);
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

  async stop(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.stopGateway();
    await Promise.all([this.jabber.stop(), this.irc.stop()]);
    rmSync(this.#folder, { recursive: true });
  }

  #write(lines: readonly string[]): void {
    writeFileSync(join(this.#folder, 'causeway.yaml'), `${lines.join('\n')}\n`);
  }
}

/** Joins a room and waits until all of the joining is there. */
export async function enter(client: XmppClient, room: string, nick: string): Promise<void> {
  client.send(
    `<presence to='${room}/${nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
  );
  await client.expect(
    `<presence from='${room}/${nick}'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>`,
  );
  await client.expect(`<message type='groupchat'><subject/></message>`);
}
