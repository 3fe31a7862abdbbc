import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { parseJid } from './jabber-standin-jid.ts';
import type { ComponentConnection, JabberRouter } from './jabber-standin-router.ts';
import { CLIENT, element, errorReply } from './jabber-standin-stanza.ts';
import { JabberStream } from './jabber-standin-stream.ts';
import { textOf, type XmlNode } from './xml-tree.ts';

const ACCEPT = 'jabber:component:accept';
const DISCO_INFO = 'http://jabber.org/protocol/disco#info';
const STANZAS = ['message', 'presence', 'iq'];

/** XEP-0114 §3: the server's end of a component's connection. */
export class JabberComponentStream implements ComponentConnection {
  readonly #router: JabberRouter;
  readonly #secrets: ReadonlyMap<string, string>;
  readonly #stream: JabberStream;
  #isAccepted = false;
  domain = '';

  constructor(socket: Socket, router: JabberRouter, secrets: ReadonlyMap<string, string>) {
    this.#router = router;
    this.#secrets = secrets;
    this.#stream = new JabberStream(
      socket,
      {
        domain: router.domain,
        namespace: ACCEPT,
        adaptsStanzas: router.flavour !== 'jabberd2',
      },
      {
        header: (header) => this.#header(header),
        stanza: (stanza) => this.#stanza(stanza),
        ended: () => router.detach(this),
      },
    );
  }

  send(stanza: XmlNode): void {
    this.#stream.send(stanza);
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #header(header: XmlNode): void {
    const domain = header.attributes['to']?.toLowerCase() ?? '';
    if (!this.#secrets.has(domain)) return this.#stream.fail('host-unknown');
    this.domain = domain;
    this.#stream.open();
    if (this.#router.flavour !== 'jabberd2' || header.attributes['version'] === undefined) return;
    this.#stream.write(
      "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" +
        '<mechanism>PLAIN</mechanism></mechanisms></stream:features>',
    );
  }

  #stanza(stanza: XmlNode): void {
    if (!this.#isAccepted) return this.#handshake(stanza);
    if (!STANZAS.includes(stanza.name) || stanza.namespace !== CLIENT) {
      return this.#stream.fail('unsupported-stanza-type');
    }
    const { from, to } = stanza.attributes;
    if (from === undefined || to === undefined) return this.#stream.fail('improper-addressing');
    const sender = /^(?:[^/]*@)?([^@/]*)/.exec(from)?.[1]?.toLowerCase() ?? '';
    if (!this.#mayUse(sender)) return this.#stream.fail('invalid-from');
    if (parseJid(from) === undefined || parseJid(to) === undefined) {
      const reply = errorReply(stanza, { type: 'modify', condition: 'jid-malformed' });
      return reply === undefined ? undefined : this.send(reply);
    }
    this.#router.route(stanza);
  }

  #mayUse(domain: string): boolean {
    if (this.#router.flavour === 'ejabberd') return this.#secrets.has(domain);
    return domain === this.domain;
  }

  #handshake(stanza: XmlNode): void {
    const secret = this.#secrets.get(this.domain) ?? '';
    const expected = createHash('sha1').update(`${this.#stream.id}${secret}`).digest('hex');
    if (stanza.name !== 'handshake' || textOf(stanza).trim().toLowerCase() !== expected) {
      return this.#stream.fail('not-authorized');
    }
    if (!this.#router.attach(this)) return this.#stream.fail('conflict');
    this.#isAccepted = true;
    const greetings = this.#greetings().map((greeting) => this.#stream.text(greeting));
    this.#stream.write(['<handshake/>', ...greetings].join(''));
  }

  /** What was seen to follow the handshake in the same packet. */
  #greetings(): XmlNode[] {
    const { domain: from, flavour } = this.#router;
    switch (flavour) {
      case 'prosody':
        return [];
      case 'ejabberd':
        return [...this.#secrets.keys()].map((to) => {
          const perm = element('perm', 'urn:xmpp:privilege:1', { access: 'message', type: 'none' });
          const privilege = element('privilege', 'urn:xmpp:privilege:1', {}, [perm]);
          return element('message', CLIENT, { from, to }, [privilege]);
        });
      case 'jabberd2':
        return ['disco-1', 'disco-2'].map((id) =>
          element('iq', CLIENT, { from, to: this.domain, type: 'get', id }, [
            element('query', DISCO_INFO),
          ]),
        );
    }
  }
}
