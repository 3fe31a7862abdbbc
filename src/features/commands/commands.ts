import { NetworkError } from '../../plugin/index.ts';
import type { Address } from '../../plugin/index.ts';
import { languageOf } from '../../router/context.ts';
import type { Context, Target, TargetKind } from '../../router/context.ts';
import type { DiscoQuestion, Feature, InfoPart, IqReply, ItemsPart } from '../../router/feature.ts';
import type { Surroundings } from '../../router/surroundings.ts';
import type { Values } from '../../session/answers.ts';
import type { Dialogue, Turn } from '../../session/dialogue.ts';
import { loaded } from '../../session/in-mailbox.ts';
import type { UserSession } from '../../session/user-session.ts';
import { childOf, xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { parseForm } from '../../xmpp/data-form.ts';
import { NS_COMMANDS, NS_DATA_FORM } from '../../xmpp/namespaces.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';
import type { StanzaCondition } from '../../xmpp/stanza-error.ts';
import type { Command, CommandPlace } from './command.ts';
import { canceledElement, failedElement, turnElement } from './command-element.ts';
import type { CommandList } from './command-list.ts';
import { commandTexts } from './texts.ts';

const TARGETS = ['gateway', 'bot', 'network', 'room', 'contact'] as const;
const ACTIONS: ReadonlySet<string> = new Set(['execute', 'next', 'prev', 'complete', 'cancel']);

/** XEP-0050: commands at the gateway, its bot, its networks, rooms and contacts. */
export function commands({ domain, sessions }: Surroundings, list: CommandList): Feature {
  const places = TARGETS.filter((target) => list.hasAny(placeOf(target) ?? 'gateway'));
  const visitor = async ({ from, language }: Context): Promise<UserSession | undefined> => {
    const isWelcome = domain.policy.allows(from) || domain.isAdmin(from);
    return isWelcome ? loaded(sessions.of(from, language)) : undefined;
  };
  return {
    namespaces: Object.fromEntries(places.map((target) => [target, [NS_COMMANDS]])),
    info: (question) => info(list, question, visitor),
    items: (question) => items(list, question, visitor),
    routes: [
      {
        stanza: 'iq',
        type: 'set',
        payload: { name: 'command', namespace: NS_COMMANDS },
        targets: TARGETS,
        handle: async (context, element) => {
          const language = languageOf(element, domain) ?? context.language;
          const { node = '' } = element.attributes;
          const place = placeOf(context.target.kind);
          const command = place === undefined ? undefined : list.find(place, node);
          const texts = commandTexts(language);
          if (command === undefined) {
            throw new StanzaError('item-not-found', texts.noCommand, { language });
          }
          const session = await visitor(context);
          if (session === undefined) {
            throw new StanzaError('forbidden', texts.notOpen, { language });
          }
          // What she has chosen in her settings goes before what her client says.
          session.language = language;
          const refusal = list.refusal(command, session);
          if (refusal !== undefined) throw refusal;
          return execute({ session, command, context, element });
        },
      },
    ],
  };
}

type Visitor = (context: Context) => Promise<UserSession | undefined>;

function placeOf(kind: TargetKind): CommandPlace | undefined {
  if (kind === 'bot') return 'gateway';
  return kind === 'occupant' || kind === 'unknown' ? undefined : kind;
}

async function info(
  list: CommandList,
  { context, node }: DiscoQuestion,
  visitor: Visitor,
): Promise<InfoPart | undefined> {
  const place = placeOf(context.target.kind);
  const { language } = context;
  if (place === undefined) return undefined;
  if (node === NS_COMMANDS && list.hasAny(place)) {
    const { commands: name } = commandTexts(language);
    return {
      identities: [{ category: 'automation', type: 'command-list', name }],
      namespaces: [NS_COMMANDS],
    };
  }
  const command = node === '' ? undefined : list.find(place, node);
  if (command === undefined) return undefined;
  const session = await visitor(context);
  if (session === undefined || list.refusal(command, session) !== undefined) {
    throw new StanzaError('forbidden');
  }
  return {
    identities: [{ category: 'automation', type: 'command-node', name: command.name(language) }],
    namespaces: [NS_COMMANDS, NS_DATA_FORM],
  };
}

async function items(
  list: CommandList,
  { context, node }: DiscoQuestion,
  visitor: Visitor,
): Promise<ItemsPart | undefined> {
  const place = placeOf(context.target.kind);
  if (node !== NS_COMMANDS || place === undefined) return undefined;
  const session = await visitor(context);
  const offered = session === undefined ? [] : list.offered(place, session);
  return {
    items: offered.map((command) => ({
      jid: context.to.bare,
      node: command.node,
      name: command.name(context.language),
    })),
  };
}

interface Request {
  readonly session: UserSession;
  readonly command: Command;
  readonly context: Context;
  readonly element: XmlElement;
}

function execute(request: Request): Promise<IqReply> {
  const { action = 'execute', sessionid = '' } = request.element.attributes;
  if (!ACTIONS.has(action)) throw trouble(request, 'bad-request', 'malformed-action', 'noAction');
  if (sessionid !== '') return resume(request, action, sessionid);
  if (action === 'prev' || action === 'cancel') {
    throw trouble(request, 'bad-request', 'bad-action', 'noAction');
  }
  // A form in the first request answers a question that nobody has asked yet.
  return begin(request);
}

function begin(request: Request): Promise<IqReply> {
  const { session, command, context } = request;
  const { language } = session;
  const address = addressOf(context.target);
  const dialogue = session.dialogues.open({
    node: command.node,
    isSingle: command.isSingle ?? false,
    parties: partiesOf(context),
    language,
    run: (signal) => command.run({ session, address, language, signal }),
  });
  if (dialogue === undefined) throw trouble(request, 'not-allowed', undefined, 'tooMany');
  return answered(command, dialogue, dialogue.start());
}

function resume(request: Request, action: string, id: string): Promise<IqReply> {
  const { session, command, context } = request;
  if (session.dialogues.isPast(id)) {
    throw trouble(request, 'not-allowed', 'session-expired', 'isOver');
  }
  const dialogue = session.dialogues.find(id);
  const isTheirs = dialogue?.parties === partiesOf(context) && dialogue.node === command.node;
  if (dialogue === undefined || !isTheirs) {
    throw trouble(request, 'bad-request', 'bad-sessionid', 'unknownRun');
  }
  if (action === 'cancel') {
    dialogue.end();
    return Promise.resolve({ payload: canceledElement(dialogue) });
  }
  if (dialogue.isBusy) throw trouble(request, 'not-allowed', undefined, 'isBusy');
  if (action === 'prev') {
    if (!dialogue.mayGoBack) throw trouble(request, 'bad-request', 'bad-action', 'noAction');
    return answered(command, dialogue, dialogue.back());
  }
  return answered(command, dialogue, dialogue.answer(valuesIn(request)));
}

function valuesIn(request: Request): Values {
  const formElement = childOf(request.element, 'x', NS_DATA_FORM);
  if (formElement === undefined) return new Map();
  const form = parseForm(formElement);
  // XEP-0050 §3.5: a form that was cancelled counts as a submitted one.
  if (form?.type === 'submit' || form?.type === 'cancel') return form.values;
  throw trouble(request, 'bad-request', 'bad-payload', 'notSubmitted');
}

async function answered(
  command: Command,
  dialogue: Dialogue,
  pending: Promise<Turn>,
): Promise<IqReply> {
  try {
    const turn = await pending;
    const after = turn.kind === 'done' ? (turn.outcome.after ?? []) : [];
    return { payload: turnElement(command, dialogue, turn), after };
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    return { payload: failedElement(dialogue, error.message) };
  }
}

/** XEP-0050 §4.4. */
function trouble(
  { session: { language } }: Request,
  condition: StanzaCondition,
  specific: string | undefined,
  text: Exclude<keyof ReturnType<typeof commandTexts>, 'commands'>,
): StanzaError {
  return new StanzaError(condition, commandTexts(language)[text], {
    language,
    ...(specific === undefined ? {} : { specific: xml(specific, NS_COMMANDS) }),
  });
}

function addressOf(target: Target): Address | undefined {
  const { kind } = target;
  return kind === 'network' || kind === 'room' || kind === 'contact' ? target : undefined;
}

/** A dialogue is between one client and one of our addresses. */
function partiesOf({ from, to }: Context): string {
  return `${from.full} ${to.bare}`;
}
