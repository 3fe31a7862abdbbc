import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contactId, messageId, NetworkError } from 'causeway/plugin';
import type {
  Address,
  Gateway,
  GatewayPlugin,
  Host,
  Outgoing,
  Sent,
  Session,
} from 'causeway/plugin';
import { z } from 'zod';

const options = z.strictObject({
  folder: z.string().describe('Where the network is.'),
  asks: z.boolean().default(true).describe('Whether it can be asked for what it has taken.'),
});

/** What the network was given. */
export interface Taken {
  readonly key: string;
  readonly to: string;
  readonly text: string;
  readonly attempt: number;
}

/** What the network has to tell. */
export interface Told {
  readonly id: string;
  readonly from: string;
  readonly text: string;
}

/**
 * A network that is a folder, and so outlives the gateway: what it was given is in `taken`, what it tells in `told`, and how
 * much of that the gateway has taken in `cursor`.
 */
export const gateway: GatewayPlugin<z.output<typeof options>> = {
  type: 'loopback',
  name: 'Files',
  options,
  create: ({ folder, asks }): Gateway => ({
    registration: 'required',
    delivery: 'stored',
    isAlwaysOn: true,
    addresses: {
      prompt: () => 'Name',
      parse: (text) =>
        /^[a-z]+$/.test(text) ? { kind: 'contact', id: contactId(text) } : undefined,
      typed: (text) => ({ kind: 'contact', id: contactId(text) }),
      format: ({ id }) => id,
    },
    features: ['receipts'],
    networks: [],
    async *signIn() {
      const { nick = '' } = yield {
        instructions: 'Name',
        fields: [{ name: 'nick', label: 'Name', kind: 'text', isRequired: true }],
      };
      return { nick };
    },
    open: (_account, host) => new FileSession(folder, host, asks),
  }),
};

class FileSession implements Session {
  readonly wasTaken?: (to: Address, message: Outgoing) => Promise<Sent | undefined>;
  readonly #folder: string;
  readonly #host: Host;

  constructor(folder: string, host: Host, asks: boolean) {
    this.#folder = folder;
    this.#host = host;
    if (asks) this.wasTaken = (_to, message) => Promise.resolve(this.#find(message));
  }

  async run(signal: AbortSignal): Promise<void> {
    const cursor = join(this.#folder, 'cursor');
    let count = existsSync(cursor) ? Number(readFileSync(cursor, 'utf8')) : 0;
    while (!signal.aborted) {
      for (const { id, from, text } of told(this.#folder).slice(count)) {
        await this.#host.emit({
          kind: 'message',
          from: contactId(from),
          id: messageId(id),
          text,
        });
        count += 1;
        writeFileSync(cursor, String(count));
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Takes a moment before and after the network has it, so that a crash finds every state. */
  async send(to: Address, message: Outgoing): Promise<Sent> {
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (Math.random() < 0.05) throw new NetworkError('unreachable', 'Busy.', { retryAfterMs: 5 });
    const { key, text, attempt } = message;
    appendFileSync(
      join(this.#folder, 'taken'),
      `${JSON.stringify({ key, to: to.id, text, attempt })}\n`,
    );
    await new Promise((resolve) => setTimeout(resolve, 2));
    return { ids: [messageId(key)] };
  }

  #find({ key }: Outgoing): Sent | undefined {
    const isThere = taken(this.#folder).some((message) => message.key === key);
    return isThere ? { ids: [messageId(key)] } : undefined;
  }
}

export function taken(folder: string): Taken[] {
  return lines(join(folder, 'taken')) as Taken[];
}

export function told(folder: string): Told[] {
  return lines(join(folder, 'told')) as Told[];
}

export function tell(folder: string, message: Told): void {
  appendFileSync(join(folder, 'told'), `${JSON.stringify(message)}\n`);
}

/** A line that is not whole yet is not there. */
function lines(file: string): unknown[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));
}
