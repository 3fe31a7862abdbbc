import { element } from './jabber-standin-stanza.ts';
import type { XmlNode } from './xml-tree.ts';

export const ROSTER = 'jabber:iq:roster';

export interface RosterItem {
  readonly jid: string;
  readonly name: string | undefined;
  readonly groups: readonly string[];
  readonly to: boolean;
  readonly from: boolean;
  readonly ask: boolean;
}

/** RFC 6121 §2 and appendix A: the contacts of one account and the requests it has not answered. */
export class Roster {
  readonly #items = new Map<string, RosterItem>();
  /** Subscription requests received and not answered, by the bare JID of the asker. */
  readonly pendingIn = new Map<string, XmlNode>();

  get items(): readonly RosterItem[] {
    return [...this.#items.values()];
  }

  get(jid: string): RosterItem | undefined {
    return this.#items.get(jid);
  }

  update(jid: string, change: Partial<Omit<RosterItem, 'jid'>>): RosterItem {
    const blank = { jid, name: undefined, groups: [], to: false, from: false, ask: false };
    const item = { ...(this.#items.get(jid) ?? blank), ...change };
    this.#items.set(jid, item);
    return item;
  }

  remove(jid: string): RosterItem | undefined {
    const item = this.#items.get(jid);
    this.#items.delete(jid);
    return item;
  }
}

export function rosterItemXml(item: RosterItem): XmlNode {
  const groups = item.groups.map((group) => element('group', ROSTER, {}, [group]));
  const ask = item.ask ? 'subscribe' : undefined;
  const attributes = { jid: item.jid, name: item.name, subscription: subscriptionOf(item), ask };
  return element('item', ROSTER, attributes, groups);
}

function subscriptionOf({ to, from }: RosterItem): string {
  if (to && from) return 'both';
  if (to) return 'to';
  return from ? 'from' : 'none';
}
