import type {
  Account,
  Gateway,
  GatewayContext,
  GatewayPlugin,
  Host,
  Session,
} from '../../src/plugin/index.ts';
import { placeOf, providerOf, registrationOf, textIn } from './account.ts';
import type { Place } from './account.ts';
import { addressBook } from './address.ts';
import { commandsFor } from './commands/index.ts';
import type { Credentials } from './credentials.ts';
import { Mailbox } from './mailbox.ts';
import { nameService } from './name-service.ts';
import { NoSession } from './no-session.ts';
import { diagnose } from './diagnose.ts';
import { emailOptions } from './options.ts';
import type { EmailOptions } from './options.ts';
import { OwnDomain } from './own-domain/own-domain.ts';
import { EmailSession } from './session.ts';
import type { SessionTools, Side } from './session.ts';
import { sourcesOf } from './sign-in/discovery.ts';
import { Consents, oauthClient, TokenSource } from './sign-in/oauth.ts';
import { signIn } from './sign-in/sign-in.ts';
import { Mailer } from './smtp/mailer.ts';
import { texts } from './texts.ts';
import { welcomeBack } from './welcome-back.ts';

/** E-mail: mailboxes of users elsewhere (IMAP and SMTP), and a mail domain of the gateway itself. */
export const gateway: GatewayPlugin<EmailOptions> = {
  type: 'smtp',
  name: 'E-mail',
  options: emailOptions,
  create: createEmail,
};

function createEmail(options: EmailOptions, context: GatewayContext): Gateway {
  const { publicUrl } = context;
  if (!options.ownMailboxes && options.ownDomain === undefined) {
    throw new Error('without ownMailboxes and ownDomain there is nothing that users could have');
  }
  const asking = options.providers.filter(({ oauth }) => oauth !== undefined);
  for (const { oauth } of asking) if (oauth !== undefined) oauthClient(oauth);
  if (asking.length > 0 && publicUrl === undefined) {
    throw new Error('oauth needs http.publicUrl, where providers send users back to');
  }
  const consents =
    publicUrl === undefined ? undefined : new Consents(`${publicUrl}/oauth/${context.domain}`);
  const names = nameService(options);
  const domain =
    options.ownDomain === undefined
      ? undefined
      : new OwnDomain(options.ownDomain, { all: options, names }, context);
  return {
    registration: 'required',
    dataPolicy: { seesPasswords: options.ownMailboxes },
    addresses: addressBook,
    features: [
      'mark',
      'changeContact',
      'lookup',
      'reply',
      'thread',
      'subject',
      'receipts',
      'files',
      'also',
    ],
    networks: [],
    commands: commandsFor(domain, options, names),
    delivery: 'stored',
    isAlwaysOn: true,
    limits: { fileBytes: options.limits.outboundBytes },
    signIn: (known, signal, language, user) =>
      signIn(known, signal, {
        options,
        user,
        consents,
        sources: sourcesOf(names),
        texts: texts(language),
        isTaken: async (name) => (await domain?.isGivenAway(name, user)) ?? false,
      }),
    open: (account, host) => openSession(account, host, { options, domain }),
    keys: (account) => {
      const address = registrationOf(account, options)?.address;
      return address === undefined ? [] : [address];
    },
    web: async (request) => welcomeBack(request, consents),
    diagnose: (examination) => diagnose({ options, names, memory: context.memory }, examination),
    ...(domain === undefined ? {} : { start: () => domain.start(), close: () => domain.close() }),
  };
}

interface Parts {
  readonly options: EmailOptions;
  readonly domain: OwnDomain | undefined;
}

function openSession(account: Account | undefined, host: Host, parts: Parts): Session {
  const { domain, options } = parts;
  const registration = account === undefined ? undefined : registrationOf(account, options);
  if (account === undefined || registration === undefined) return new NoSession(host);
  if (registration.kind === 'name') {
    if (domain === undefined) return new NoSession(host);
    const side = (): Side => nameSide(registration.address, domain);
    return new EmailSession(account, registration, { host, options, side });
  }
  const place = placeOf(account, options);
  if (place === undefined) return new NoSession(host);
  const side = (tools: SessionTools): Side =>
    mailboxSide(account, { address: registration.address, host, options, place, tools });
  return new EmailSession(account, registration, { host, options, side });
}

const nameSide = (address: string, domain: OwnDomain): Side => ({
  mailer: domain.mailer(),
  isFiling: false,
  returnPath: (id) => domain.returnPath(address, id),
  open: (session, signal) => domain.add(session, signal),
});

interface MailboxSide {
  readonly address: string;
  readonly host: Host;
  readonly options: EmailOptions;
  readonly place: Place;
  readonly tools: SessionTools;
}

function mailboxSide(account: Account, parts: MailboxSide): Side {
  const { address, host, options, place, tools } = parts;
  const credentials = credentialsOf(account, parts);
  return {
    mailer: new Mailer({
      server: place.smtp,
      credentials,
      timings: options.timings,
      connections: options.limits.connections,
    }),
    mailbox: new Mailbox({
      address,
      start: textIn(account, 'start'),
      place,
      credentials,
      options,
      host,
      incoming: tools.incoming,
      preferences: tools.preferences,
      texts: tools.texts,
    }),
    isFiling: !place.filesSent,
    returnPath: () => address,
    open: () => undefined,
  };
}

function credentialsOf(account: Account, parts: MailboxSide): Credentials {
  const { address, host, options, place, tools } = parts;
  const oauth = providerOf(address, options)?.oauth;
  const refreshToken = textIn(account, 'refresh_token');
  if (oauth !== undefined && refreshToken !== '') {
    const source = new TokenSource(oauthClient(oauth), refreshToken, {
      memory: host.memory,
      texts: tools.texts,
    });
    return { kind: 'token', user: place.userName, token: (signal) => source.token(signal) };
  }
  return { kind: 'password', user: place.userName, password: textIn(account, 'password') };
}
