import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { soon } from '../in-time.ts';
import type { WebServerOptions } from './web-server.ts';

const ANSWER_TIMEOUT_MS = 25_000;
const MAX_PATH = 500;
/** All but those that `Request` cannot have (Fetch §2.2.1). */
const METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** Headers that are about the connection, not the request (RFC 9110 §7.6.1), or that `Request` makes itself. */
const OF_CONNECTION: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

type Web = (request: Request, path: string) => Promise<Response>;
type HookOptions = Pick<WebServerOptions, 'hosts' | 'store' | 'publicUrl' | 'listen' | 'log'>;

/** What the gateways answer themselves: callbacks of providers, the return from a log-in elsewhere. */
export function hookRoutes(server: FastifyInstance, options: HookOptions): void {
  const { hosts } = options;
  server.route<{ Params: { domain: string; '*': string } }>({
    method: METHODS,
    url: '/hooks/:domain/*',
    handler: async (request, reply) => {
      const { domain, '*': path } = request.params;
      const web = hosts.get(domain.toLowerCase())?.web;
      if (web === undefined || path === '' || path.length > MAX_PATH) return reply.callNotFound();
      return answer(web, path, { request, reply, options });
    },
  });
  server.route<{ Params: { domain: string } }>({
    method: METHODS,
    url: '/oauth/:domain',
    handler: async (request, reply) => {
      const web = hosts.get(request.params.domain.toLowerCase())?.web;
      if (web === undefined) return reply.callNotFound();
      return answer(web, '', { request, reply, options });
    },
  });
}

async function answer(
  web: Web,
  path: string,
  {
    request,
    reply,
    options,
  }: {
    readonly request: FastifyRequest;
    readonly reply: FastifyReply;
    readonly options: HookOptions;
  },
): Promise<FastifyReply> {
  if (!options.store.isHealthy()) {
    return reply.code(503).header('retry-after', '60').send('Try again later\n');
  }
  const response = await soon(web(asWebRequest(request, options), path), ANSWER_TIMEOUT_MS);
  if (response === undefined) {
    options.log.warn({ path: request.routeOptions.url }, 'a gateway did not answer a request');
    return reply.code(504).send('No answer in time\n');
  }
  reply.code(response.status);
  response.headers.forEach((value, name) => {
    if (name !== 'set-cookie' && !OF_CONNECTION.has(name)) reply.header(name, value);
  });
  for (const cookie of response.headers.getSetCookie()) reply.header('set-cookie', cookie);
  if (!response.headers.has('cache-control')) reply.header('cache-control', 'no-store');
  return reply.send(Buffer.from(await response.arrayBuffer()));
}

/** With the address that the outside has used: signatures of providers are over it. The header Host is never asked. */
function asWebRequest(
  { method, raw, url, body }: FastifyRequest,
  { publicUrl, listen }: HookOptions,
): Request {
  const headers = new Headers();
  for (let index = 0; index + 1 < raw.rawHeaders.length; index += 2) {
    const name = raw.rawHeaders[index]?.toLowerCase() ?? '';
    if (!OF_CONNECTION.has(name)) headers.append(name, raw.rawHeaders[index + 1] ?? '');
  }
  const hasBody = body instanceof Uint8Array && method !== 'GET' && method !== 'HEAD';
  return new Request(`${publicUrl ?? `http://${listen}`}${url}`, {
    method,
    headers,
    ...(hasBody ? { body: new Uint8Array(body) } : {}),
  });
}
