import { catalogue } from '../plugin/index.ts';

/** What people read about messages. */
export const messageTexts = catalogue(
  {
    notInRoom: 'You are not in this room.',
    notPresent: (nick: string) => `${nick} is not in this room.`,
    tooManyRooms: 'You are in as many rooms as this gateway allows.',
    tooManyResources: 'As many of your clients are here as this gateway allows.',
    tooLong: (most: number) => `Messages may have ${most} characters at most.`,
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
    unknownMessage:
      'The gateway cannot tell the network which message is meant: it is too old, or the network has no names for messages.',
    notYours: 'Somebody else wrote that message.',
    tooMany: 'Too many of your messages wait to be sent. Try again later.',
    notStored: 'The gateway cannot store messages now. Try again later.',
    expired: 'Your message could not be delivered in time, and is not tried any longer.',
    defect: 'The gateway failed to deliver your message.',
    refused: (name: string, why: string) => `Not delivered to ${name}: ${why}`,
    noRecipients: 'On this network a message has one recipient.',
    noReceiver: 'Say to whom your message goes: name somebody who is not hidden from the others.',
    strangeRecipient: (address: string) => `${address} is no address on this network.`,
    tooManyFiles: (limit: number) => `On this network a message has at most ${limit} files.`,
    tooLargeFile: (name: string, limit: string) =>
      `${name} is too large for this network: it takes at most ${limit}.`,
    file: (name: string, about: string) => `[File that cannot be shown here: ${name}, ${about}]`,
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
      tooManyRooms: 'Sie sind in so vielen Räumen, wie dieses Gateway erlaubt.',
      tooManyResources: 'Es sind so viele Ihrer Programme hier, wie dieses Gateway erlaubt.',
      tooLong: (most) => `Nachrichten dürfen höchstens ${most} Zeichen haben.`,
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
      unknownMessage:
        'Das Gateway kann dem Netz nicht sagen, welche Nachricht gemeint ist: Sie ist zu alt, oder das Netz hat keine Namen für Nachrichten.',
      notYours: 'Diese Nachricht hat jemand anders geschrieben.',
      tooMany:
        'Zu viele Ihrer Nachrichten warten darauf, gesendet zu werden. Versuchen Sie es später noch einmal.',
      notStored:
        'Das Gateway kann gerade keine Nachrichten speichern. Versuchen Sie es später noch einmal.',
      expired:
        'Ihre Nachricht konnte nicht rechtzeitig zugestellt werden und wird nicht weiter versucht.',
      defect: 'Das Gateway konnte Ihre Nachricht nicht zustellen.',
      refused: (name, why) => `Nicht zugestellt an ${name}: ${why}`,
      noRecipients: 'In diesem Netz hat eine Nachricht einen Empfänger.',
      noReceiver:
        'Sagen Sie, an wen Ihre Nachricht geht: Nennen Sie jemanden, der vor den anderen nicht verborgen ist.',
      strangeRecipient: (address) => `${address} ist keine Adresse in diesem Netz.`,
      tooManyFiles: (limit) => `In diesem Netz hat eine Nachricht höchstens ${limit} Dateien.`,
      tooLargeFile: (name, limit) =>
        `${name} ist zu groß für dieses Netz: es nimmt höchstens ${limit} an.`,
      file: (name, about) => `[Datei, die hier nicht gezeigt werden kann: ${name}, ${about}]`,
      retracted: 'Eine Nachricht wurde zurückgenommen.',
      moderated: (reason) =>
        reason === undefined
          ? 'Eine Nachricht wurde von einem Moderator entfernt.'
          : `Eine Nachricht wurde von einem Moderator entfernt: ${reason}`,
    },
  },
);
