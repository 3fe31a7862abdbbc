import { xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_DELAY } from './namespaces.ts';

/** XEP-0203. @param from is who held the stanza back. */
export function delayElement(at: Date, from: string): XmlElement {
  return xml('delay', NS_DELAY, { from, stamp: at.toISOString() });
}
