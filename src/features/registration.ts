import { NetworkError } from '../plugin/index.ts';
import type { Language, Step } from '../plugin/index.ts';
import type { Context } from '../router/context.ts';
import type { Feature, IqReply, IqRoute } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import type { Dialogue } from '../session/dialogue.ts';
import { loaded } from '../session/in-mailbox.ts';
import type { Sessions } from '../session/sessions.ts';
import type { UserSession } from '../session/user-session.ts';
import { childOf, elementsOf } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_REGISTER } from '../xmpp/namespaces.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { register, signInOf } from './account/register.ts';
import { accountTexts } from './account/texts.ts';
import { unregister } from './account/unregister.ts';
import type { Conversations } from './bot/conversations.ts';
import { registrationQuery, valuesFor } from './registration-fields.ts';

/** The first question is there at once, or something is wrong. */
const FIRST_STEP_TIMEOUT_MS = 75_000;

/** XEP-0077 with the life cycle of XEP-0100 §4.1-4.3: the dialogue of a registration with all answers at once. */
export function registration(
  domain: GatewayDomain,
  sessions: Sessions,
  conversations: Conversations,
): Feature {
  const route = {
    stanza: 'iq',
    payload: { name: 'query', namespace: NS_REGISTER },
    targets: ['gateway'],
    needs: 'allowed',
  } satisfies Partial<IqRoute>;
  return {
    namespaces: { gateway: [NS_REGISTER] },
    routes: [
      {
        ...route,
        type: 'get',
        handle: async ({ from, language }: Context) => {
          const session = await loaded(sessions.of(from, language));
          const step = await firstStep(session, language);
          const title = accountTexts(language).title(domain.name);
          const { isRegistered } = session;
          return { payload: registrationQuery(step, { isRegistered, title }) };
        },
      },
      {
        ...route,
        type: 'set',
        handle: async (context: Context, query: XmlElement) => {
          const session = await loaded(sessions.of(context.from, context.language));
          session.language = context.language;
          const isRemoval = childOf(query, 'remove', NS_REGISTER) !== undefined;
          return isRemoval
            ? remove(session, context, query)
            : change({ session, context, query, conversations });
        },
      },
    ],
  };
}

async function firstStep(session: UserSession, language: Language): Promise<Step> {
  const signal = AbortSignal.timeout(FIRST_STEP_TIMEOUT_MS);
  const dialogue = signInOf({ session, language, signal });
  try {
    const first = await dialogue.next();
    if (first.done === true) throw new Error('a sign-in returned without asking anything');
    return first.value;
  } finally {
    await dialogue.return({});
  }
}

interface Change {
  readonly session: UserSession;
  readonly context: Context;
  readonly query: XmlElement;
  readonly conversations: Conversations;
}

async function change(asked: Change): Promise<IqReply> {
  const { session, context } = asked;
  const { from, to, language } = context;
  const texts = accountTexts(language);
  const dialogue = session.dialogues.open({
    node: NS_REGISTER,
    isSingle: true,
    parties: `${from.full} ${to.bare}`,
    language,
    run: (signal) => register({ session, language, signal }),
  });
  if (dialogue === undefined) {
    throw new StanzaError('resource-constraint', texts.underWay, { language });
  }
  try {
    return await answerAll(asked, dialogue);
  } catch (error) {
    // XEP-0100 §4.1.2: credentials that the network refuses are data that is not acceptable.
    if (error instanceof NetworkError && error.kind === 'credentials') {
      throw new StanzaError('not-acceptable', error.message, { type: 'modify', language });
    }
    throw error;
  }
}

/** Goes through the dialogue with one set of answers. What is asked beyond them the bot asks in words. */
async function answerAll(
  { session, query, conversations }: Change,
  dialogue: Dialogue,
): Promise<IqReply> {
  const { language } = dialogue;
  let isToGoOn = false;
  try {
    const first = await dialogue.start();
    if (first.kind === 'done') return { after: first.outcome.after ?? [] };
    const { isRegistered } = session;
    const values = valuesFor(first.step, query, { isRegistered, language });
    if (values === undefined) return {};
    const next = await dialogue.answer(values);
    if (next.kind === 'done') return { after: next.outcome.after ?? [] };
    isToGoOn = next.step.problem === undefined;
    if (isToGoOn) conversations.adopt(session, dialogue, next);
    const text =
      next.step.problem ?? accountTexts(language).moreSteps(session.domain, isRegistered);
    throw new StanzaError('not-acceptable', text, { language });
  } finally {
    if (!isToGoOn) dialogue.end();
  }
}

/** XEP-0077 §3.2. */
async function remove(
  session: UserSession,
  { language }: Context,
  query: XmlElement,
): Promise<IqReply> {
  const texts = accountTexts(language);
  if (elementsOf(query).length > 1) {
    throw new StanzaError('bad-request', texts.onlyRemove, { language });
  }
  if (!session.isRegistered) {
    throw new StanzaError('registration-required', texts.notRegistered, { language });
  }
  return { after: await unregister(session, language) };
}
