import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import * as z from 'zod';
import type { Config } from '../../config/config.ts';
import type { Finding } from '../../plugin/index.ts';
import { listenAt } from '../../web/listen-at.ts';

const finding = z.object({
  verdict: z.enum(['ok', 'warning', 'trouble']),
  about: z.string(),
  text: z.string(),
  advice: z.string().optional(),
});

const health = z.object({
  store: z.string(),
  gateways: z.record(z.string(), z.string()),
  reasons: z.record(z.string(), z.string()).default({}),
  networks: z.record(z.string(), z.array(finding)).default({}),
});

/** What the running gateway says of itself. */
export type Health = z.output<typeof health>;

type Http = NonNullable<Config['http']>;

/** The web server of a gateway that runs, and what that says of itself; `undefined` when it cannot be asked. */
export interface WebState {
  readonly finding: Finding;
  readonly health: Health | undefined;
}

/** A port that the system chooses is another one each time: nothing can be found there. */
export const isFindable = (http: Http | undefined): http is Http =>
  http !== undefined && listenAt(http.listen).port !== 0;

/** Whether `publicUrl` leads to the gateway that runs. */
export async function examineRunning(
  { publicUrl }: Http,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  return publicUrl === undefined
    ? []
    : [await examinePublicUrl(publicUrl, 'a-gateway', isOurNotFound, signal)];
}

/** Asks the gateway that runs how it is. */
export async function askHealth({ listen }: Http, signal: AbortSignal): Promise<WebState> {
  const { host, port } = listenAt(listen);
  const about = 'http.listen';
  const local =
    { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[host] ?? (host.includes(':') ? `[${host}]` : host);
  try {
    const response = await fetch(`http://${local}:${port}/healthz`, { signal });
    const told = health.parse(await response.json());
    const finding: Finding =
      told.store === 'ok'
        ? { verdict: 'ok', about, text: `the running gateway answers at ${listen}` }
        : {
            verdict: 'trouble',
            about,
            text: 'the running gateway cannot write its database',
            advice: 'look at its log, and at the space in the data folder',
          };
    return { finding, health: told };
  } catch (error) {
    const text = `no gateway answers at ${listen}: ${reasonOf(error)}`;
    const advice = 'start the running gateway anew, for it to know this configuration';
    return { finding: { verdict: 'trouble', about, text, advice }, health: undefined };
  }
}

/** What the web server says of what it does not have; proxies pass `/media` on, and not `/healthz`. */
const isOurNotFound = ({ status, body }: Answer): boolean =>
  status === 404 && body === 'Not found\n';

/** Whether there can be a web server, and whether `publicUrl` leads there: for a moment something listens in its place. */
export async function examineFree(
  { listen, publicUrl }: Http,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const token = randomBytes(16).toString('hex');
  let server: Server;
  try {
    server = await standIn(listen, token);
  } catch (error) {
    const text = `${listen}: ${reasonOf(error)}`;
    const advice = 'change it, or stop what listens there';
    return [{ verdict: 'trouble', about: 'http.listen', text, advice }];
  }
  try {
    const free: Finding = { verdict: 'ok', about: 'http.listen', text: `${listen} is free` };
    if (publicUrl === undefined) return [free];
    const isOurs = ({ body }: Answer): boolean => body === token;
    return [free, await examinePublicUrl(publicUrl, token, isOurs, signal)];
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** Says the token where a gateway would have files; whoever else calls is to come again. */
function standIn(listen: string, token: string): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url?.endsWith(`/media/${token}/doctor`) === true) response.end(token);
    else response.writeHead(503, { 'retry-after': '60' }).end();
  });
  const { host, port } = listenAt(listen);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function examinePublicUrl(
  publicUrl: string,
  token: string,
  isOurs: (answer: Answer) => boolean,
  signal: AbortSignal,
): Promise<Finding> {
  const about = 'http.publicUrl';
  const url = `${publicUrl}/media/${encodeURIComponent(token)}/doctor`;
  try {
    const response = await fetch(url, { signal, redirect: 'manual' });
    const answer = { status: response.status, body: (await response.text()).slice(0, 1_000) };
    if (isOurs(answer)) return { verdict: 'ok', about, text: `${publicUrl} leads here` };
    const text = `${publicUrl} answers ${answer.status}, and does not lead here`;
    const advice = 'let the web server there pass /media, /hooks and /oauth on to http.listen';
    return { verdict: 'trouble', about, text, advice };
  } catch (error) {
    const text = `${publicUrl} cannot be reached from here: ${reasonOf(error)}`;
    const advice = 'look at its name, its port and its certificate';
    return { verdict: 'trouble', about, text, advice };
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the name cannot be resolved',
  EAI_AGAIN: 'the name cannot be resolved now',
  EADDRINUSE: 'something else listens there',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'this user may not listen there',
};

/** `fetch` hides why it failed in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  const code: unknown = Reflect.get(error, 'code');
  const known = typeof code === 'string' ? REASONS[code] : undefined;
  if (known !== undefined) return known;
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}
