import type { FastifyInstance, FastifyReply } from 'fastify';
import type { MediaRow } from '../store/media.ts';
import type { WebServerOptions } from './web-server.ts';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Files of networks, for whoever has an address that we have signed. */
export function mediaRoute(
  server: FastifyInstance,
  { media }: Pick<WebServerOptions, 'media'>,
): void {
  server.get<{ Params: { ticket: string; name: string } }>(
    '/media/:ticket/:name',
    async (request, reply) => {
      const row = await media.find(request.params.ticket);
      if (row === undefined) return reply.callNotFound();
      const { sizeBytes } = row;
      const range = rangeIn(request.headers.range, sizeBytes);
      if (range === 'none') {
        return reply.code(416).header('content-range', `bytes */${sizeBytes}`).send();
      }
      protect(reply, row);
      const { start, end } = range ?? { start: 0, end: sizeBytes - 1 };
      if (range !== undefined) {
        reply.code(206).header('content-range', `bytes ${start}-${end}/${sizeBytes}`);
      }
      reply.header('content-length', end - start + 1);
      if (sizeBytes === 0) return reply.send('');
      return reply.send(media.folder.read(row.id, { start, end }));
    },
  );
}

/** What strangers have sent is never taken for a page of ours. */
function protect(reply: FastifyReply, { name, type }: MediaRow): void {
  const plain = name.replace(/[^\x20-\x7e]|["\\]/g, '_');
  reply.headers({
    'content-type': type,
    'content-disposition': `attachment; filename="${plain}"; filename*=UTF-8''${encoded(name)}`,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'private, max-age=86400, immutable',
    'accept-ranges': 'bytes',
    // Clients that are web pages read it, too (XEP-0363 §9); nobody else knows the address.
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
  });
}

/** RFC 8187. */
function encoded(name: string): string {
  return encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** RFC 9110 §14.1.2, for a single range. @returns nothing for what is to be ignored, `none` for what lies outside */
function rangeIn(header: string | undefined, size: number): Range | 'none' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return start > end ? 'none' : { start, end };
}
