import { createHash } from 'node:crypto';
import type { Avatar, ContactId } from '../plugin/index.ts';
import type { Feature } from '../router/feature.ts';
import type { Output } from '../session/mailbox.ts';
import type { Sessions } from '../session/sessions.ts';
import type { UserSession } from '../session/user-session.ts';
import type { StoredAvatar } from '../store/contacts.ts';
import { childOf, xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import {
  NS_AVATAR_DATA,
  NS_AVATAR_METADATA,
  NS_PUBSUB,
  NS_VCARD,
  NS_VCARD_UPDATE,
} from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';

/** In base64 it has to fit into a stanza of 60 KiB: some servers take no larger ones. */
const MAX_BYTES = 44_000;
const TYPE = /^image\/[a-z0-9.+-]{1,40}$/;

/** XEP-0153 §4.1: in every presence of a contact; the picture itself is in its card. */
export function avatarUpdate(hash: string | undefined): XmlElement {
  const photo = xml('photo', NS_VCARD_UPDATE, {}, hash === undefined ? [] : [hash]);
  return xml('x', NS_VCARD_UPDATE, {}, [photo]);
}

/** XEP-0153 §3.2, XEP-0054. */
export function photoElement({ type, data }: Avatar): XmlElement | undefined {
  if (!isFit({ type, data })) return undefined;
  return xml('PHOTO', NS_VCARD, {}, [
    xml('TYPE', NS_VCARD, {}, [type]),
    xml('BINVAL', NS_VCARD, {}, [Buffer.from(data).toString('base64')]),
  ]);
}

/** Keeps the picture of a contact, or that it has none; `shown` says what the user is to be told of a change. */
export async function takeAvatar(
  session: UserSession,
  contact: ContactId,
  avatar: Avatar | 'none',
  shown: () => Output,
): Promise<Output> {
  const { store, domain } = session.domain;
  const place = { gateway: domain, user: session.user.bare, contact };
  const known = session.contacts.get(contact)?.avatarHash;
  if (avatar === 'none' || !isFit(avatar)) {
    if (known === undefined) return undefined;
    await store.contacts.removeAvatar(domain, session.user.bare, contact);
    session.contacts.change(contact, { avatarHash: undefined });
  } else {
    const hash = createHash('sha1').update(avatar.data).digest('hex');
    if (hash === known) return undefined;
    await store.contacts.saveAvatar(place, { hash, type: avatar.type, data: avatar.data });
    session.contacts.change(contact, { avatarHash: hash });
  }
  await session.contacts.save();
  return shown();
}

/** The picture of a contact as this user knows it. */
export async function avatarOf(
  session: UserSession | undefined,
  contact: ContactId,
): Promise<StoredAvatar | undefined> {
  if (session?.contacts.get(contact)?.avatarHash === undefined) return undefined;
  const { store, domain } = session.domain;
  return store.contacts.avatar(domain, session.user.bare, contact);
}

/** XEP-0084 §3: contacts answer as if they had published their pictures. Nothing else is published here (XEP-0060). */
export function avatars(sessions: Sessions): Feature {
  return {
    routes: [
      {
        stanza: 'iq',
        type: 'get',
        payload: { name: 'pubsub', namespace: NS_PUBSUB },
        targets: ['contact'],
        handle: async ({ target, from }, query) => {
          const items = childOf(query, 'items', NS_PUBSUB);
          const node = items?.attributes['node'];
          const answer = ANSWERS[node ?? ''];
          if (target.kind !== 'contact' || items === undefined || answer === undefined) {
            throw new StanzaError('item-not-found');
          }
          const avatar = await avatarOf(sessions.find(from), target.id);
          if (avatar === undefined || !isWanted(items, avatar.hash)) {
            throw new StanzaError('item-not-found');
          }
          const item = xml('item', NS_PUBSUB, { id: avatar.hash }, [answer(avatar)]);
          return {
            payload: xml('pubsub', NS_PUBSUB, {}, [xml('items', NS_PUBSUB, { node }, [item])]),
          };
        },
      },
    ],
  };
}

const ANSWERS: Readonly<Record<string, (avatar: StoredAvatar) => XmlElement>> = {
  [NS_AVATAR_METADATA]: ({ hash, type, data }) =>
    xml('metadata', NS_AVATAR_METADATA, {}, [
      xml('info', NS_AVATAR_METADATA, { id: hash, type, bytes: String(data.byteLength) }),
    ]),
  [NS_AVATAR_DATA]: ({ data }) =>
    xml('data', NS_AVATAR_DATA, {}, [Buffer.from(data).toString('base64')]),
};

function isWanted(items: XmlElement, hash: string): boolean {
  const item = childOf(items, 'item', NS_PUBSUB);
  return item === undefined || item.attributes['id'] === hash;
}

function isFit({ type, data }: Avatar): boolean {
  return data.byteLength > 0 && data.byteLength <= MAX_BYTES && TYPE.test(type);
}
