import { catalogue } from '../../plugin/index.ts';

/** What people read in the commands that every gateway has. */
export const userTexts = catalogue(
  {
    register: { name: 'Register, or change the registration', word: 'register' },
    unregister: { name: 'End the registration', word: 'unregister' },
    status: { name: 'Show how I am connected', word: 'status' },
    reconnect: { name: 'Connect anew', word: 'reconnect' },
    reallyUnregister:
      'This ends your registration and deletes everything that is kept for you: settings, contacts, history. Do you want that?',
    yes: 'Yes, end it',
    stays: 'You are still registered.',
    reconnecting: 'Connecting anew.',
    nothingToConnect: 'There is nothing to connect: you are neither registered nor in a room.',
    registration: 'Registered',
    connection: 'Connection',
    connected: 'there is one',
    notConnected: 'there is none',
    networks: 'Connected to',
    rooms: 'Rooms you are in',
    contacts: 'Contacts',
    isYes: 'yes',
    isNo: 'no',
  },
  {
    de: {
      register: { name: 'Anmelden oder die Anmeldung ändern', word: 'anmelden' },
      unregister: { name: 'Abmelden', word: 'abmelden' },
      status: { name: 'Zeigen, wie ich verbunden bin', word: 'zustand' },
      reconnect: { name: 'Neu verbinden', word: 'verbinden' },
      reallyUnregister:
        'Damit endet Ihre Anmeldung, und alles über Sie Gespeicherte wird gelöscht: Einstellungen, Kontakte, Verlauf. Wollen Sie das?',
      yes: 'Ja, abmelden',
      stays: 'Sie sind weiterhin angemeldet.',
      reconnecting: 'Die Verbindung wird neu aufgebaut.',
      nothingToConnect:
        'Es gibt nichts zu verbinden: Sie sind weder angemeldet noch in einem Raum.',
      registration: 'Angemeldet',
      connection: 'Verbindung',
      connected: 'besteht',
      notConnected: 'besteht nicht',
      networks: 'Verbunden mit',
      rooms: 'Räume, in denen Sie sind',
      contacts: 'Kontakte',
      isYes: 'ja',
      isNo: 'nein',
    },
  },
);
