import { Roster } from './jabber-standin-roster.ts';
import type { ErrorType } from './jabber-standin-stanza.ts';
import type { XmlNode } from './xml-tree.ts';

export type JabberFlavour = 'prosody' | 'ejabberd' | 'jabberd2';

export interface ClientSession {
  readonly account: Account;
  readonly resource: string;
  readonly jid: string;
  /** The last available presence; undefined before the first and after unavailable. */
  presence: XmlNode | undefined;
  priority: number;
  wantsRoster: boolean;
  readonly directed: Set<string>;
  send(stanza: XmlNode): void;
  /** Ends the stream with this stream error. */
  kick(condition: string): void;
}

export interface Account {
  readonly user: string;
  readonly jid: string;
  password: string;
  readonly roster: Roster;
  readonly sessions: Map<string, ClientSession>;
  readonly offline: XmlNode[];
  readonly privateXml: Map<string, XmlNode>;
  vcard: XmlNode | undefined;
}

/** What the parts of the stand-in server share. */
export interface JabberHub {
  readonly domain: string;
  readonly flavour: JabberFlavour;
  readonly accounts: Map<string, Account>;
  readonly componentDomains: readonly string[];
  /** Delivers a stanza that carries valid `from` and `to`. */
  route(stanza: XmlNode): void;
  /** Answers with an error, in the manner of this flavour. */
  refuse(stanza: XmlNode, type: ErrorType, condition: string, text?: string): void;
}

export function createAccount(hub: JabberHub, user: string, password: string): Account {
  const account: Account = {
    user,
    jid: `${user}@${hub.domain}`,
    password,
    roster: new Roster(),
    sessions: new Map(),
    offline: [],
    privateXml: new Map(),
    vcard: undefined,
  };
  hub.accounts.set(user, account);
  return account;
}
