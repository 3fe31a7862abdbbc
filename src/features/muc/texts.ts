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
  onlyContacts: 'Only people on the network, and users of this gateway, can be invited.',
  notOwner: 'Only those who run this room may see and change its settings.',
  notMyself: 'You cannot ban yourself.',
  noInviter: 'Nobody who is in the room has invited you.',
  noDecline: 'The network does not tell people that their invitations were declined.',
  wereLost: 'Messages were lost while the Jabber server was away',
  notDestroyable: 'A room of the network cannot be destroyed from here.',
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
    onlyContacts: 'Einladen kann man nur Menschen in diesem Netz und Benutzer dieses Gateways.',
    notOwner: 'Die Einstellungen dieses Raums sehen und ändern nur die, die ihn leiten.',
    notMyself: 'Sich selbst kann man nicht verbannen.',
    noInviter: 'Niemand, der im Raum ist, hat Sie eingeladen.',
    noDecline: 'Das Netz sagt niemandem, dass eine Einladung abgelehnt wurde.',
    wereLost: 'Während der Jabber-Server weg war, gingen Nachrichten verloren',
    notDestroyable: 'Einen Raum des Netzes kann man von hier aus nicht auflösen.',
    notConfigurable: 'Die Einstellungen dieses Raums sind Sache seines Netzes, nicht des Gateways.',
  },
});
