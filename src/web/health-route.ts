import type { FastifyInstance } from 'fastify';
import type { Finding } from '../plugin/index.ts';
import type { WebServerOptions } from './web-server.ts';

/** For those who watch over the process: 200 when it works, 503 when it does not. */
export function healthRoute(
  server: FastifyInstance,
  { hosts, store }: Pick<WebServerOptions, 'hosts' | 'store'>,
): void {
  server.get('/healthz', async (_request, reply) => {
    const gateways = [...hosts].map(([domain, { status }]) => [
      domain,
      status.isAttached ? 'attached' : 'not attached',
    ]);
    const reasons = [...hosts].flatMap(([domain, { status }]) =>
      status.trouble === undefined ? [] : [[domain, status.trouble]],
    );
    const networks = [...hosts].flatMap(([domain, { condition }]) =>
      condition.length === 0 ? [] : [[domain, condition]],
    );
    const isStoreFine = store.isHealthy();
    const isFine = isStoreFine && [...hosts.values()].every(({ status }) => status.isAttached);
    await reply
      .code(isFine ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({
        status: isFine ? 'ok' : 'unwell',
        store: isStoreFine ? 'ok' : 'cannot be written',
        gateways: Object.fromEntries(gateways) as Record<string, string>,
        ...(reasons.length === 0
          ? {}
          : { reasons: Object.fromEntries(reasons) as Record<string, string> }),
        ...(networks.length === 0
          ? {}
          : { networks: Object.fromEntries(networks) as Record<string, readonly Finding[]> }),
      });
  });
}
