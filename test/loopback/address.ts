import { catalogue, contactId, networkId, roomId } from 'causeway/plugin';
import type { Address, AddressBook, Language } from 'causeway/plugin';

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._~+-]{0,63}$/u;

const texts = catalogue(
  { prompt: 'Name', description: 'Write a name for a person and #room for a room.' },
  {
    de: { prompt: 'Name', description: 'Ein Name steht für einen Menschen, #raum für einen Raum.' },
  },
);

/** Names are equal whatever their case. `undefined` for what cannot be a name. */
export function nameOf(text: string): string | undefined {
  const name = text.normalize('NFKC').toLowerCase();
  return NAME.test(name) && name.normalize('NFKC').toLowerCase() === name ? name : undefined;
}

/** The part of an id before the network, and the network; '' is the one that is always there. */
export function placeOf(id: string): { readonly name: string; readonly network: string } {
  const at = id.lastIndexOf('%');
  return at < 0 ? { name: id, network: '' } : { name: id.slice(0, at), network: id.slice(at + 1) };
}

export const idText = (name: string, network: string): string =>
  network === '' ? name : `${name}%${network}`;

/** `name` and `#room` on the network that is always there, `name%moon` and `#room%moon` on another, `%moon` that one itself. */
export function createAddressBook(networks: readonly string[]): AddressBook {
  const known = new Set(networks);
  return {
    prompt: (language: Language) => texts(language).prompt,
    description: (language: Language) => texts(language).description,
    parse: (text) => parse(text, known),
    typed: (text) => parse(text.trim().replace(/\s+(?:on|at|auf)\s+/i, '%'), known),
    format: (address) => (address.kind === 'network' ? `%${address.id}` : address.id),
  };
}

function parse(text: string, networks: ReadonlySet<string>): Address | undefined {
  if (text.length > 200) return undefined;
  const { name, network } = placeOf(text);
  const place = network.toLowerCase();
  if (text.includes('%') && !networks.has(place)) return undefined;
  if (text.startsWith('%'))
    return name === '' ? { kind: 'network', id: networkId(place) } : undefined;
  const isRoom = name.startsWith('#');
  const folded = nameOf(isRoom ? name.slice(1) : name);
  if (folded === undefined) return undefined;
  return isRoom
    ? { kind: 'room', id: roomId(idText(`#${folded}`, place)) }
    : { kind: 'contact', id: contactId(idText(folded, place)) };
}
