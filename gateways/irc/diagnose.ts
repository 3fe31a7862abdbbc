import { NetworkError } from '../../src/plugin/index.ts';
import type { Examination, Finding } from '../../src/plugin/index.ts';
import { dial } from './dial.ts';
import type { IrcOptions } from './options.ts';
import { settingsOf } from './servers.ts';
import type { Surroundings } from './surroundings.ts';

const CONNECT_MS = 6_000;

/** Whether the servers of the options can be reached, and prove who they are. Nobody signs in, and nothing is said. */
export function diagnose(
  { options, secure }: Surroundings,
  { signal }: Examination,
): Promise<readonly Finding[]> {
  return Promise.all(
    Object.entries(options.servers).map(([name, server]) =>
      examine({ name, server, options, secure }, signal),
    ),
  );
}

interface Subject {
  readonly name: string;
  readonly server: IrcOptions['servers'][string];
  readonly options: IrcOptions;
  readonly secure: Surroundings['secure'];
}

async function examine(
  { name, server, options, secure }: Subject,
  signal: AbortSignal,
): Promise<Finding> {
  const about = `${server.host}:${server.port}`;
  const settings = settingsOf(name, options, 'en');
  const context = { secure, connectTimeoutMs: CONNECT_MS, language: 'en' };
  try {
    const { socket } = await dial(settings, context, signal);
    const port = settings.ports.find((each) => each.port === socket.remotePort);
    socket.on('error', () => undefined);
    socket.destroy();
    return reached(about, port ?? settings.ports[0], server);
  } catch (error) {
    const text = error instanceof NetworkError ? error.message : 'no answer in time';
    const advice = `look at options.servers.${name}, and at the way to that server`;
    return { verdict: 'trouble', about, text, advice };
  }
}

function reached(
  about: string,
  port: { readonly port: number; readonly isTls: boolean } | undefined,
  { port: first, verify }: Subject['server'],
): Finding {
  if (port !== undefined && port.port !== first) {
    const text = `does not answer, but on its port ${port.port} it does`;
    return { verdict: 'warning', about, text };
  }
  if (port?.isTls !== true) return { verdict: 'ok', about, text: 'answers, without TLS' };
  if (verify) return { verdict: 'ok', about, text: 'answers, certificate in order' };
  return { verdict: 'warning', about, text: 'answers, but verify: false trusts any certificate' };
}
