import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request as it was on the wire, and its answer. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly contentType: string;
  readonly status: number;
  readonly answer: string;
}

/** Stands before an HTTP server and writes down what goes through. */
export class RecordingProxy {
  readonly exchanges: Exchange[] = [];
  readonly #target: string;
  readonly #server = createServer((request, response) => {
    this.#pass(request, response).catch(() => response.destroy());
  });

  constructor(target: string) {
    this.#target = target;
  }

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const { method = 'GET', url = '/', headers } = request;
    const contentType = headers['content-type'] ?? '';
    const answer = await fetch(`${this.#target}${url}`, {
      method,
      headers: { authorization: headers.authorization ?? '', 'content-type': contentType },
      ...(body === '' ? {} : { body }),
    });
    const data = await answer.text();
    const { pathname, searchParams } = new URL(url, this.#target);
    this.exchanges.push({
      method,
      path: pathname,
      query: searchParams,
      form: new URLSearchParams(body),
      contentType,
      status: answer.status,
      answer: data,
    });
    response.writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? 'text/plain',
    });
    response.end(data);
  }
}
