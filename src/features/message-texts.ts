import { catalogue } from '../plugin/index.ts';

/** What people read about messages. */
export const messageTexts = catalogue(
  {
    notInRoom: 'You are not in this room.',
    notPresent: (nick: string) => `${nick} is not in this room.`,
    onlyRooms: 'Only a room takes messages of this type.',
    noSubject: 'On this network the subject of a room cannot be changed.',
    subject: (subject: string) => `Subject: ${subject}`,
    correction: (text: string) => `Correction: ${text}`,
    elsewhere: (text: string) => `(Written by you with another program) ${text}`,
    encrypted: (how: string) =>
      `This network cannot carry messages that are encrypted with ${how}. Your message was not sent. Switch encryption off for this chat, then send it again.`,
    noRetraction: 'On this network messages cannot be taken back.',
    noModeration: 'On this network the messages of others cannot be taken back.',
    noReactions: 'On this network one cannot react to messages.',
    unknownMessage: 'The gateway no longer knows which message is meant.',
    notYours: 'Somebody else wrote that message.',
    retracted: 'A message was taken back.',
    moderated: (reason: string | undefined) =>
      reason === undefined
        ? 'A message was removed by a moderator.'
        : `A message was removed by a moderator: ${reason}`,
  },
  {
    de: {
      notInRoom: 'Sie sind nicht in diesem Raum.',
      notPresent: (nick) => `${nick} ist nicht in diesem Raum.`,
      onlyRooms: 'Nachrichten dieser Art nimmt nur ein Raum an.',
      noSubject: 'In diesem Netz lässt sich das Thema eines Raumes nicht ändern.',
      subject: (subject) => `Betreff: ${subject}`,
      correction: (text) => `Korrektur: ${text}`,
      elsewhere: (text) => `(Von Ihnen mit einem anderen Programm geschrieben) ${text}`,
      encrypted: (how) =>
        `Dieses Netz kann keine Nachrichten übertragen, die mit ${how} verschlüsselt sind. Ihre Nachricht wurde nicht gesendet. Schalten Sie die Verschlüsselung für diesen Chat aus und senden Sie sie noch einmal.`,
      noRetraction: 'In diesem Netz lassen sich Nachrichten nicht zurücknehmen.',
      noModeration: 'In diesem Netz lassen sich Nachrichten anderer nicht zurücknehmen.',
      noReactions: 'In diesem Netz kann man auf Nachrichten nicht reagieren.',
      unknownMessage: 'Das Gateway weiß nicht mehr, welche Nachricht gemeint ist.',
      notYours: 'Diese Nachricht hat jemand anders geschrieben.',
      retracted: 'Eine Nachricht wurde zurückgenommen.',
      moderated: (reason) =>
        reason === undefined
          ? 'Eine Nachricht wurde von einem Moderator entfernt.'
          : `Eine Nachricht wurde von einem Moderator entfernt: ${reason}`,
    },
  },
);
