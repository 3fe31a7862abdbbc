import type { OutgoingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Guard } from './guarded-request.ts';
import { guardedRequest } from './guarded-request.ts';
import { childOf, childrenOf, elementsOf, textOf, xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_DATA_FORM, NS_DISCO_INFO, NS_DISCO_ITEMS, NS_UPLOAD } from '../xmpp/namespaces.ts';

const ASK_TIMEOUT_MS = 15_000;
const PUT_TIMEOUT_MS = 120_000;
const REMEMBER_MS = 3_600_000;
const MAX_ITEMS = 30;
/** XEP-0363 §4. */
const HEADERS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'expires']);

/** Asks somebody a question of ours. @throws StanzaError */
export type Ask = (question: {
  readonly type: 'get';
  readonly from: string;
  readonly to: string;
  readonly payload: XmlElement;
  readonly timeoutMs: number;
}) => Promise<XmlElement | undefined>;

/** Where files can be put. */
export interface UploadService {
  readonly jid: string;
  readonly maxBytes: number;
}

/** @throws StanzaError */
type Question = (to: string, payload: XmlElement) => Promise<XmlElement | undefined>;

export interface UploadedFile {
  readonly name: string;
  readonly type: string;
  readonly sizeBytes: number;
  readonly read: () => Readable;
}

/** XEP-0363: puts files where users of a server put theirs, if the server lets us. */
export class Uploads {
  readonly #domain: string;
  readonly #ask: Ask;
  readonly #guard: Guard;
  readonly #now: () => number;
  readonly #services = new Map<
    string,
    { at: number; service: Promise<UploadService | undefined> }
  >();

  constructor(domain: string, ask: Ask, guard: Guard, now: () => number) {
    this.#domain = domain;
    this.#ask = ask;
    this.#guard = guard;
    this.#now = now;
  }

  /** @returns where it can be fetched; `undefined` when the server does not take it. @throws when that failed */
  async upload(server: string, file: UploadedFile): Promise<string | undefined> {
    const service = await this.#serviceOf(server);
    if (service === undefined || file.sizeBytes > service.maxBytes) return undefined;
    const slot = await this.#question(
      service.jid,
      xml('request', NS_UPLOAD, {
        filename: file.name,
        size: String(file.sizeBytes),
        'content-type': file.type,
      }),
    );
    const put = slot === undefined ? undefined : childOf(slot, 'put', NS_UPLOAD);
    const get = slot === undefined ? undefined : childOf(slot, 'get', NS_UPLOAD);
    const target = put?.attributes['url'] ?? '';
    const url = get?.attributes['url'] ?? '';
    if (put === undefined || !URL.canParse(target) || !URL.canParse(url)) return undefined;
    const response = await guardedRequest(
      {
        method: 'PUT',
        url: new URL(target),
        headers: {
          ...headersIn(put),
          'content-type': file.type,
          'content-length': file.sizeBytes,
        },
        body: file.read(),
        signal: AbortSignal.timeout(PUT_TIMEOUT_MS),
      },
      this.#guard,
    );
    response.resume();
    const { statusCode = 0 } = response;
    if (statusCode !== 201 && statusCode !== 200) {
      throw new Error(`the server of files answered ${statusCode}`);
    }
    return url;
  }

  /** Looked for once an hour. */
  #serviceOf(server: string): Promise<UploadService | undefined> {
    const known = this.#services.get(server);
    if (known !== undefined && this.#now() - known.at < REMEMBER_MS) return known.service;
    const ask: Question = (to, payload) => this.#question(to, payload);
    const service = findUploadService(server, ask).catch(() => {
      this.#services.delete(server);
      return undefined;
    });
    this.#services.set(server, { at: this.#now(), service });
    return service;
  }

  #question(to: string, payload: XmlElement): Promise<XmlElement | undefined> {
    return this.#ask({ type: 'get', from: this.#domain, to, payload, timeoutMs: ASK_TIMEOUT_MS });
  }
}

/** XEP-0363 §3: the service of a server that takes files. @throws StanzaError what the server answers */
export async function findUploadService(
  server: string,
  ask: Question,
): Promise<UploadService | undefined> {
  const items = await ask(server, xml('query', NS_DISCO_ITEMS));
  const found = items === undefined ? [] : childrenOf(items, 'item', NS_DISCO_ITEMS);
  const jids = [server, ...found.flatMap(({ attributes }) => attributes['jid'] ?? [])];
  const asked = jids.slice(0, MAX_ITEMS).map((jid) => serviceAt(jid, ask));
  const services = await Promise.all(asked.map((each) => each.catch(() => undefined)));
  return services.find((service) => service !== undefined);
}

async function serviceAt(jid: string, ask: Question): Promise<UploadService | undefined> {
  const info = await ask(jid, xml('query', NS_DISCO_INFO));
  const features = info === undefined ? [] : childrenOf(info, 'feature', NS_DISCO_INFO);
  if (!features.some(({ attributes }) => attributes['var'] === NS_UPLOAD)) return undefined;
  return { jid, maxBytes: info === undefined ? Infinity : maxBytesIn(info) };
}

function maxBytesIn(info: XmlElement): number {
  for (const form of childrenOf(info, 'x', NS_DATA_FORM)) {
    for (const field of childrenOf(form, 'field', NS_DATA_FORM)) {
      if (field.attributes['var'] !== 'max-file-size') continue;
      const value = childOf(field, 'value', NS_DATA_FORM);
      const bytes = value === undefined ? Number.NaN : Number(textOf(value));
      if (bytes > 0) return bytes;
    }
  }
  return Infinity;
}

function headersIn(put: XmlElement): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {};
  for (const element of elementsOf(put)) {
    const name = (element.attributes['name'] ?? '').replace(/[\r\n]/g, '').toLowerCase();
    if (element.name === 'header' && HEADERS.has(name)) {
      headers[name] = textOf(element).replace(/[\r\n]/g, '');
    }
  }
  return headers;
}
