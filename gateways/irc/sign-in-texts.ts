import { catalogue } from '../../src/plugin/index.ts';

/** What is asked at the registration, and when somebody is to be added. */
export const signInTexts = catalogue(
  {
    instructions: 'Choose the nick that you want to have on IRC.',
    nick: 'Nick',
    realName: 'Real name, which others can see',
    password: 'Password of your account (NickServ), if you have one',
    server: 'Server that the password is for',
    account: 'Name of the account, if it is not the nick',
    serverPassword: 'Password of the server itself, if it has one',
    badNick:
      'This cannot be a nick: it must not hold spaces or signs like ! @ , : and must not begin with #.',
    whichServer: 'Say which server the password is for.',
    unknownServer: 'Choose one of the known servers.',
    prompt: 'Nick and server, as in nick%irc.example.org',
    description: 'Write nick%server for a person and #channel%server for a channel.',
    known: (servers: string) => `Known servers: ${servers}.`,
  },
  {
    de: {
      instructions: 'Wählen Sie den Nick, den Sie im IRC haben wollen.',
      nick: 'Nick',
      realName: 'Klarname, den andere sehen können',
      password: 'Passwort Ihres Kontos (NickServ), wenn Sie eines haben',
      server: 'Server, für den das Passwort ist',
      account: 'Name des Kontos, wenn er nicht der Nick ist',
      serverPassword: 'Passwort des Servers selbst, wenn er eines hat',
      badNick:
        'Das kann kein Nick sein: Er darf weder Leerzeichen noch Zeichen wie ! @ , : enthalten und nicht mit # beginnen.',
      whichServer: 'Sagen Sie, für welchen Server das Passwort ist.',
      unknownServer: 'Wählen Sie einen der bekannten Server.',
      prompt: 'Nick und Server, zum Beispiel nick%irc.example.org',
      description: 'Schreiben Sie nick%server für eine Person und #kanal%server für einen Kanal.',
      known: (servers) => `Bekannte Server: ${servers}.`,
    },
  },
);
export type SignInTexts = ReturnType<typeof signInTexts>;
