import { catalogue } from '../plugin/index.ts';

/** What people read in the presence of the gateway and of contacts. */
export const presenceTexts = catalogue(
  {
    away: (reason: string) => `The network cannot be reached: ${reason}`,
    signIn: (reason: string) => `Please register again: ${reason}`,
    asks: (name: string) => `${name} asks to see when you are there.`,
    refused: 'The network refuses this contact.',
    invited: (room: string) => `You are invited to ${room}.`,
    invitedBy: (room: string, by: string) => `${by} invites you to ${room}.`,
  },
  {
    de: {
      away: (reason) => `Das Netz ist nicht erreichbar: ${reason}`,
      signIn: (reason) => `Bitte registrieren Sie sich neu: ${reason}`,
      asks: (name) => `${name} möchte sehen, wann Sie da sind.`,
      refused: 'Das Netz lehnt diesen Kontakt ab.',
      invited: (room) => `Sie sind nach ${room} eingeladen.`,
      invitedBy: (room, by) => `${by} lädt Sie nach ${room} ein.`,
    },
  },
);
