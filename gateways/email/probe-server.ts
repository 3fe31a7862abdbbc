import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { NetworkError } from '../../src/plugin/index.ts';
import { reach } from './connect-options.ts';
import type { Server } from './options.ts';
import { certificateProblem, serverWords } from './server-words.ts';
import { texts } from './texts.ts';

export type Protocol = 'imap' | 'smtp' | 'lmtp';

/** What is said to a server before TLS, each time with how its answer begins when that is the one hoped for. */
interface Manners {
  readonly greeting: RegExp;
  readonly beforeTls: readonly (readonly [line: string, answer: RegExp])[];
  readonly goodbye: string;
}

const MANNERS: Readonly<Record<Protocol, Manners>> = {
  imap: {
    greeting: /^\* (OK|PREAUTH)\b/i,
    beforeTls: [['a STARTTLS', /^a OK\b/i]],
    goodbye: 'b LOGOUT',
  },
  smtp: {
    greeting: /^220\b/,
    beforeTls: [
      ['EHLO [127.0.0.1]', /^250\b/],
      ['STARTTLS', /^220\b/],
    ],
    goodbye: 'QUIT',
  },
  lmtp: {
    greeting: /^220\b/,
    beforeTls: [
      ['LHLO [127.0.0.1]', /^250\b/],
      ['STARTTLS', /^220\b/],
    ],
    goodbye: 'QUIT',
  },
};
const MOST_BYTES = 65_536;

/**
 * Connects to a mail server as a user's session would, as far as signing in, and takes leave.
 * @throws Error in words for the administrator
 */
export async function probeServer(
  server: Server,
  protocol: Protocol,
  signal: AbortSignal,
): Promise<void> {
  const { greeting, beforeTls, goodbye } = MANNERS[protocol];
  const { host, tls } = await reach(server, texts('en'));
  const isTls = server.security === 'tls';
  const socket = isTls
    ? connectTls({ ...tls, host, port: server.port })
    : connectTcp({ host, port: server.port });
  const stop = (): void => void socket.destroy(new Error('no answer in time'));
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const words = conversation(socket);
    await expect(words, greeting);
    if (server.security === 'starttls') {
      for (const [line, answer] of beforeTls) {
        socket.write(`${line}\r\n`);
        await expect(words, answer);
      }
      await words.stop();
      await secured(socket, tls);
    } else {
      socket.write(`${goodbye}\r\n`);
    }
  } catch (error) {
    throw explained(error);
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}

interface Conversation {
  /** The next line that is whole; of SMTP, the last of an answer. @throws what ended the connection */
  next(): Promise<string>;
  /** Reads no more: what follows is TLS. */
  stop(): Promise<void>;
}

function conversation(socket: Socket): Conversation {
  let text = '';
  let failure: Error | undefined;
  let wake = (): void => undefined;
  const take = (chunk: Buffer): void => {
    text += chunk.toString('latin1');
    if (text.length > MOST_BYTES) socket.destroy(new Error('it says more than a mail server does'));
    wake();
  };
  socket.on('data', take);
  socket.on('error', (error) => (failure ??= error));
  socket.on('close', () => {
    failure ??= new Error('the server has hung up');
    wake();
  });
  return {
    next: async () => {
      for (;;) {
        const end = text.indexOf('\n');
        if (end >= 0) {
          const line = text.slice(0, end).trimEnd();
          text = text.slice(end + 1);
          if (/^\d{3}-/.test(line)) continue;
          return line;
        }
        if (failure !== undefined) throw failure;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    stop: async () => {
      socket.off('data', take);
      socket.pause();
      await Promise.resolve();
    },
  };
}

async function expect(words: Conversation, answer: RegExp): Promise<void> {
  const line = await words.next();
  if (!answer.test(line)) throw new Error(`it says: ${serverWords(line)}`);
}

/** Until the certificate was looked at. */
function secured(socket: Socket, tls: Awaited<ReturnType<typeof reach>>['tls']): Promise<void> {
  return new Promise((resolve, reject) => {
    const secure = connectTls({ ...tls, socket });
    secure.once('secureConnect', resolve);
    secure.once('error', reject);
    socket.once('close', () => reject(new Error('the server has hung up')));
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'this name cannot be resolved',
  EAI_AGAIN: 'this name cannot be resolved now',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ETIMEDOUT: 'no answer in time',
  EPROTO: 'it does not speak TLS there',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS there',
};

function explained(error: unknown): Error {
  if (error instanceof NetworkError) return error;
  const problem = certificateProblem(error);
  if (problem !== undefined) {
    return new Error(`its certificate is not trusted (${problem})`, { cause: error });
  }
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const reason = typeof code === 'string' ? REASONS[code] : undefined;
  const message = error instanceof Error ? error.message : String(error);
  return new Error(reason ?? message, { cause: error });
}
