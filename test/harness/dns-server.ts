import { createSocket } from 'node:dgram';

/** By name: the hosts that take its mail, the texts that stand there. */
export interface DnsZone {
  readonly mx?: readonly string[];
  readonly txt?: readonly string[];
}

export interface DnsServer {
  /** As options want it: address and port. */
  readonly address: string;
  /** Answers nothing any more. */
  silent: boolean;
  stop(): Promise<void>;
}

const TYPE = { mx: 15, txt: 16 } as const;
const HEADER_BYTES = 12;
const NO_SUCH_NAME = 3;
/** RFC 1035 §4.1.4: the name of the question, which stands behind the header. */
const NAME_OF_QUESTION = Buffer.from('c00c', 'hex');

/** A name server on loopback that knows MX and TXT records (RFC 1035). */
export async function startDnsServer(zones: Readonly<Record<string, DnsZone>>): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const server = { address: '', silent: false, stop: () => stop() };
  socket.on('message', (query, { address, port }) => {
    if (!server.silent) socket.send(answer(query, zones), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  server.address = `127.0.0.1:${socket.address().port}`;
  const stop = (): Promise<void> => new Promise((resolve) => socket.close(() => resolve()));
  return server;
}

function answer(query: Buffer, zones: Readonly<Record<string, DnsZone>>): Buffer {
  const { name, end } = nameAt(query, HEADER_BYTES);
  const type = query.readUInt16BE(end);
  const zone = Object.hasOwn(zones, name) ? zones[name] : undefined;
  const records =
    type === TYPE.mx
      ? (zone?.mx ?? []).map((host, index) => mxData(host, index))
      : type === TYPE.txt
        ? (zone?.txt ?? []).map(txtData)
        : [];
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(query.readUInt16BE(0), 0);
  header.writeUInt16BE(0x8180 | (zone === undefined ? NO_SUCH_NAME : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  const answers = records.map((data) => {
    const fixed = Buffer.alloc(10);
    fixed.writeUInt16BE(type, 0);
    fixed.writeUInt16BE(1, 2);
    fixed.writeUInt32BE(60, 4);
    fixed.writeUInt16BE(data.length, 8);
    return Buffer.concat([NAME_OF_QUESTION, fixed, data]);
  });
  return Buffer.concat([header, query.subarray(HEADER_BYTES, end + 4), ...answers]);
}

function nameAt(query: Buffer, start: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let at = start;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

function mxData(host: string, preference: number): Buffer {
  const labels = host
    .split('.')
    .map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1'));
  return Buffer.concat([Buffer.from([0, preference]), ...labels, Buffer.from([0])]);
}

/** Strings of up to 255 bytes. */
function txtData(text: string): Buffer {
  const strings = text.match(/.{1,255}/g) ?? [''];
  return Buffer.concat(
    strings.map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part, 'latin1')])),
  );
}
