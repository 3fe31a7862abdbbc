import { NetworkError } from '../../plugin/index.ts';
import type { Account, Answers, Language, SignIn, Step } from '../../plugin/index.ts';
import { BOT } from '../../session/bot.ts';
import type { Outcome, Script } from '../../session/dialogue.ts';
import { inMailbox } from '../../session/in-mailbox.ts';
import type { UserSession } from '../../session/user-session.ts';
import { xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { NS_CLIENT } from '../../xmpp/namespaces.ts';
import { newStanzaId } from '../../xmpp/stanza.ts';
import { rejoinRooms } from '../muc/rejoin.ts';
import { gatewayNames } from '../names.ts';
import { nickElement } from '../nick.ts';
import { accountTexts } from './texts.ts';

export interface RegisterRequest {
  readonly session: UserSession;
  readonly language: Language;
  readonly signal: AbortSignal;
}

/** The registration of a user, new or changed, however she is asked (XEP-0100 §4.1-4.2). */
export async function* register(request: RegisterRequest): Script {
  const account = yield* signInOf(request);
  return keep(request, account);
}

/** As `register`, but what the network refuses is asked again instead of ending it. */
export async function* registerPatiently(request: RegisterRequest): Script {
  const given: Answers[] = [];
  let problem: string | undefined;
  for (;;) {
    try {
      return yield* corrected(register(request), problem, given);
    } catch (error) {
      if (!(error instanceof NetworkError) || !CORRECTABLE.has(error.kind)) throw error;
      problem = error.message;
    }
  }
}

const CORRECTABLE: ReadonlySet<string> = new Set(['credentials', 'conflict', 'invalid']);

/** Shows the first step with what went wrong after it, and with what was answered to it. */
async function* corrected(script: Script, problem: string | undefined, given: Answers[]): Script {
  let next = await script.next();
  const [known] = given;
  if (next.done !== true && problem !== undefined) {
    next = { value: { ...answered(next.value, known ?? {}), problem } };
  }
  given.length = 0;
  try {
    while (next.done !== true) {
      const answers = yield next.value;
      given.push(answers);
      next = await script.next(answers);
    }
    return next.value;
  } finally {
    await script.return({ text: '' });
  }
}

function answered(step: Step, answers: Answers): Step {
  const fields = step.fields.map((field) => {
    const value = answers[field.name];
    return field.kind === 'secret' || value === undefined ? field : { ...field, value };
  });
  return { ...step, fields };
}

/** What the gateway asks for. XEP-0077 §11: who is asked for a secret learns who can read it. */
export async function* signInOf({ session, language, signal }: RegisterRequest): SignIn {
  const { domain, account, user } = session;
  const script = domain.gateway.signIn(account, signal, language, user.bare);
  const { readable } = accountTexts(language);
  try {
    let next = await script.next();
    while (next.done !== true) {
      const step = next.value;
      const isSecret = step.fields.some(({ kind }) => kind === 'secret');
      const answers = yield isSecret
        ? { ...step, instructions: `${step.instructions} ${readable}` }
        : step;
      next = await script.next(answers);
    }
    return next.value;
  } finally {
    await script.return({});
  }
}

async function keep(
  { session, language, signal }: RegisterRequest,
  account: Account,
): Promise<Outcome> {
  const { domain, user } = session;
  signal.throwIfAborted();
  const isNew = !session.isRegistered;
  await inMailbox(session, async () => {
    // She may have unregistered while this waited.
    signal.throwIfAborted();
    await takeKeys(session, account, language);
    await domain.store.registrations.save(domain.domain, user.bare, account);
    session.account = account;
    await session.link.close();
  });
  rejoinRooms(session);
  if (session.staysConnected) session.network();
  session.log.info(isNew ? 'registered' : 'changed the registration');
  const texts = accountTexts(language);
  const { toUser } = session.subscriptions.of('');
  const after: XmlElement[] = [];
  if (!toUser) {
    after.push(subscribeRequest(session, language));
  }
  if (isNew) after.push(welcome(session, language));
  return { text: isNew ? texts.registered : texts.changed, after };
}

/** @throws NetworkError conflict, when another user is found by the same key */
async function takeKeys(
  { domain, user }: UserSession,
  account: Account,
  language: Language,
): Promise<void> {
  const keys = domain.gateway.keys?.(account) ?? [];
  const taken = await domain.store.accountKeys.save(domain.domain, user.bare, keys);
  if (taken !== undefined) throw new NetworkError('conflict', accountTexts(language).taken(taken));
}

/** XEP-0100 §4.1.1: the gateway wants to see the user; without words, clients show a domain that wants to be a friend. */
function subscribeRequest({ domain, user }: UserSession, language: Language): XmlElement {
  const to = { from: domain.domain, to: user.bare, type: 'subscribe', 'xml:lang': language };
  return xml('presence', NS_CLIENT, to, [
    xml('status', NS_CLIENT, {}, [accountTexts(language).wantsToSee]),
    nickElement(gatewayNames(language).gateway(domain.name)),
  ]);
}

/** XEP-0077 §14.3: how to get back to the registration, and out of it. */
function welcome({ domain, user }: UserSession, language: Language): XmlElement {
  const texts = accountTexts(language);
  const bot = `${BOT}@${domain.domain}`;
  const text = [
    texts.welcome(domain.name, bot),
    texts.links(`xmpp:${domain.domain}?register`, `xmpp:${domain.domain}?unregister`),
  ].join('\n');
  return xml(
    'message',
    NS_CLIENT,
    { from: bot, to: user.bare, type: 'chat', id: newStanzaId(), 'xml:lang': language },
    [xml('body', NS_CLIENT, {}, [text]), nickElement(gatewayNames(language).gateway(domain.name))],
  );
}
