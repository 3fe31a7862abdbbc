import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { startApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { GatewayPlugin, Session } from '../../src/plugin/index.ts';
import { ComponentServer } from '../bench/component-server.ts';
import { gatewayOn, LoopbackNetwork } from '../loopback/index.ts';
import type { LoopbackOptions } from '../loopback/options.ts';

export const LOOP = 'loop.localhost';

/** What is looked for is not longer. */
const OVERLAP = 2_000;

export interface RigOptions {
  /** Lines of the configuration. */
  readonly config?: readonly string[];
  /** Changes what a session of the gateway does. */
  readonly spoil?: (session: Session) => void;
}

/** The gateway in process, behind a Jabber server that only counts what comes, so that floods cost the tests little. */
export class Rig {
  readonly component: ComponentServer;
  readonly network = new LoopbackNetwork();
  readonly #stop: () => Promise<void>;
  readonly #texts: string[] = [];
  #look: ((text: string) => void) | undefined;

  private constructor(component: ComponentServer, stop: () => Promise<void>) {
    this.component = component;
    this.#stop = stop;
  }

  static async start({ config = [], spoil }: RigOptions = {}): Promise<Rig> {
    const component = await ComponentServer.start('secret');
    const folder = mkdtempSync(join(tmpdir(), 'causeway-isolation-'));
    const file = join(folder, 'causeway.yaml');
    const lines = [
      `jabber: { host: 127.0.0.1, port: ${component.port} }`,
      ...config,
      `gateways: [{ use: loopback, domain: ${LOOP}, secret: secret }]`,
    ];
    writeFileSync(file, lines.join('\n'));
    let stopApp = (): Promise<void> => Promise.resolve();
    const rig = new Rig(component, async () => {
      component.stop();
      await stopApp();
      rmSync(folder, { recursive: true });
    });
    const plugin = spoiled(gatewayOn(rig.network), spoil);
    const app = await startApp({
      config: await loadConfig(file, {}),
      log: pino({ level: 'silent' }),
      env: {},
      load: () => Promise.resolve(plugin),
    });
    stopApp = () => app.stop();
    await component.attached;
    component.listen((text) => {
      rig.#texts.push(text);
      rig.#look?.(text);
    });
    return rig;
  }

  /** Everything that came, in order. */
  get received(): string {
    return this.#texts.join('');
  }

  send(...stanzas: readonly string[]): void {
    this.component.write(stanzas.join(''));
  }

  /** Resolves when this has come. */
  async until(pattern: RegExp | string): Promise<void> {
    const isIn = (text: string): boolean =>
      typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text);
    if (isIn(this.received)) return;
    let tail = '';
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${String(pattern)}`)), 30_000);
      this.#look = (text) => {
        tail = tail.slice(-OVERLAP) + text;
        if (!isIn(tail)) return;
        clearTimeout(timer);
        this.#look = undefined;
        resolve();
      };
    });
  }

  /** How often something has come. */
  count(pattern: RegExp): number {
    return this.received.match(pattern)?.length ?? 0;
  }

  async enter(user: string, room: string): Promise<void> {
    this.send(
      `<presence from='${user}@localhost/desk' to='${room}@${LOOP}/${user}'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
    );
    await this.until(new RegExp(`to='${user}@localhost/desk'[^>]*><subject`));
  }

  stop(): Promise<void> {
    return this.#stop();
  }
}

function spoiled(
  plugin: GatewayPlugin<LoopbackOptions>,
  spoil: ((session: Session) => void) | undefined,
): GatewayPlugin<LoopbackOptions> {
  if (spoil === undefined) return plugin;
  return {
    ...plugin,
    create: (options, context) => {
      const gateway = plugin.create(options, context);
      return {
        ...gateway,
        open: (account, host) => {
          const session = gateway.open(account, host);
          spoil(session);
          return session;
        },
      };
    },
  };
}
