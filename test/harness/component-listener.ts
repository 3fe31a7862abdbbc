import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { LoopbackListener } from './loopback-listener.ts';
import { StanzaQueue } from './stanza-queue.ts';
import { escapeXml, renamespace, serialize, text, type Element } from './xml-element.ts';
import { NS_OF_LITERALS, type Matcher } from './xml-matcher.ts';
import { XmlStream } from './xml-stream.ts';

const NS_COMPONENT = 'jabber:component:accept';
const LIMIT_BYTES = 16 * 1024 * 1024;

/** One connection that reached the listener: nothing is answered unless the test says so. */
export interface ComponentConnection {
  /** The attributes of the header that the component sent. */
  readonly header: Readonly<Record<string, string>>;
  /** Writes bytes as they are; split them as the test likes. */
  send(data: string | Buffer): void;
  /** Answers the header. */
  openStream(id?: string): void;
  /** Answers the header, expects the handshake for this secret (throws on a wrong one) and answers it. */
  acceptHandshake(secret: string): Promise<void>;
  /** As the client's: stanzas without xmlns in literals are in the namespace of the stream's stanzas. */
  expect(matcher: Matcher, timeoutMs?: number): Promise<Element>;
  readonly unclaimed: readonly Element[];
  /** The component has ended its stream or its connection. */
  readonly closed: Promise<void>;
  /** Ends the sending side. */
  end(): void;
  destroy(): void;
}

export interface ComponentListener {
  readonly port: number;
  /** The next connection whose header has been read. */
  nextConnection(timeoutMs?: number): Promise<ComponentConnection>;
  stop(): Promise<void>;
}

/** A bare listener for wire-level tests of a component: it says only what the test makes it say. */
export async function startComponentListener(port = 0): Promise<ComponentListener> {
  const ready: ComponentConnection[] = [];
  const waiting: ((connection: ComponentConnection) => void)[] = [];
  const listener = new LoopbackListener(port, (socket) => {
    attach(socket, (connection) => {
      const waiter = waiting.shift();
      if (waiter === undefined) ready.push(connection);
      else waiter(connection);
    });
  });
  await listener.open();
  return {
    port: listener.port,
    async nextConnection(timeoutMs = 5000) {
      const connection = ready.shift();
      if (connection !== undefined) return connection;
      return new Promise((resolve, reject) => {
        const take = (found: ComponentConnection) => {
          clearTimeout(timer);
          resolve(found);
        };
        const timer = setTimeout(() => {
          waiting.splice(waiting.indexOf(take), 1);
          reject(new Error(`no component connected within ${timeoutMs} ms`));
        }, timeoutMs);
        waiting.push(take);
      });
    },
    stop: () => listener.close(),
  };
}

function attach(socket: Socket, opened: (connection: ComponentConnection) => void): void {
  const queue = new StanzaQueue('component listener');
  let resolveClosed: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    resolveClosed = resolve;
  });
  const end = (reason: string) => {
    queue.end(reason);
    resolveClosed();
  };
  const reader = new XmlStream(
    {
      header: (root) => opened(connectionOf(socket, queue, root.attrs, closed)),
      stanza: (el) => queue.push(renamespace(el, NS_COMPONENT, NS_OF_LITERALS)),
      footer: () => end('the component has ended its stream'),
      problem: (condition, detail) => end(`unreadable: ${condition} ${detail}`),
    },
    LIMIT_BYTES,
  );
  socket.on('data', (bytes: Buffer) => reader.write(bytes));
  socket.on('close', () => end('the connection has ended'));
}

function connectionOf(
  socket: Socket,
  queue: StanzaQueue,
  header: Readonly<Record<string, string>>,
  closed: Promise<void>,
): ComponentConnection {
  const openStream = (id: string) => {
    const from = escapeXml(header['to'] ?? '');
    socket.write(
      `<?xml version='1.0'?><stream:stream xmlns='${NS_COMPONENT}' xmlns:stream='http://etherx.jabber.org/streams' from='${from}' id='${escapeXml(id)}'>`,
    );
  };
  const expect = (matcher: Matcher, timeoutMs = 5000) => queue.expect(matcher, timeoutMs);
  return {
    header,
    closed,
    send: (data) => void socket.write(data),
    openStream: (id = randomBytes(8).toString('hex')) => openStream(id),
    async acceptHandshake(secret) {
      const id = randomBytes(8).toString('hex');
      openStream(id);
      const handshake = await expect(({ name }) => name === 'handshake');
      const expected = createHash('sha1').update(`${id}${secret}`).digest('hex');
      if (text(handshake) !== expected) {
        throw new Error(`wrong handshake: ${serialize(handshake)}`);
      }
      socket.write('<handshake/>');
    },
    expect,
    get unclaimed() {
      return queue.queued;
    },
    end: () => void socket.end(),
    destroy: () => void socket.destroy(),
  };
}
