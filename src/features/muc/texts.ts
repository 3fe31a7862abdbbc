import { catalogue } from '../../plugin/index.ts';

const english = {
  notInRoom: 'You are not in this room.',
  noNick: 'Say under which nick you want to come in.',
  noReturn: 'The room could not be entered again.',
  back: 'Back in the room.',
  putIn: 'The network has put you into this room.',
  returning: (reason: string) => `Connection lost, trying to come back: ${reason}`,
  nobodyInvited: 'Nobody can be invited here.',
  onlyOwnRooms: 'People on the network can be invited into its own rooms only.',
  onlyContacts: 'Only people on the network can be invited.',
  wereLost: 'Messages were lost while the Jabber server was away',
  notConfigurable: 'The settings of this room are a matter of its network, not of the gateway.',
};

/** What people read of rooms. */
export const texts = catalogue(english, {
  de: {
    notInRoom: 'Sie sind nicht in diesem Raum.',
    noNick: 'Sagen Sie, unter welchem Namen Sie hereinkommen wollen.',
    noReturn: 'Der Raum konnte nicht wieder betreten werden.',
    back: 'Wieder im Raum.',
    putIn: 'Das Netz hat Sie in diesen Raum gesetzt.',
    returning: (reason) => `Die Verbindung ist abgerissen, Rückkehr wird versucht: ${reason}`,
    nobodyInvited: 'Hierhin kann man niemanden einladen.',
    onlyOwnRooms: 'Menschen im Netz kann man nur in dessen eigene Räume einladen.',
    onlyContacts: 'Einladen kann man nur Menschen in diesem Netz.',
    wereLost: 'Während der Jabber-Server weg war, gingen Nachrichten verloren',
    notConfigurable: 'Die Einstellungen dieses Raums sind Sache seines Netzes, nicht des Gateways.',
  },
});
