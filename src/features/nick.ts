import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_NICK } from '../xmpp/namespaces.ts';

/** XEP-0172 §4.2: how somebody who asks for a subscription calls herself. */
export function nickElement(name: string | undefined): XmlElement | undefined {
  return name === undefined || name === '' ? undefined : xml('nick', NS_NICK, {}, [name]);
}
