/** What `seed.ts` puts into a database. */
export const GATEWAY = 'email.localhost';
export const ALICE = 'alice@localhost';
export const PLACE = { gateway: GATEWAY, user: ALICE };
export const ROOM = { ...PLACE, room: '#a' };
export const CONTENT = 'A message on its way';
export const SAID = { at: 1_000, nick: 'bob', occupantId: 'o', messageId: 'm', networkId: 'n' };
/** Every language puts them in an order of its own. */
export const NAMES = ['user', 'zoë', 'Ärger', 'a_b', 'a-b', 'aB', '😀'];
