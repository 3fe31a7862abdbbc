import { catalogue } from '../../plugin/index.ts';
import { BOT } from '../../session/bot.ts';
import type { GatewayDomain } from '../../session/gateway-domain.ts';

/** What people read of their registrations. */
export const accountTexts = catalogue(
  {
    title: (gateway: string) => `Registration with the ${gateway} gateway`,
    registered: 'You are registered.',
    changed: 'Your registration was changed.',
    unregistered: 'You are no longer registered. Everything that was kept for you is deleted.',
    farewell: 'Unregistered',
    unsent: 'You have unregistered before this was sent.',
    goingDown: 'The gateway is going down',
    refused: 'The network refuses your registration',
    noAddress: 'No address can look like that.',
    notRegistered: 'You are not registered.',
    taken: (key: string) => `Another user has registered ${key}.`,
    underWay: 'Another registration is under way.',
    notSubmitted: 'This is not a submitted form.',
    onlyRemove: 'Nothing else may be asked for together with the removal.',
    noUserName: 'Say whose password is to be changed.',
    registerFirst: 'Register first.',
    moreSteps: ({ domain }: GatewayDomain, isRegistered: boolean) =>
      `${isRegistered ? 'Your registration is as it was' : 'You are not registered yet'}: more is asked than fits into this form. ${BOT}@${domain} has written to you: answer there. Or use the command "Register" (xmpp:${domain}?command;node=jabber:iq:register).`,
    wantsToSee: 'So that the gateway sees when you are online. Please allow it.',
    welcome: (gateway: string, bot: string) =>
      `Welcome to the ${gateway} gateway! Write "help" to ${bot} to see what it can do for you.`,
    links: (change: string, remove: string) =>
      `To change your registration: ${change}\nTo end it: ${remove}`,
    readable: 'Your Jabber server can read what you enter here; the gateway keeps it encrypted.',
  },
  {
    de: {
      title: (gateway) => `Anmeldung beim ${gateway}-Gateway`,
      registered: 'Sie sind angemeldet.',
      changed: 'Ihre Anmeldung wurde geändert.',
      unregistered: 'Sie sind nicht mehr angemeldet. Alles über Sie Gespeicherte ist gelöscht.',
      farewell: 'Abgemeldet',
      unsent: 'Sie haben sich abgemeldet, bevor das gesendet war.',
      goingDown: 'Das Gateway wird beendet',
      refused: 'Das Netz lehnt Ihre Anmeldung ab',
      noAddress: 'So kann keine Adresse aussehen.',
      notRegistered: 'Sie sind nicht angemeldet.',
      taken: (key) => `Ein anderer Benutzer hat ${key} angemeldet.`,
      underWay: 'Eine andere Anmeldung läuft noch.',
      notSubmitted: 'Das ist kein abgesendetes Formular.',
      onlyRemove: 'Zusammen mit der Abmeldung darf nichts anderes verlangt werden.',
      noUserName: 'Sagen Sie, wessen Passwort geändert werden soll.',
      registerFirst: 'Melden Sie sich zuerst an.',
      moreSteps: ({ domain }, isRegistered) =>
        `${isRegistered ? 'Ihre Anmeldung ist, wie sie war' : 'Sie sind noch nicht angemeldet'}: Es wird mehr gefragt, als in dieses Formular passt. ${BOT}@${domain} hat Ihnen geschrieben: Antworten Sie dort. Oder nehmen Sie den Befehl „Anmelden“ (xmpp:${domain}?command;node=jabber:iq:register).`,
      wantsToSee: 'Damit das Gateway sieht, wann Sie online sind. Bitte erlauben Sie es.',
      welcome: (gateway, bot) =>
        `Willkommen beim ${gateway}-Gateway! Schreiben Sie „hilfe“ an ${bot}, um zu sehen, was es für Sie tun kann.`,
      links: (change, remove) =>
        `Ihre Anmeldung ändern: ${change}\nIhre Anmeldung beenden: ${remove}`,
      readable:
        'Ihr Jabber-Server kann lesen, was Sie hier eingeben; das Gateway bewahrt es verschlüsselt auf.',
    },
  },
);
