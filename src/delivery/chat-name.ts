import { contactId, networkId, roomId } from '../plugin/index.ts';
import type { Address } from '../plugin/index.ts';

/** An address as text, for the database. */
export function chatOf({ kind, id }: Address): string {
  return `${kind} ${id}`;
}

/** The inverse of {@link chatOf}. */
export function addressOf(text: string): Address {
  const space = text.indexOf(' ');
  const id = text.slice(space + 1);
  switch (text.slice(0, space)) {
    case 'room':
      return { kind: 'room', id: roomId(id) };
    case 'network':
      return { kind: 'network', id: networkId(id) };
    default:
      return { kind: 'contact', id: contactId(id) };
  }
}
