import { createHash } from 'node:crypto';
import { JabberPeer } from './jabber-standin-peer.ts';
import { STREAMS } from './xml-tree.ts';

const ACCEPT = 'jabber:component:accept';

export interface ScriptedComponentOptions {
  readonly port: number;
  readonly domain: string;
  readonly secret: string;
  readonly namespace?: string;
  /** More attributes for the stream header, such as ` version='1.0'`. */
  readonly header?: string;
}

/** XEP-0114 §3: a component that sends what a test tells it; it may be refused. */
export async function openComponent(options: ScriptedComponentOptions): Promise<JabberPeer> {
  const { port, domain, secret, namespace = ACCEPT, header = '' } = options;
  const peer = await JabberPeer.open(port, ACCEPT);
  peer.send(
    `<stream:stream xmlns='${namespace}' xmlns:stream='${STREAMS}' to='${domain}'${header}>`,
  );
  const { attributes } = await peer.expect('<stream:stream/>');
  const hash = createHash('sha1')
    .update(`${attributes['id'] ?? ''}${secret}`)
    .digest('hex');
  peer.send(`<handshake>${hash}</handshake>`);
  return peer;
}

/** The same, accepted. */
export async function connectComponent(options: ScriptedComponentOptions): Promise<JabberPeer> {
  const peer = await openComponent(options);
  await peer.expect('<handshake/>');
  return peer;
}
