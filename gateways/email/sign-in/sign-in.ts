import { NetworkError } from '../../../src/plugin/index.ts';
import type { Account, Answers, SignIn, Step } from '../../../src/plugin/index.ts';
import { placeOf, presetPlace, providerOf, textIn } from '../account.ts';
import type { Place } from '../account.ts';
import type { Credentials } from '../credentials.ts';
import { mailAddress } from '../mail-address.ts';
import { isAmong } from '../name-service.ts';
import type { EmailOptions, Server } from '../options.ts';
import type { Texts } from '../texts.ts';
import { discover } from './discovery.ts';
import type { Discovered, Sources } from './discovery.ts';
import { fieldsFor, SERVER_FIELDS } from './fields.ts';
import { nameProblem } from './names.ts';
import { oauthClient, TokenSource } from './oauth.ts';
import type { Consent, Consents } from './oauth.ts';
import { verify } from './verify.ts';

/** How often the number on the page may be wrong. */
const PROOF_TRIES = 5;

export interface SignInParts {
  /** The Jabber user. */
  readonly user: string;
  readonly options: EmailOptions;
  readonly texts: Texts;
  /** Absent where the outside cannot reach the gateway. */
  readonly consents: Consents | undefined;
  /** Names that somebody has otherwise, as aliases. */
  isTaken(name: string): Promise<boolean>;
  readonly sources: Sources;
}

/**
 * The registration: an address and its password, when the servers are known or can be found out; or a name at the
 * gateway's own domain.
 */
export async function* signIn(
  known: Account | undefined,
  signal: AbortSignal,
  parts: SignInParts,
): SignIn {
  const { options, texts } = parts;
  let problem: string | undefined;
  let given: Answers | undefined;
  for (;;) {
    given = yield {
      instructions: instructionsFor(options, texts),
      fields: fieldsFor(known, given, options, texts),
      ...(problem === undefined ? {} : { problem }),
    };
    const read = await readAnswers(given, known, { ...parts, signal });
    if ('problem' in read) problem = read.problem;
    else if ('account' in read) return read.account;
    else return yield* signInByConsent(read.base, read.place, known, signal, parts);
  }
}

/** What comes of answers: an account, a question, or the way to a page of the provider. */
type Read =
  | { readonly problem: string }
  | { readonly account: Account }
  | { readonly base: Record<string, string>; readonly place: Place };

/** @throws NetworkError what the servers say */
async function readAnswers(
  answers: Answers,
  known: Account | undefined,
  parts: SignInParts & { readonly signal: AbortSignal },
): Promise<Read> {
  const { options, signal, texts } = parts;
  const given = answers['email'] ?? '';
  const name = (answers['username'] ?? '').toLowerCase();
  if (options.ownDomain !== undefined && name !== '' && given === '') {
    return nameAccount(name, answers, { ...parts, known });
  }
  if (!options.ownMailboxes) return { problem: texts.noName };
  const address = mailAddress(given.trim());
  if (address === undefined) return { problem: texts.noAddress };
  const found = await findPlace(address, answers, signal, parts);
  if (typeof found === 'string') return { problem: found };
  const base = accountBase(address, answers, found);
  if (providerOf(address, options)?.oauth !== undefined) return { base, place: found.place };
  const isSame = address === textIn(known, 'email');
  const password = answers['password'] ?? (isSame ? textIn(known, 'password') : '');
  if (password === '') return { problem: texts.noPassword };
  const credentials = { kind: 'password', user: found.place.userName, password } as const;
  const start = await checked(found.place, credentials, parts);
  const first = isSame ? textIn(known, 'start') || start : start;
  return { account: { ...base, password, start: first } };
}

async function nameAccount(
  name: string,
  answers: Answers,
  parts: SignInParts & { readonly known: Account | undefined },
): Promise<Read> {
  const { known, options, texts } = parts;
  // XEP-0077 §3.3: so clients change the password; she would be left without her mailbox.
  const isPassword = (answers['password'] ?? '') !== '' && textIn(known, 'email') !== '';
  if (isPassword) return { problem: texts.passwordOfWhat };
  const problem = nameProblem(name, options, texts);
  if (problem !== undefined) return { problem };
  // XEP-0077 §3.1.1: as if somebody had it now.
  if (await parts.isTaken(name)) throw new NetworkError('conflict', texts.nameTaken);
  return { account: { username: name, ...kept(answers, ['name']) } };
}

const instructionsFor = ({ ownDomain, ownMailboxes }: EmailOptions, texts: Texts): string => {
  if (ownDomain === undefined) return texts.signInMailbox;
  return ownMailboxes ? texts.signInEither(ownDomain.domain) : texts.signInName(ownDomain.domain);
};

interface Found {
  readonly place: Place;
  /** What discovery has found goes into the account. */
  readonly discovered?: Discovered;
}

/** The servers: as the administrator, the user or the domain names them. A string is a problem. */
async function findPlace(
  address: string,
  answers: Answers,
  signal: AbortSignal,
  { options, sources, texts }: SignInParts,
): Promise<Found | string> {
  const userName = answers['user_name'] ?? '';
  const provider = providerOf(address, options);
  const preset = provider === undefined ? undefined : presetPlace(address, provider, userName);
  if (preset !== undefined) return { place: preset };
  if (!options.otherProviders)
    return texts.onlyKnown(options.providers.map(({ domain }) => domain));
  const hosts = [answers['imap_host'], answers['smtp_host']];
  if (hosts.every((host) => host !== undefined && host !== '')) {
    const bad = hosts.find((host) => !/^[a-z0-9.:-]{1,253}$/i.test(host ?? ''));
    if (bad !== undefined) return texts.noHost(bad);
    const place = placeOf({ ...answers, email: address }, options);
    return place === undefined ? texts.serversWanted : { place };
  }
  const discovered = await discover(address, signal, sources);
  signal.throwIfAborted();
  if (discovered === undefined) return texts.serversWanted;
  const trusted = (server: Server): Server => ({
    ...server,
    isTrusted: isAmong(options.trustedHosts, server.host),
  });
  return {
    place: {
      imap: trusted(discovered.imap),
      smtp: trusted(discovered.smtp),
      userName: userName === '' ? discovered.userName : userName,
      filesSent: false,
    },
    discovered,
  };
}

function accountBase(address: string, answers: Answers, found: Found): Record<string, string> {
  const base: Record<string, string> = { email: address, ...kept(answers, ['name', 'user_name']) };
  const { discovered } = found;
  if (discovered === undefined) return { ...base, ...kept(answers, SERVER_FIELDS) };
  for (const kind of ['imap', 'smtp'] as const) {
    base[`${kind}_host`] = discovered[kind].host;
    base[`${kind}_port`] = String(discovered[kind].port);
    base[`${kind}_security`] = discovered[kind].security;
  }
  if (discovered.userName !== address) base['user_name'] ??= discovered.userName;
  return base;
}

function kept(answers: Answers, names: readonly string[]): Record<string, string> {
  const account: Record<string, string> = {};
  for (const name of names) {
    const value = answers[name];
    if (value !== undefined && value !== '') account[name] = value;
  }
  return account;
}

/** XOAUTH2: the user gives her consent in the browser, and comes back to say so. */
async function* signInByConsent(
  base: Record<string, string>,
  place: Place,
  known: Account | undefined,
  signal: AbortSignal,
  parts: SignInParts,
): SignIn {
  const { consents, options, texts } = parts;
  const oauth = providerOf(base['email'] ?? '', options)?.oauth;
  if (oauth === undefined || consents === undefined) {
    throw new NetworkError('unsupported', texts.noConsentHere);
  }
  const client = oauthClient(oauth);
  const consent = consents.begin(client, base['email'] ?? '', parts.user);
  try {
    const code = yield* provenCode(consent, texts);
    const refreshToken = await consent.redeem(code, texts, signal);
    const source = new TokenSource(client, refreshToken, { texts: () => texts });
    const credentials: Credentials = {
      kind: 'token',
      user: place.userName,
      token: (limit) => source.token(limit),
    };
    const start = await checked(place, credentials, { ...parts, signal });
    const isSame = base['email'] === textIn(known, 'email');
    const first = isSame ? textIn(known, 'start') || start : start;
    return { ...base, refresh_token: refreshToken, start: first };
  } finally {
    consent.end();
  }
}

/**
 * What the provider has given to whoever came back, once she has told the number that she was shown.
 * @throws NetworkError credentials
 */
async function* provenCode(consent: Consent, texts: Texts): AsyncGenerator<Step, string, Answers> {
  const step: Step = {
    instructions: texts.giveConsent,
    link: consent.link,
    fields: [{ name: 'proof', label: texts.fieldProof, kind: 'text', isRequired: true }],
  };
  let problem: string | undefined;
  for (let triesLeft = PROOF_TRIES; triesLeft > 0;) {
    const { proof = '' } = yield problem === undefined ? step : { ...step, problem };
    const answer = consent.answer();
    problem = answer === undefined ? texts.consentMissing : texts.wrongProof;
    if (answer === undefined) continue;
    if ('problem' in answer) {
      throw new NetworkError('credentials', texts.consentRefused(answer.problem));
    }
    if (proof.replace(/\D/g, '') === answer.proof) return answer.code;
    triesLeft -= 1;
  }
  throw new NetworkError('credentials', texts.tooManyProofs);
}

const checked = (
  place: Place,
  credentials: Credentials,
  { options, signal, texts }: SignInParts & { readonly signal: AbortSignal },
): Promise<string> => verify(place, credentials, { options, texts, signal });
