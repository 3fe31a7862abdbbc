import type { Logger } from 'pino';
import type { Address, Gateway, Language } from '../plugin/index.ts';
import type { Files } from '../delivery/files.ts';
import type { Store } from '../store/store.ts';
import { escapeLocal, unescapeLocal } from '../xmpp/jid-escaping.ts';
import { parseJid } from '../xmpp/jid.ts';
import type { Jid } from '../xmpp/jid.ts';
import type { Limits, UserCount } from './limits.ts';
import { Attachment } from './attachment.ts';
import { Privileges } from './privileges.ts';
import type { RegistrationPolicy } from './registration-policy.ts';

const CACHE_SIZE = 10_000;
/** RFC 6122 §2.4, in characters of ASCII. */
const LONGEST_RESOURCE = 1_023;
/** Nearly all nicks: as a resource they are what they are (RFC 6122 appendix B). */
export const PLAIN_NICK = /^[ -~]{1,341}$/;

export interface GatewayDomainOptions {
  readonly domain: string;
  readonly type: string;
  readonly name: string;
  readonly gateway: Gateway;
  readonly policy: RegistrationPolicy;
  /** JIDs, or domains all of whose users are administrators. */
  readonly admins: readonly string[];
  /** Of users who do not say what they speak. */
  readonly language: Language;
  readonly limits: Limits;
  readonly users: UserCount;
  readonly store: Store;
  readonly version: string;
  readonly log: Logger;
  readonly now: () => number;
  /** What becomes of files, both ways. */
  readonly files: Files;
  /** For how long at most what users say is kept; `Infinity` without end. */
  readonly keepsHours: number;
  /** How long a stored message is tried before it is given up. */
  readonly messageLifeMs: number;
}

/** One configured domain with what everything about it needs to know: its gateway, its rules, its addresses. */
export class GatewayDomain {
  readonly domain: string;
  readonly type: string;
  readonly name: string;
  readonly gateway: Gateway;
  readonly policy: RegistrationPolicy;
  readonly language: Language;
  readonly limits: Limits;
  /** Those of all domains. */
  readonly users: UserCount;
  readonly store: Store;
  readonly version: string;
  readonly log: Logger;
  readonly now: () => number;
  readonly files: Files;
  readonly keepsHours: number;
  readonly messageLifeMs: number;
  /** What occupant ids are made with (XEP-0421). */
  readonly occupantSecret: string;
  readonly #admins: ReadonlySet<string>;
  readonly attachment = new Attachment();
  readonly privileges = new Privileges();
  /** What XEP-0115 calls `ver`, for each kind of address of ours; filled in when all features are known. */
  readonly capsHashes = new Map<string, string>();
  readonly #addresses = new Map<string, Address | undefined>();

  constructor(options: GatewayDomainOptions) {
    this.domain = options.domain;
    this.type = options.type;
    this.name = options.name;
    this.gateway = options.gateway;
    this.policy = options.policy;
    this.#admins = new Set(options.admins.map((admin) => parseJid(admin)?.bare ?? admin));
    this.language = options.language;
    this.limits = options.limits;
    this.users = options.users;
    this.store = options.store;
    this.version = options.version;
    this.log = options.log;
    this.now = options.now;
    this.files = options.files;
    this.keepsHours = options.keepsHours;
    this.messageLifeMs = options.messageLifeMs;
    this.occupantSecret = options.store.derivedKey('occupant ids').toString('hex');
  }

  /** Whether somebody may do what is for administrators. */
  isAdmin(user: Jid): boolean {
    return this.#admins.has(user.bare) || this.#admins.has(user.domain);
  }

  /** The address that the local part of one of our JIDs stands for (XEP-0106). */
  addressOf(local: string): Address | undefined {
    const known = this.#addresses.get(local);
    if (known !== undefined || this.#addresses.has(local)) return known;
    const address = this.gateway.addresses.parse(unescapeLocal(local));
    if (this.#addresses.size >= CACHE_SIZE) this.#addresses.clear();
    this.#addresses.set(local, address);
    return address;
  }

  /** The local part for an address. */
  localOf(address: Address): string {
    const text = this.gateway.addresses.format(address);
    return escapeLocal(text) ?? escapeLocal(text.trim()) ?? text;
  }

  /** The bare JID for an address. */
  jidOf(address: Address): string {
    return `${this.localOf(address)}@${this.domain}`;
  }

  /** The JID of somebody in a room. A nick that no resource may look like is shown with `_` for what is not allowed. */
  occupantJid(room: string, nick: string): string {
    const text = `${room}/${nick}`;
    if (PLAIN_NICK.test(nick)) return text;
    if (parseJid(text) !== undefined) return text;
    return `${room}/${nick.replace(/[^\x21-\x7e]/gu, '_').slice(0, LONGEST_RESOURCE) || '_'}`;
  }
}
