import { randomBytes } from 'node:crypto';
import { JabberPeer } from './jabber-standin-peer.ts';
import { scramClientProof, scramFields } from './jabber-standin-scram.ts';
import type { Expectation } from './xml-inbox.ts';
import { childOf, parseXml, serialise, STREAMS, textOf, type XmlNode } from './xml-tree.ts';

export interface ClientOptions {
  readonly port: number;
  readonly domain: string;
  readonly user: string;
  readonly password: string;
  readonly resource: string;
  /** PLAIN unless said otherwise; `legacy` is jabber:iq:auth on a stream without a version. */
  readonly login?: 'PLAIN' | 'SCRAM-SHA-1' | 'legacy';
  /** Registers the account first (XEP-0077). */
  readonly registers?: boolean;
}

export interface XmppClient {
  readonly jid: string;
  /** What has come and was not expected yet, oldest first. */
  readonly received: readonly XmlNode[];
  /** Settles when the connection is gone. */
  readonly closed: Promise<void>;
  /** Sends the text as it is. */
  send(xml: string): void;
  /** Hands out the first match, received or yet to come, and removes it. */
  expect(expected: Expectation, timeoutMs?: number): Promise<XmlNode>;
  /** Sends a request, with an id where it has none, and hands out its result or error. */
  iq(xml: string, timeoutMs?: number): Promise<XmlNode>;
  /** All that was sent has been routed, and all that was routed to us before has arrived. */
  barrier(): Promise<void>;
  /** Ends the stream properly. */
  close(): Promise<void>;
  /** Cuts the connection as a crash would. */
  abort(): void;
}

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl';
const BIND = 'urn:ietf:params:xml:ns:xmpp-bind';

/** Logs in and binds; sends neither presence nor a roster request. */
export async function connectClient(options: ClientOptions): Promise<XmppClient> {
  const peer = await JabberPeer.open(options.port, 'jabber:client');
  let jid: string;
  try {
    jid = await logIn(peer, options);
  } catch (error) {
    peer.abort();
    throw error;
  }
  const iq = (xml: string, timeoutMs?: number): Promise<XmlNode> => request(peer, xml, timeoutMs);
  return {
    jid,
    closed: peer.closed,
    get received() {
      return peer.received;
    },
    send: (xml) => peer.send(xml),
    expect: (expected, timeoutMs) => peer.expect(expected, timeoutMs),
    iq,
    barrier: async () => {
      await iq(`<iq type='get' to='${options.domain}'><ping xmlns='urn:xmpp:ping'/></iq>`);
    },
    close: () => peer.close(),
    abort: () => peer.abort(),
  };
}

async function logIn(peer: JabberPeer, options: ClientOptions): Promise<string> {
  const { login = 'PLAIN', user, password, resource, domain } = options;
  await openStream(peer, domain, login === 'legacy' ? '' : " version='1.0'");
  const credentials = `<username>${user}</username><password>${password}</password>`;
  if (options.registers === true) {
    const query = `<query xmlns='jabber:iq:register'>${credentials}</query>`;
    await demand(peer, `<iq type='set'>${query}</iq>`);
  }
  if (login === 'legacy') {
    const query = `${credentials}<resource>${resource}</resource>`;
    await demand(peer, `<iq type='set'><query xmlns='jabber:iq:auth'>${query}</query></iq>`);
    return `${user}@${domain}/${resource}`;
  }
  await (login === 'PLAIN' ? plain(peer, user, password) : scram(peer, user, password));
  peer.restart();
  await openStream(peer, domain, " version='1.0'");
  const bind = `<bind xmlns='${BIND}'><resource>${resource}</resource></bind>`;
  const bound = childOf(await demand(peer, `<iq type='set'>${bind}</iq>`), 'bind');
  return textOf(bound === undefined ? undefined : childOf(bound, 'jid'));
}

async function openStream(peer: JabberPeer, domain: string, version: string): Promise<void> {
  const namespaces = `xmlns='jabber:client' xmlns:stream='${STREAMS}'`;
  peer.send(`<stream:stream ${namespaces} to='${domain}'${version}>`);
  await peer.expect('<stream:stream/>');
  if (version !== '') await peer.expect('<stream:features/>');
}

async function plain(peer: JabberPeer, user: string, password: string): Promise<void> {
  const message = Buffer.from(`\0${user}\0${password}`).toString('base64');
  peer.send(`<auth xmlns='${SASL}' mechanism='PLAIN'>${message}</auth>`);
  await saslAnswer(peer, 'success');
}

/** RFC 5802 §5. */
async function scram(peer: JabberPeer, user: string, password: string): Promise<void> {
  const bare = `n=${user},r=${randomBytes(12).toString('hex')}`;
  const opening = Buffer.from(`n,,${bare}`).toString('base64');
  peer.send(`<auth xmlns='${SASL}' mechanism='SCRAM-SHA-1'>${opening}</auth>`);
  const first = Buffer.from(textOf(await saslAnswer(peer, 'challenge')), 'base64').toString();
  const { r = '', s = '', i = '' } = scramFields(first);
  const final = `c=biws,r=${r}`;
  const secrets = { password, salt: Buffer.from(s, 'base64'), iterations: Number(i) };
  const proof = scramClientProof(secrets, `${bare},${first},${final}`).toString('base64');
  const response = Buffer.from(`${final},p=${proof}`).toString('base64');
  peer.send(`<response xmlns='${SASL}'>${response}</response>`);
  await saslAnswer(peer, 'success');
}

async function saslAnswer(peer: JabberPeer, wanted: string): Promise<XmlNode> {
  const reply = await peer.expect((node) => node.namespace === SASL);
  if (reply.name !== wanted) throw new Error(`login refused: ${serialise(reply)}`);
  return reply;
}

async function demand(peer: JabberPeer, xml: string): Promise<XmlNode> {
  const reply = await request(peer, xml);
  if (reply.attributes['type'] !== 'result') throw new Error(`refused: ${serialise(reply)}`);
  return reply;
}

function request(peer: JabberPeer, xml: string, timeoutMs?: number): Promise<XmlNode> {
  const iq = parseXml(xml);
  const id = iq.attributes['id'] ?? randomBytes(6).toString('hex');
  const { to } = iq.attributes;
  peer.send(serialise({ ...iq, attributes: { ...iq.attributes, id } }, 'jabber:client'));
  return peer.expect(
    ({ name, attributes: { id: replyId, type, from } }) =>
      name === 'iq' &&
      replyId === id &&
      (type === 'result' || type === 'error') &&
      (to === undefined || from?.toLowerCase() === to.toLowerCase()),
    timeoutMs,
  );
}
