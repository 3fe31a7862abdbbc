import type { DKIMOptions } from 'nodemailer';
import type { ContactId, GatewayContext, Host } from '../../../src/plugin/index.ts';
import { domainPart, localPart, mailAddress } from '../mail-address.ts';
import type { NameService } from '../name-service.ts';
import type { EmailOptions, OwnDomainOptions, Server } from '../options.ts';
import { readMail } from '../reading/read-mail.ts';
import type { Reading } from '../reading/reading.ts';
import type { SentMail } from '../sent-mails.ts';
import type { EmailSession } from '../session.ts';
import { Mailer } from '../smtp/mailer.ts';
import { texts } from '../texts.ts';
import { isOurs } from '../writing/message-ids.ts';
import { Aliases } from './aliases.ts';
import { dnsRecords, signingKey } from './dkim.ts';
import type { SigningKey } from './dkim.ts';
import { LastOwners } from './last-owners.ts';
import { MailServer, SmtpRefusal } from './mail-server.ts';
import type { HandedIn } from './mail-server.ts';
import { readReturnPath, returnPathFor } from './return-path.ts';
import { verdictOn } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** RFC 5321 §6.3: more servers than that on its way, and it goes round in a circle. */
const MAX_HOPS = 30;

const NOBODY = new SmtpRefusal(550, '5.1.1 Nobody here has this address');
const LATER = new SmtpRefusal(451, '4.3.0 Not now, please try again');

/** Whom an address at our domain stands for. */
interface Recipient {
  readonly address: string;
  readonly session: EmailSession;
  /** It is the return path of this mail. */
  readonly about?: SentMail;
}

/** The mail domain of the gateway: its server, its addresses, its key. */
export class OwnDomain {
  readonly aliases: Aliases;
  readonly #options: OwnDomainOptions;
  readonly #all: EmailOptions;
  readonly #names: NameService;
  readonly #context: GatewayContext;
  readonly #server: MailServer;
  readonly #owners: LastOwners;
  /** By address, the sessions that run. */
  readonly #sessions = new Map<string, EmailSession>();
  #key: Promise<SigningKey> | undefined;

  constructor(
    options: OwnDomainOptions,
    parts: { readonly all: EmailOptions; readonly names: NameService },
    context: GatewayContext,
  ) {
    const { all, names } = parts;
    this.#options = options;
    this.#all = all;
    this.#names = names;
    this.#context = context;
    this.aliases = new Aliases(context.memory);
    this.#owners = new LastOwners(context.memory, Date.now);
    this.#server = new MailServer({
      options,
      maxBytes: all.limits.inboundBytes,
      log: context.log,
      mayReceive: async (address) => void (await this.#find(address)),
      receive: (mail) => this.#receive(mail),
    });
  }

  start(): Promise<void> {
    return this.#server.start();
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  get port(): number | undefined {
    return this.#server.port;
  }

  /** A user with a name here has come up, or is gone when the signal aborts. */
  add(session: EmailSession, signal: AbortSignal): void {
    const { address } = session.registration;
    this.#sessions.set(address, session);
    this.#owners
      .note(localPart(address), session.host.user)
      .catch((error: unknown) => this.#context.log.error({ err: error }, 'an owner was not noted'));
    const forget = (): void => {
      if (this.#sessions.get(address) === session) this.#sessions.delete(address);
    };
    signal.addEventListener('abort', forget, { once: true });
  }

  returnPath(address: string, messageId: string): string {
    return returnPathFor(localPart(address), messageId, this.#options.domain);
  }

  mailer(): Mailer {
    const { relay, domain } = this.#options;
    const server: Server = { ...relay, isTrusted: true };
    const { password, user } = relay;
    return new Mailer({
      server,
      credentials:
        user === undefined || password === undefined
          ? { kind: 'none' }
          : { kind: 'password', user, password },
      timings: this.#all.timings,
      connections: this.#all.limits.connections,
      name: domain,
      dkim: () => this.#signing(),
    });
  }

  async records(): Promise<string> {
    return dnsRecords(await this.#signingKey());
  }

  /** Whether a user has this name. */
  async hasUser(name: string): Promise<boolean> {
    return (await this.#context.find(`${name}@${this.#options.domain}`)) !== undefined;
  }

  /** Whether a name is an alias, or waits for somebody else who had it. */
  async isGivenAway(name: string, user: string): Promise<boolean> {
    const isAlias = (await this.aliases.target(name)) !== undefined;
    return isAlias || this.#owners.isOthers(name, user);
  }

  #signingKey(): Promise<SigningKey> {
    this.#key ??= signingKey(this.#options, this.#context.memory);
    return this.#key;
  }

  async #signing(): Promise<DKIMOptions> {
    return this.#signingKey();
  }

  /** @throws SmtpRefusal */
  async #find(given: string): Promise<Recipient> {
    const address = mailAddress(given);
    if (address === undefined || domainPart(address) !== this.#options.domain) throw NOBODY;
    const returned = readReturnPath(localPart(address));
    // "name+anything" is "name" (RFC 5233).
    const name = returned?.name ?? localPart(address).replace(/\+.*$/, '');
    const target = (await this.aliases.target(name)) ?? name;
    const key = `${target}@${this.#options.domain}`;
    if ((await this.#context.find(key)) === undefined) throw NOBODY;
    const session = this.#sessions.get(key);
    if (session === undefined) throw LATER;
    if (returned === undefined) return { address, session };
    const about = await session.sent.byShortId(returned.shortId);
    if (about === undefined) throw NOBODY;
    return { address, session, about };
  }

  async #receive(mail: HandedIn): Promise<readonly (SmtpRefusal | undefined)[]> {
    const reading = await readMail(mail.raw, texts('en'));
    if (reading.hops > MAX_HOPS) throw new SmtpRefusal(554, '5.4.6 Too many hops, it is a loop');
    const verdict = await this.#verdict(mail, reading);
    if (verdict?.isForged === true) {
      throw new SmtpRefusal(550, '5.7.1 Refused by the DMARC policy of the sender');
    }
    return Promise.all(
      mail.recipients.map(async (address) => {
        try {
          await this.#deliver(await this.#find(address), { mail, reading, verdict });
          return undefined;
        } catch (error) {
          if (error instanceof SmtpRefusal) return error;
          this.#context.log.warn({ err: error }, 'cannot take a mail now');
          return LATER;
        }
      }),
    );
  }

  async #verdict(mail: HandedIn, reading: Reading): Promise<Verdict | undefined> {
    const { domain, protocol, verify } = this.#options;
    // A server in front of us has looked, and knows where it came from.
    if (!verify || protocol === 'lmtp') return undefined;
    const author = reading.from.contact;
    const delivery = { ...mail, mta: domain, author, shown: shownFrom(reading) };
    return verdictOn(mail.raw, delivery, this.#names.ask);
  }

  async #deliver(
    { about, address, session }: Recipient,
    {
      mail,
      reading: read,
      verdict,
    }: { mail: HandedIn; reading: Reading; verdict: Verdict | undefined },
  ): Promise<void> {
    const { host } = session;
    const said = isOtherLanguage(host) ? await readMail(mail.raw, texts(host.language)) : read;
    const reading = await session.arrived.named(said);
    const contact = shownFrom(reading);
    await session.preferences.load();
    const isKnown =
      session.preferences.hasContact(contact) || (await session.talks.isMutual(contact));
    const isAnswer = await answersOurs(session, reading);
    const isUninvited = !isKnown && !isAnswer;
    if (reading.fullText !== undefined) await session.keepFullText(reading);
    const events = await session.incoming.events(reading, {
      receivedAt: new Date(),
      isUninvited,
      to: address,

      ...(about === undefined ? {} : { about }),
      ...(verdict === undefined || verdict.isProven
        ? {}
        : { verdict: `(${texts(host.language).unproven})` }),
    });
    const stored = events.map((event) => Promise.resolve(host.emit(event)));
    await Promise.all([...stored, session.arrived.flush(), session.talks.flush()]);
  }
}

/** Whose message it is for users. */
const shownFrom = ({ from, list }: Reading): ContactId =>
  list?.isDiscussion === true ? list.contact : from.contact;

const isOtherLanguage = ({ language }: Host): boolean => !/^en\b/i.test(language);

async function answersOurs(session: EmailSession, reading: Reading): Promise<boolean> {
  for (const id of reading.references.filter(isOurs)) {
    if ((await session.sent.byMessageId(id)) !== undefined) return true;
  }
  return false;
}
