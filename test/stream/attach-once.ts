import { pino } from 'pino';
import { ComponentStream } from '../../src/stream/component-stream.ts';

/** Attaches over TLS to the port that is given, says so, and leaves. A process of its own, as authorities are read at its start. */
const stream = new ComponentStream(
  {
    host: '127.0.0.1',
    port: Number(process.argv[2]),
    tls: true,
    domain: 'irc.localhost',
    secret: 'sesame',
    log: pino({ level: 'silent' }),
  },
  {
    attached: () => {
      process.stdout.write('attached\n');
      void stream.stop();
    },
    stanza: () => undefined,
    oversized: () => undefined,
    detached: () => undefined,
  },
);
stream.start();
