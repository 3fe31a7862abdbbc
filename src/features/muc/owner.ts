import { NetworkError } from '../../plugin/index.ts';
import type { RoomId, Step } from '../../plugin/index.ts';
import type { Context } from '../../router/context.ts';
import type { Feature, IqReply } from '../../router/feature.ts';
import type { Surroundings } from '../../router/surroundings.ts';
import type { Values } from '../../session/answers.ts';
import type { Dialogue } from '../../session/dialogue.ts';
import { loaded } from '../../session/in-mailbox.ts';
import type { UserSession } from '../../session/user-session.ts';
import { childOf, xml } from '../../xml/element.ts';
import type { XmlElement } from '../../xml/element.ts';
import { parseForm } from '../../xmpp/data-form.ts';
import { NS_DATA_FORM, NS_MUC_OWNER } from '../../xmpp/namespaces.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';
import type { Command } from '../commands/command.ts';
import type { CommandList } from '../commands/command-list.ts';
import { shownValue, stepForm } from '../step-form.ts';
import { ownMember, STANDINGS } from './occupant-presence.ts';
import { texts } from './texts.ts';

/** XEP-0045 §15.5.3; the fields of a gateway go without. */
const FORM = 'http://jabber.org/protocol/muc#roomconfig';
const PREFIX = 'muc#roomconfig_';
/** The command of a gateway that sets a room up. */
const NODE = 'configure';

/**
 * XEP-0045 §10.2: what a room is like is decided on its network. Where the gateway has a command for it, its question is
 * the form; else clients that would like to set a room up are told that it is not the gateway's to do.
 */
export function owner({ domain, sessions }: Surroundings, list: CommandList): Feature {
  if (!domain.gateway.features.includes('join')) return {};
  const payload = { name: 'query', namespace: NS_MUC_OWNER };
  const route = { stanza: 'iq', payload, targets: ['room'], needs: 'account' } as const;
  const begin = async (context: Context): Promise<Configuration> => {
    const { from, language, target } = context;
    const command = list.find('room', NODE);
    if (command === undefined || target.kind !== 'room') {
      throw new StanzaError('not-allowed', texts(language).notConfigurable, { language });
    }
    const session = await loaded(sessions.of(from, language));
    const refusal = refusalFor(session, target.id, context);
    if (refusal !== undefined) throw refusal;
    return { session, command, room: target.id, context };
  };
  return {
    routes: [
      {
        ...route,
        type: 'get',
        handle: async (context: Context) => ask(await begin(context)),
      },
      {
        ...route,
        type: 'set',
        handle: async (context: Context, query: XmlElement) => {
          if (childOf(query, 'destroy', NS_MUC_OWNER) !== undefined) {
            const { language } = context;
            throw new StanzaError('not-allowed', texts(language).notDestroyable, { language });
          }
          const form = childOf(query, 'x', NS_DATA_FORM);
          if (form?.attributes['type'] === 'cancel') return {};
          const configuration = await begin(context);
          const submitted = form === undefined ? undefined : parseForm(form);
          if (submitted?.type !== 'submit') throw new StanzaError('bad-request');
          return answer(configuration, submitted.values);
        },
      },
    ],
  };
}

interface Configuration {
  readonly session: UserSession;
  readonly command: Command;
  readonly room: RoomId;
  readonly context: Context;
}

/** XEP-0045 §10.2: not for mere occupants, nor from outside. Moderators may have a part of it: the network says which. */
function refusalFor(
  { rooms }: UserSession,
  id: RoomId,
  { from, language }: Context,
): StanzaError | undefined {
  const room = rooms.get(id);
  const { notInRoom, notOwner } = texts(language);
  if (room?.resources.has(from.full) !== true) {
    return new StanzaError('forbidden', notInRoom, { language });
  }
  const { role } = STANDINGS[ownMember(room).rank];
  return role === 'moderator' ? undefined : new StanzaError('forbidden', notOwner, { language });
}

async function ask(configuration: Configuration): Promise<IqReply> {
  const dialogue = open(configuration);
  try {
    const step = await firstStep(dialogue);
    return { payload: xml('query', NS_MUC_OWNER, {}, [formOf(step, configuration)]) };
  } finally {
    dialogue.end();
  }
}

/** A field that is not in the form stays as it is; an empty form is all right with everything (XEP-0045 §10.1.2). */
async function answer(configuration: Configuration, given: Values): Promise<IqReply> {
  const { language } = configuration.context;
  const dialogue = open(configuration);
  try {
    const step = await firstStep(dialogue);
    const values = new Map<string, readonly string[]>();
    for (const field of step.fields) {
      const known = shownValue(field);
      const value = given.get(PREFIX + field.name) ?? (known === undefined ? undefined : [known]);
      if (value !== undefined) values.set(field.name, value);
    }
    const next = await dialogue.answer(values);
    const problem = next.kind === 'asks' ? (next.step.problem ?? '') : undefined;
    if (problem !== undefined) throw new StanzaError('not-acceptable', problem, { language });
    return {};
  } finally {
    dialogue.end();
  }
}

function open({ session, command, room, context }: Configuration): Dialogue {
  const { from, to, language } = context;
  const address = { kind: 'room', id: room } as const;
  const dialogue = session.dialogues.open({
    node: NS_MUC_OWNER,
    isSingle: false,
    parties: `${from.full} ${to.bare}`,
    language,
    run: (signal) => command.run({ session, address, language, signal }),
  });
  if (dialogue === undefined) throw new StanzaError('resource-constraint');
  return dialogue;
}

/** @throws NetworkError what the command ends with before it asks anything */
async function firstStep(dialogue: Dialogue): Promise<Step> {
  const turn = await dialogue.start();
  if (turn.kind === 'asks') return turn.step;
  throw new NetworkError('refused', turn.outcome.text);
}

function formOf(step: Step, { command, context }: Configuration): XmlElement {
  const fields = step.fields.map((field) => ({ ...field, name: PREFIX + field.name }));
  return stepForm({ ...step, fields }, FORM, step.title ?? command.name(context.language));
}
