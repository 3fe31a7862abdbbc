import type { ContactCard, ContactId } from '../plugin/index.ts';
import type { Context } from '../router/context.ts';
import type { Feature } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import { memberAt } from '../session/member-at.ts';
import type { Sessions } from '../session/sessions.ts';
import type { UserSession } from '../session/user-session.ts';
import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_VCARD } from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { avatarOf, photoElement } from './avatars.ts';
import { gatewayNames } from './names.ts';

/** The fields of a card that are an element with a text (XEP-0054 §3.2), in the order of their DTD. */
const FIELDS: readonly (readonly [keyof ContactCard, readonly string[]])[] = [
  ['nick', ['NICKNAME']],
  ['phone', ['TEL', 'NUMBER']],
  ['email', ['EMAIL', 'USERID']],
  ['organization', ['ORG', 'ORGNAME']],
  ['note', ['DESC']],
  ['url', ['URL']],
];
const MAX_TEXT = 2_000;

/** XEP-0054: what the network knows of somebody; the name alone where it knows nothing, or says nothing in time. */
export function vcard(domain: GatewayDomain, sessions: Sessions): Feature {
  return {
    namespaces: { gateway: [NS_VCARD], bot: [NS_VCARD], contact: [NS_VCARD], occupant: [NS_VCARD] },
    routes: [
      {
        stanza: 'iq',
        type: 'get',
        payload: { name: 'vCard', namespace: NS_VCARD },
        targets: ['gateway', 'bot', 'contact', 'occupant'],
        handle: async (context) => {
          const session = sessions.find(context.from);
          const contact = contactOf(context, session);
          if (context.target.kind === 'occupant' && contact === undefined) {
            throw new StanzaError('item-not-found');
          }
          const card = contact === undefined ? undefined : await session?.cards.find(contact);
          const photo = contact === undefined ? undefined : await photoOf(session, contact, card);
          return { payload: cardElement(nameOf(domain, context), card ?? {}, photo) };
        },
      },
    ],
  };
}

function contactOf({ target }: Context, session: UserSession | undefined): ContactId | undefined {
  if (target.kind === 'contact') return target.id;
  const room = target.kind === 'occupant' ? session?.rooms.get(target.id) : undefined;
  if (session === undefined || room === undefined || target.kind !== 'occupant') return undefined;
  return memberAt(session.domain, room, target.nick)?.contact;
}

async function photoOf(
  session: UserSession | undefined,
  contact: ContactId,
  card: ContactCard | undefined,
): Promise<XmlElement | undefined> {
  const avatar = (await avatarOf(session, contact)) ?? card?.avatar;
  return avatar === undefined ? undefined : photoElement(avatar);
}

function cardElement(
  fallback: string,
  card: ContactCard,
  photo: XmlElement | undefined,
): XmlElement {
  const name = card.name ?? card.nick ?? fallback;
  const fields = FIELDS.map(([field, path]) => {
    const value = card[field];
    return typeof value === 'string' && value !== '' ? nested(path, value) : undefined;
  });
  return xml('vCard', NS_VCARD, {}, [nested(['FN'], name), photo, ...fields]);
}

function nested([name = '', ...inner]: readonly string[], text: string): XmlElement {
  const content = inner.length === 0 ? text.slice(0, MAX_TEXT) : nested(inner, text);
  return xml(name, NS_VCARD, {}, [content]);
}

function nameOf(domain: GatewayDomain, { target, language }: Context): string {
  if (target.kind === 'occupant') return target.nick;
  if (target.kind === 'contact') return domain.gateway.addresses.format(target);
  return gatewayNames(language).gateway(domain.name);
}
