import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Finding } from '../../../src/plugin/index.ts';

export interface Place {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
}

/** Whether a carrier's server can be reached; nothing is said to it. */
export async function examinePlace(place: Place, signal: AbortSignal): Promise<Finding> {
  const { host, port, isTls } = place;
  const about = `${host}:${port}`;
  try {
    await open(place, signal);
    const text = isTls ? 'answers, certificate in order' : 'answers';
    return { verdict: 'ok', about, text };
  } catch (error) {
    const text = `cannot be reached: ${error instanceof Error ? error.message : String(error)}`;
    return { verdict: 'trouble', about, text, advice: 'look at the provider in the options' };
  }
}

function open({ host, port, isTls }: Place, signal: AbortSignal): Promise<void> {
  const socket = isTls
    ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}) })
    : connectTcp({ host, port });
  return new Promise<void>((resolve, reject) => {
    const stop = (): void => reject(new Error('no answer in time'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    socket.once(isTls ? 'secureConnect' : 'connect', () => resolve());
    socket.on('error', reject);
  }).finally(() => socket.destroy());
}
