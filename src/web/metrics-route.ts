import type { FastifyInstance } from 'fastify';
import type { GatewayHost } from '../host/gateway-host.ts';
import type { Store } from '../store/store.ts';
import type { WebServerOptions } from './web-server.ts';

interface Figure {
  readonly name: string;
  readonly help: string;
  readonly kind: 'gauge' | 'counter';
  readonly of: (host: GatewayHost, store: Store) => number | Promise<number>;
}

const FIGURES: readonly Figure[] = [
  {
    name: 'causeway_attached',
    help: 'Whether the domain is attached to the Jabber server',
    kind: 'gauge',
    of: ({ status }) => Number(status.isAttached),
  },
  {
    name: 'causeway_sessions',
    help: 'Users that something is under way for',
    kind: 'gauge',
    of: ({ status }) => status.sessions,
  },
  {
    name: 'causeway_stanzas_received_total',
    help: 'Stanzas that came from the Jabber server',
    kind: 'counter',
    of: ({ status }) => status.received,
  },
  {
    name: 'causeway_stanzas_sent_total',
    help: 'Stanzas that went to the Jabber server',
    kind: 'counter',
    of: ({ status }) => status.sent,
  },
  {
    name: 'causeway_failures_total',
    help: 'Pieces of work that failed by a defect',
    kind: 'counter',
    of: ({ status }) => status.failures,
  },
  {
    name: 'causeway_outbox_messages',
    help: 'Messages of users that the network has not taken yet',
    kind: 'gauge',
    of: ({ domain }, { outbox }) => outbox.count(domain),
  },
  {
    name: 'causeway_inbox_messages',
    help: 'Messages of the network that the Jabber server is not known to have yet',
    kind: 'gauge',
    of: ({ domain }, { inbox }) => inbox.count(domain),
  },
];

/** For Prometheus. Figures are read when they are asked for: nobody counts on their behalf before. */
export async function metricsRoute(
  server: FastifyInstance,
  { hosts, store }: Pick<WebServerOptions, 'hosts' | 'store'>,
): Promise<void> {
  const { collectDefaultMetrics, Counter, Gauge, Registry } = await import('prom-client');
  const register = new Registry();
  collectDefaultMetrics({ register });
  for (const { name, help, kind, of } of FIGURES) {
    const metric = { name, help, labelNames: ['gateway'], registers: [register] };
    if (kind === 'gauge') {
      const gauge = new Gauge({
        ...metric,
        collect: async () => {
          for (const [gateway, host] of hosts) gauge.set({ gateway }, await of(host, store));
        },
      });
    } else {
      const counter = new Counter({
        ...metric,
        collect: async () => {
          counter.reset();
          for (const [gateway, host] of hosts) counter.inc({ gateway }, await of(host, store));
        },
      });
    }
  }
  server.get('/metrics', async (_request, reply) => {
    await reply.type(register.contentType).send(await register.metrics());
  });
}
