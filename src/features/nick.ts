import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_NICK } from '../xmpp/namespaces.ts';

/** XEP-0172 §4.2-4.3: how somebody who asks for a subscription, or writes to a stranger, calls herself. */
export function nickElement(name: string | undefined): XmlElement | undefined {
  return name === undefined || name === '' ? undefined : xml('nick', NS_NICK, {}, [name]);
}
