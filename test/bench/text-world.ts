import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TwilioServer } from '../harness/twilio-server.ts';
import { ComponentServer } from './component-server.ts';
import type { Gateway } from './gateway.ts';
import { cpuSeconds } from './process-figures.ts';
import { launch } from './world.ts';

export const SMS = 'sms.localhost';
const SECRET = 'bench';
const HOOK_SECRET = 'bench-hook';
const AT_ONCE = 64;

export const numberOf = (user: number): string => `+1202555${String(user).padStart(4, '0')}`;
export const phoneOf = (index: number): string =>
  `+1212555${String(index % 1_000).padStart(4, '0')}`;
export const texterJid = (user: number): string => `u${user}@localhost`;

/** A gateway for texts in a process of its own, between a Jabber server of ours and a Twilio of ours. */
export class TextWorld {
  readonly component: ComponentServer;
  readonly twilio: TwilioServer;
  readonly #agent: Agent;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(
    component: ComponentServer,
    twilio: TwilioServer,
    started: { readonly agent: Agent; readonly process: ChildProcess; readonly folder: string },
  ) {
    this.component = component;
    this.twilio = twilio;
    this.#agent = started.agent;
    this.#process = started.process;
    this.#folder = started.folder;
  }

  /** All users have registered when this resolves. */
  static async start(gateway: Gateway, users: number): Promise<TextWorld> {
    const component = await ComponentServer.start(SECRET);
    component.answerAlways();
    const httpPort = await freePort();
    const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
    const twilio = await new TwilioServer({
      smsUrl: `http://127.0.0.1:${httpPort}/hooks/${SMS}/twilio/${HOOK_SECRET}`,
      post: (url, init) => post(agent, url, init),
    }).start();
    twilio.behaviours.outcome = () => ({ statuses: ['delivered'] });
    const folder = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
    const around = {
      folder,
      domain: SMS,
      secret: SECRET,
      componentPort: component.port,
      ircPort: 0,
      ca: undefined,
      archive: false,
      limits: 'none',
      users: [],
      configuration: configuration(component.port, httpPort, twilio, users),
    } as const;
    const started = await launch(gateway, around, component.attached);
    const world = new TextWorld(component, twilio, { ...started, agent, folder });
    await world.#register(users);
    return world;
  }

  cpuSeconds(): number {
    const { pid, exitCode } = this.#process;
    if (pid === undefined || exitCode !== null) throw new Error('the gateway has ended');
    return cpuSeconds(pid);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGKILL');
      await once(this.#process, 'exit');
    }
    this.#agent.destroy();
    await this.twilio.stop();
    this.component.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #register(users: number): Promise<void> {
    const answers = this.component.record("id='r");
    for (let user = 0; user < users; user += 1) {
      this.component.write(
        `<iq type='set' id='r${user}' from='${texterJid(user)}/desk' to='${SMS}'><query xmlns='jabber:iq:register'><phone>${numberOf(user)}</phone></query></iq>`,
      );
    }
    await answers.until(users);
    this.component.stopRecording();
    const refusal = answers.texts.join('').match(/<iq [^>]*type='error'.*?<\/iq>/s)?.[0];
    if (refusal !== undefined && /id='r/.test(refusal)) throw new Error(refusal);
  }
}

/** JSON is YAML, too. */
function configuration(
  componentPort: number,
  httpPort: number,
  { accountSid, authToken, url }: TwilioServer,
  users: number,
): string {
  const listen = `127.0.0.1:${httpPort}`;
  const numbers: Record<string, string> = {};
  for (let user = 0; user < users; user += 1) numbers[numberOf(user)] = texterJid(user);
  const plenty = 1_000_000_000;
  return JSON.stringify({
    jabber: { host: '127.0.0.1', port: componentPort },
    data: './data',
    limits: { stanzasPerSecond: 1_000_000, stanzaBurst: 1_000_000 },
    http: { listen, publicUrl: `http://${listen}` },
    gateways: [
      {
        use: 'sms',
        domain: SMS,
        secret: SECRET,
        options: {
          region: 'US',
          provider: {
            type: 'twilio',
            accountSid,
            authToken,
            apiUrl: url,
            webhookSecret: HOOK_SECRET,
          },
          numbers,
          limits: { segmentsPerDay: plenty, segmentsPerMonth: plenty },
          rate: { burst: 1_000_000, perSecond: 1_000_000 },
        },
      },
    ],
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** As `fetch`, at a small part of its cost. */
async function post(agent: Agent, url: string, init: RequestInit): Promise<Response> {
  const body = typeof init.body === 'string' ? init.body : '';
  const headers = {
    ...(init.headers as Record<string, string>),
    'content-length': Buffer.byteLength(body),
  };
  const asked = request(url, { agent, method: 'POST', headers });
  asked.end(body);
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return new Response(null, { status: answer.statusCode ?? 0 });
}
