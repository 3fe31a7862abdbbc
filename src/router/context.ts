import type { ContactId, Language, NetworkId, RoomId } from '../plugin/index.ts';
import { BOT } from '../session/bot.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import type { UserSession } from '../session/user-session.ts';
import type { XmlElement } from '../xml/element.ts';
import type { Jid } from '../xmpp/jid.ts';
import type { Surroundings } from './surroundings.ts';

/** What a stanza is addressed to. `unknown` is a local part that no address of the network can have. */
export type Target =
  | { readonly kind: 'gateway' }
  | { readonly kind: 'bot' }
  | { readonly kind: 'network'; readonly id: NetworkId }
  | { readonly kind: 'room'; readonly id: RoomId }
  | { readonly kind: 'occupant'; readonly id: RoomId; readonly nick: string }
  | { readonly kind: 'contact'; readonly id: ContactId }
  | { readonly kind: 'unknown' };

export type TargetKind = Target['kind'];

/** One stanza on its way, read once and never changed. */
export interface Context {
  readonly stanza: XmlElement;
  /** `iq`, `message` or `presence`. */
  readonly name: string;
  /** Its type with the default filled in: `normal` for messages, `available` for presence. */
  readonly type: string;
  readonly id: string | undefined;
  readonly from: Jid;
  readonly to: Jid;
  readonly target: Target;
  /** Of the sender: as the stanza tells, as she spoke before, else what the administrator takes users to speak. */
  readonly language: Language;
}

const LANGUAGE_TAG = /^[a-z]{2,8}(?:-[a-z0-9]{1,8}){0,4}$/i;

const DEFAULT_TYPE: Readonly<Record<string, string>> = {
  message: 'normal',
  presence: 'available',
};
const MESSAGE_TYPES: ReadonlySet<string> = new Set([
  'chat',
  'error',
  'groupchat',
  'headline',
  'normal',
]);

export function contextOf(
  { domain, sessions }: Pick<Surroundings, 'domain' | 'sessions'>,
  stanza: XmlElement,
  from: Jid,
  to: Jid,
): Context {
  return {
    stanza,
    name: stanza.name,
    type: typeOf(stanza),
    id: stanza.attributes['id'],
    from,
    to,
    target: targetOf(domain, to),
    language: languageFor(stanza, domain, sessions.find(from)),
  };
}

/** RFC 6121 §5.2.2: a message of a type that nobody knows is a normal one. */
function typeOf({ name, attributes: { type } }: XmlElement): string {
  const isKnown = type !== undefined && (name !== 'message' || MESSAGE_TYPES.has(type));
  return isKnown ? type : (DEFAULT_TYPE[name] ?? '');
}

/** What the sender has chosen, else what her stanza says, else what she spoke last. */
function languageFor(
  stanza: XmlElement,
  domain: GatewayDomain,
  session: UserSession | undefined,
): Language {
  const chosen = session?.settings.get().language ?? '';
  if (chosen !== '') return chosen;
  return languageOf(stanza, domain) ?? session?.language ?? domain.language;
}

/**
 * What the sender of a stanza speaks, as far as it tells (RFC 6120 §8.1.5, BCP 47). Many clients say English whatever
 * language they are in: where most users speak another, that tells nothing.
 */
export function languageOf(
  { attributes: { 'xml:lang': tag } }: XmlElement,
  { language }: Pick<GatewayDomain, 'language'>,
): Language | undefined {
  if (tag === undefined || !LANGUAGE_TAG.test(tag)) return undefined;
  return isEnglish(tag) && !isEnglish(language) ? undefined : tag;
}

const isEnglish = (language: Language): boolean => /^en(-|$)/i.test(language);

function targetOf(domain: GatewayDomain, to: Jid): Target {
  if (to.local === undefined) return { kind: 'gateway' };
  if (to.local === BOT) return { kind: 'bot' };
  const address = domain.addressOf(to.local);
  if (address === undefined) return { kind: 'unknown' };
  if (address.kind === 'room' && to.resource !== undefined) {
    return { kind: 'occupant', id: address.id, nick: to.resource };
  }
  return address;
}
