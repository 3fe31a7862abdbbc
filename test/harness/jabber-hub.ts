import type { Account } from './jabber-accounts.ts';
import type { Element } from './xml-element.ts';

/** What the parts of the stand-in Jabber server share: its name, its accounts and the way to send a stanza anywhere. */
export interface JabberHub {
  readonly domain: string;
  readonly accounts: Map<string, Account>;
  /** The domains of the components, attached or not. */
  readonly componentDomains: readonly string[];
  /** Brings a stanza with `from` and `to` to its addressee, or an error back to its sender. */
  route(stanza: Element): void;
}
