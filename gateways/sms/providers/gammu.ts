import { createHash } from 'node:crypto';
import { access, constants, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '../../../src/plugin/index.ts';
import { dialled } from '../party.ts';
import { ProviderError } from '../provider-error.ts';
import type { Capabilities, Desk, Health, Provider, TextOut } from '../provider.ts';
import type { GammuOptions } from '../provider-options.ts';
import { Shelf } from '../shelf.ts';
import { smsBackup } from './gammu-backup.ts';
import { readInboxFiles } from './gammu-inbox.ts';

/** A text with this in its folder is done with, one way or the other. */
const OUTCOMES = [
  ['sent', 'sent'],
  ['errors', 'failed'],
] as const;

/** A modem at home: gammu-smsd's files service, by its folders. */
export function createGammu(options: GammuOptions, desk: Desk): Provider {
  return new GammuProvider(options, desk);
}

class GammuProvider implements Provider {
  /** What the daemon puts into the folder of sent texts has left the modem; that it arrived, nobody tells. */
  readonly capabilities: Capabilities = {
    files: undefined,
    groups: false,
    names: false,
    receipts: false,
  };
  readonly #options: GammuOptions;
  readonly #desk: Desk;
  /** Which text a file in the outbox is. */
  readonly #tickets: Shelf;
  #timer: NodeJS.Timeout | undefined;
  #polling: Promise<void> = Promise.resolve();
  #trouble: string | undefined;
  #isClosed = false;

  constructor(options: GammuOptions, desk: Desk) {
    this.#options = options;
    this.#desk = desk;
    this.#tickets = new Shelf(desk.memory, 'outbox');
  }

  async start(): Promise<void> {
    this.#poll();
    await Promise.resolve();
  }

  /** The name comes from the message's key: another try writes the same file, and never a second one. */
  async send(text: TextOut): Promise<void> {
    if (text.from !== this.#options.number) {
      throw new ProviderError('bad-sender', `the card in the modem is not ${text.from}`);
    }
    if (await this.find(text)) return;
    const mark = markOf(text.key);
    const { outbox } = this.#options;
    const name = fileName(text, mark);
    // The daemon takes what begins with OUT: it must be whole by then.
    const draft = join(outbox, `.${mark}`);
    try {
      await this.#tickets.put(mark, text.ticket);
      await this.#tickets.flush();
      await writeFile(draft, smsBackup(text));
      await rename(draft, join(outbox, name));
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      this.#trouble = error instanceof Error ? error.message : 'the outbox cannot be written';
      throw new ProviderError('down', 'gammu: the outbox cannot be written', { cause: error });
    }
  }

  async find({ key }: TextOut): Promise<boolean> {
    const mark = markOf(key);
    const { outbox, sent, errors } = this.#options;
    for (const folder of [outbox, sent, errors]) {
      const names = await this.#list(folder);
      if (names.some((name) => name.startsWith('OUT') && name.includes(mark))) return true;
    }
    return false;
  }

  /** Whether its folders are there for us to read and write. */
  diagnose(): Promise<readonly Finding[]> {
    const { inbox, outbox, sent, errors } = this.#options;
    return Promise.all(
      [inbox, outbox, sent, errors].map(async (about): Promise<Finding> => {
        try {
          await access(about, constants.R_OK | constants.W_OK);
          return { verdict: 'ok', about, text: 'can be read and written' };
        } catch {
          const text = 'is not there, or cannot be read and written';
          const advice = 'make it, and let both the gateway and gammu-smsd in';
          return { verdict: 'trouble', about, text, advice };
        }
      }),
    );
  }

  health(): Health {
    return { isUp: this.#trouble === undefined, text: this.#trouble ?? 'gammu-smsd' };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#polling;
    await this.#tickets.flush();
  }

  #poll(): void {
    this.#polling = this.#look()
      .then(() => (this.#trouble = undefined))
      .catch((error: unknown) => {
        const words = error instanceof Error ? error.message : String(error);
        if (words !== this.#trouble)
          this.#desk.log.warn({ err: error }, 'a folder of gammu-smsd failed');
        this.#trouble = words;
      })
      .then(() => {
        if (!this.#isClosed) this.#timer = setTimeout(() => this.#poll(), this.#options.pollMs);
      });
  }

  async #look(): Promise<void> {
    const { inbox, number } = this.#options;
    for (const { id, from, text, at, files } of await readInboxFiles(inbox)) {
      const reception = await this.#desk.received({ id, from, to: number, text, at });
      // Nobody's: kept beside, for the administrator.
      if (reception === 'unknown-number') await this.#setAside(files);
      else for (const file of files) await rm(join(inbox, file), { force: true });
    }
    for (const [folder, state] of OUTCOMES) await this.#tell(this.#options[folder], state);
  }

  async #tell(folder: string, state: 'sent' | 'failed'): Promise<void> {
    for (const name of await this.#list(folder)) {
      const mark = /_(cw[0-9a-f]{16})\./.exec(name)?.[1];
      const ticket = mark === undefined ? undefined : await this.#tickets.get(mark);
      if (mark === undefined || ticket === undefined) continue;
      const failure = { reason: 'unknown', detail: 'gammu: the modem could not send it' } as const;
      await this.#desk.reported({ ticket, state, ...(state === 'failed' ? { failure } : {}) });
      await this.#tickets.delete(mark);
    }
  }

  async #setAside(files: readonly string[]): Promise<void> {
    const { inbox } = this.#options;
    for (const file of files) await rename(join(inbox, file), join(inbox, `unclaimed-${file}`));
  }

  async #list(folder: string): Promise<string[]> {
    try {
      await access(folder);
      return await readdir(folder);
    } catch (error) {
      throw new ProviderError('down', `gammu: ${folder} cannot be read`, { cause: error });
    }
  }
}

/** Short, and the same for every try. */
const markOf = (key: string): string =>
  `cw${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;

/** `OUT<priority><date>_<time>_<serial>_<number>_<note>.smsbackup` */
function fileName({ to, at }: TextOut, mark: string): string {
  const [date = '', time = ''] = at.toISOString().replaceAll(/[-:]/g, '').slice(0, 15).split('T');
  return `OUTC${date}_${time}_00_${dialled(to)}_${mark}.smsbackup`;
}
