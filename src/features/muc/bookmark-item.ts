import type { Surroundings } from '../../router/surroundings.ts';
import { childOf, childrenOf, elementsOf, textOf, xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { dataFormElement } from '../../xmpp/data-form.ts';
import type { FormField } from '../../xmpp/data-form.ts';
import type { Jid } from '../../xmpp/jid.ts';
import { NS_BOOKMARKS, NS_PUBLISH_OPTIONS, NS_PUBSUB } from '../../xmpp/namespaces.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';
import { askAs } from '../privilege.ts';

/** One bookmark of a user: the JID of its room, and the `conference` element. */
export interface Bookmark {
  readonly room: string;
  readonly conference: XmlElement;
}

/** Stands among the extensions, which all clients keep, of what the gateway has made. */
const NS_OURS = 'causeway:bookmark';

/** XEP-0402 §3.3: a node that others can read is no place for bookmarks. */
const OPTIONS: readonly FormField[] = [
  { name: 'pubsub#persist_items', type: 'boolean', values: ['true'] },
  { name: 'pubsub#max_items', type: 'text-single', values: ['max'] },
  { name: 'pubsub#send_last_published_item', type: 'list-single', values: ['never'] },
  { name: 'pubsub#access_model', type: 'list-single', values: ['whitelist'] },
];

/**
 * A bookmark that brings all clients into the room. It has no name: that is what the user calls the room, and not to be
 * made up (XEP-0402 §2). It has no password either: the node is not meant for secrets.
 */
export function newBookmark(nick: string): XmlElement {
  return xml('conference', NS_BOOKMARKS, { autojoin: 'true' }, [
    nickElement(nick),
    xml('extensions', NS_BOOKMARKS, {}, [xml('made-by-gateway', NS_OURS)]),
  ]);
}

/**
 * A bookmark with what it lacks: a nick, or the present one where nobody but us has chosen the old one. All else stays as
 * it is, understood or not (XEP-0402 §3.4), but for attributes with a prefix, which our parser leaves out. `undefined` when
 * nothing is to be changed.
 */
export function completed(conference: XmlElement, nick: string): XmlElement | undefined {
  const known = childOf(conference, 'nick', NS_BOOKMARKS);
  const isFitting = known !== undefined && (!isUntouched(conference) || textOf(known) === nick);
  if (isFitting) return undefined;
  const rest = conference.children.filter((node) => node !== known);
  return { ...conference, children: [nickElement(nick), ...rest] };
}

export function isAutojoin({ attributes }: XmlElement): boolean {
  return attributes['autojoin'] === 'true' || attributes['autojoin'] === '1';
}

/** The gateway has made it, and the user has not changed it since. */
export function isUntouched(conference: XmlElement): boolean {
  const extensions = childOf(conference, 'extensions', NS_BOOKMARKS);
  const ours = extensions === undefined ? [] : elementsOf(extensions);
  return (
    isAutojoin(conference) &&
    Object.keys(conference.attributes).length === 1 &&
    elementsOf(conference).every(({ name }) => name === 'nick' || name === 'extensions') &&
    ours.length === 1 &&
    ours[0]?.namespace === NS_OURS
  );
}

/** The user's bookmark of a room. @throws StanzaError */
export async function readBookmark(
  surroundings: Surroundings,
  user: Jid,
  room: string,
): Promise<XmlElement | undefined> {
  const items = await read(surroundings, user, [xml('item', NS_PUBSUB, { id: room })]);
  return items.find((item) => item.room === room)?.conference;
}

/** All bookmarks of a user. @throws StanzaError */
export function readBookmarks(surroundings: Surroundings, user: Jid): Promise<Bookmark[]> {
  return read(surroundings, user, []);
}

/** XEP-0402 §3.3-3.4. @throws StanzaError */
export async function publishBookmark(
  surroundings: Surroundings,
  user: Jid,
  { room, conference }: Bookmark,
): Promise<void> {
  const item = xml('item', NS_PUBSUB, { id: room }, [conference]);
  const form = dataFormElement({ type: 'submit', formType: NS_PUBLISH_OPTIONS, fields: OPTIONS });
  const payload = xml('pubsub', NS_PUBSUB, {}, [
    xml('publish', NS_PUBSUB, { node: NS_BOOKMARKS }, [item]),
    xml('publish-options', NS_PUBSUB, {}, [form]),
  ]);
  await askAs(surroundings, user, { type: 'set', payload });
}

/** XEP-0402 §3.5: clients leave the room, too. @throws StanzaError */
export async function removeBookmark(
  surroundings: Surroundings,
  user: Jid,
  room: string,
): Promise<void> {
  const item = xml('item', NS_PUBSUB, { id: room });
  const payload = xml('pubsub', NS_PUBSUB, {}, [
    xml('retract', NS_PUBSUB, { node: NS_BOOKMARKS, notify: 'true' }, [item]),
  ]);
  await askAs(surroundings, user, { type: 'set', payload });
}

async function read(
  surroundings: Surroundings,
  user: Jid,
  wanted: readonly XmlElement[],
): Promise<Bookmark[]> {
  const payload = xml('pubsub', NS_PUBSUB, {}, [
    xml('items', NS_PUBSUB, { node: NS_BOOKMARKS }, wanted),
  ]);
  try {
    const answer = await askAs(surroundings, user, { type: 'get', payload });
    const items = answer === undefined ? undefined : childOf(answer, 'items', NS_PUBSUB);
    if (items === undefined) throw new StanzaError('undefined-condition', 'No items were told.');
    return childrenOf(items, 'item', NS_PUBSUB).flatMap(bookmarksIn);
  } catch (error) {
    // There is no such item, or she has had no bookmarks until now.
    if (error instanceof StanzaError && error.condition === 'item-not-found') return [];
    throw error;
  }
}

function bookmarksIn(item: XmlElement): Bookmark[] {
  const { id } = item.attributes;
  const conference = childOf(item, 'conference', NS_BOOKMARKS);
  return id === undefined || conference === undefined ? [] : [{ room: id, conference }];
}

function nickElement(nick: string): XmlElement {
  return xml('nick', NS_BOOKMARKS, {}, [nick]);
}
