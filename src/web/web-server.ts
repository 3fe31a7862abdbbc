import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { GatewayHost } from '../host/gateway-host.ts';
import type { Media } from '../media/media.ts';
import type { Store } from '../store/store.ts';
import { healthRoute } from './health-route.ts';
import { hookRoutes } from './hook-routes.ts';
import { listenAt } from './listen-at.ts';
import { mediaRoute } from './media-route.ts';
import { metricsRoute } from './metrics-route.ts';

const BODY_LIMIT = 1_048_576;
const REQUEST_TIMEOUT_MS = 30_000;
const IDLE_TIMEOUT_MS = 10_000;

export interface WebServerOptions {
  /** Address and port. */
  readonly listen: string;
  /** Without a slash at its end. */
  readonly publicUrl?: string | undefined;
  readonly log: Logger;
  readonly media: Media;
  readonly store: Store;
  readonly hosts: ReadonlyMap<string, GatewayHost>;
}

export interface WebServer {
  readonly port: number;
  /** Takes no more requests, and ends those under way. */
  stop(): Promise<void>;
}

/** Health, metrics, files, and what the gateways answer. Whatever else is asked for is not there. */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const { listen, publicUrl, log } = options;
  const server: FastifyInstance = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: 2 * REQUEST_TIMEOUT_MS,
    keepAliveTimeout: IDLE_TIMEOUT_MS,
    forceCloseConnections: true,
    rewriteUrl: ({ url = '/' }) => withoutPrefix(url, publicUrl),
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  server.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/plain').send('Not found\n'),
  );
  server.setErrorHandler(async (error, _request, reply) => {
    const code = statusOf(error);
    if (code >= 500) log.error({ err: error }, 'a request over HTTP failed');
    await reply
      .code(code)
      .type('text/plain')
      .send(code >= 500 ? 'Internal error\n' : 'Bad request\n');
  });
  healthRoute(server, options);
  await metricsRoute(server, options);
  mediaRoute(server, options);
  hookRoutes(server, options);
  const { host, port } = listenAt(listen);
  await server.listen({ host, port });
  const address = server.server.address();
  const actual = isBound(address) ? address.port : port;
  log.info({ host, port: actual }, 'the web server listens');
  return { port: actual, stop: () => server.close() };
}

/** A proxy in front of us may pass the path of the public address on, or not. */
function withoutPrefix(url: string, publicUrl: string | undefined): string {
  const prefix = publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '');
  return prefix !== '' && url.startsWith(`${prefix}/`) ? url.slice(prefix.length) : url;
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return 500;
  return typeof error.statusCode === 'number' ? error.statusCode : 500;
}

function isBound(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
