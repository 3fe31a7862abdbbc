import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ComponentServer } from '../component-server.ts';
import type { Gateway } from '../gateway.ts';
import { userJid } from '../names.ts';
import { cpuSeconds, residentKilobytes } from '../process-figures.ts';
import { launch } from '../world.ts';
import { Helper } from './helper.ts';
import { MAIL_DOMAIN, mailboxOf, PASSWORD, peerOf } from './letters.ts';
import type { Arrival, Letter } from './letters.ts';
import type { ServerAnswer, ServerQuestion } from './server.ts';

const DOMAIN = 'email.localhost';
const SECRET = 'bench';
const REGISTRATIONS_AT_ONCE = 10;

/** Our gateway between a Jabber server of the bench and a mail server in a process of its own. */
export class MailWorld {
  readonly server: Helper<ServerQuestion, ServerAnswer>;
  readonly #component: ComponentServer;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(parts: {
    readonly process: ChildProcess;
    readonly server: Helper<ServerQuestion, ServerAnswer>;
    readonly component: ComponentServer;
    readonly folder: string;
  }) {
    this.#process = parts.process;
    this.server = parts.server;
    this.#component = parts.component;
    this.#folder = parts.folder;
  }

  static async start(gateway: Gateway, users: number): Promise<MailWorld> {
    const server = new Helper<ServerQuestion, ServerAnswer>('./server.ts');
    const ports = await server.ask({ do: 'start', users });
    const component = await ComponentServer.start(SECRET);
    // Stored delivery asks for a sign of life behind all that it has sent.
    component.answerAlways();
    const folder = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
    const around = {
      folder,
      domain: DOMAIN,
      secret: SECRET,
      componentPort: component.port,
      ircPort: 0,
      ca: undefined,
      archive: false,
      limits: 'none',
      users: [],
      configuration: configuration(component.port, ports),
    } as const;
    const { process } = await launch(gateway, around, component.attached);
    return new MailWorld({ process, server, component, folder });
  }

  cpuSeconds(): number {
    return cpuSeconds(this.#process.pid ?? 0);
  }

  residentKilobytes(): number {
    return residentKilobytes(this.#process.pid ?? 0);
  }

  /** Signs users in to their mailboxes. @throws Error when one is refused */
  async register(first: number, count: number): Promise<void> {
    const recording = this.#component.record("type='result'");
    for (let done = 0; done < count; done += REGISTRATIONS_AT_ONCE) {
      const some = Math.min(REGISTRATIONS_AT_ONCE, count - done);
      const users = Array.from({ length: some }, (_, index) => first + done + index);
      await this.#component.send(users.map(registration).join(''));
      await recording.until(done + some);
    }
    this.#component.stopRecording();
  }

  /** Users write. Resolves when the mail server has all of it. */
  async send(letters: readonly Letter[]): Promise<readonly Arrival[]> {
    const taken = this.server.ask({ do: 'expect', count: letters.length });
    const stanzas = letters.map(
      ({ peer, text, user }) =>
        `<message from='${userJid(user)}' to='${jidOf(peer)}' type='chat' id='${idOf(text)}'><body>${escape(text)}</body></message>`,
    );
    await this.#component.send(stanzas.join(''));
    return (await taken).taken ?? [];
  }

  /** Mails come in. Resolves when the Jabber server has all of it. */
  async receive(letters: readonly Letter[]): Promise<readonly Arrival[]> {
    const recording = this.#component.record('</message>');
    await this.server.ask({ do: 'deliver', letters });
    await recording.until(letters.length);
    this.#component.stopRecording();
    return arrivalsIn(Buffer.from(recording.texts.join(''), 'latin1').toString());
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGKILL');
      await once(this.#process, 'exit');
    }
    await this.server.stop();
    this.#component.stop();
    rmSync(this.#folder, { recursive: true });
  }
}

function configuration(componentPort: number, { imapPort, smtpPort }: ServerAnswer): string {
  const server = (port: number | undefined): string =>
    `{ host: 127.0.0.1, port: ${port ?? 0}, security: none }`;
  return [
    `jabber: { host: 127.0.0.1, port: ${componentPort} }`,
    'data: ./data',
    'limits: { stanzasPerSecond: 1000000, stanzaBurst: 1000000 }',
    'gateways:',
    '  - use: email',
    `    domain: ${DOMAIN}`,
    `    secret: ${SECRET}`,
    '    options:',
    '      limits: { burst: 1000000, perMinute: 1000000 }',
    '      providers:',
    // As at Google and Microsoft, and as nodemailer alone does: no copy is put away by us.
    `        - { domain: ${MAIL_DOMAIN}, filesSent: true, imap: ${server(imapPort)}, smtp: ${server(smtpPort)} }`,
    '',
  ].join('\n');
}

const registration = (user: number): string =>
  `<iq type='set' id='r${user}' from='${userJid(user)}' to='${DOMAIN}'><query xmlns='jabber:iq:register'><email>${mailboxOf(user)}</email><password>${PASSWORD}</password></query></iq>`;

const jidOf = (peer: number): string => `${peerOf(peer).replace('@', '\\40')}@${DOMAIN}`;

const idOf = (text: string): string => `i${text.split(' ', 1)[0]}`;

const escape = (text: string): string =>
  text.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;' })[sign] ?? '&gt;');

const unescape = (text: string): string =>
  text.replace(
    /&(\w+);/g,
    (whole, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" })[name] ?? whole,
  );

function arrivalsIn(text: string): Arrival[] {
  return [...text.matchAll(/<message( [^>]*)>(.*?)<\/message>/gs)].map(
    ([, attributes = '', content = '']) => ({
      user: Number(/ to=['"]u(\d+)@/.exec(attributes)?.[1]),
      peer: Number(/ from=['"]peer(\d+)\\/.exec(attributes)?.[1]),
      text: unescape(/<body[^>]*>(.*?)<\/body>/s.exec(content)?.[1] ?? ''),
    }),
  );
}
