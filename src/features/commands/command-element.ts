import type { Command } from './command.ts';
import type { Dialogue, Outcome, Turn } from '../../session/dialogue.ts';
import { xml } from '../../xml/element.ts';
import type { XmlContent, XmlElement } from '../../xml/element.ts';
import { NS_COMMANDS } from '../../xmpp/namespaces.ts';
import { factsForm, linkElement, stepForm } from '../step-form.ts';

/** XEP-0050 §3: where a dialogue stands, as the answer to an IQ. */
export function turnElement(command: Command, dialogue: Dialogue, turn: Turn): XmlElement {
  if (turn.kind === 'done') {
    return commandElement(dialogue, 'completed', outcomeContent(command, turn.outcome));
  }
  const { step, mayGoBack } = turn;
  const forward = step.isLast === true ? 'complete' : 'next';
  return commandElement(dialogue, 'executing', [
    xml('actions', NS_COMMANDS, { execute: forward }, [
      mayGoBack ? xml('prev', NS_COMMANDS) : undefined,
      xml(forward, NS_COMMANDS),
    ]),
    step.problem === undefined ? undefined : note('error', step.problem),
    stepForm(step, command.formType, step.title ?? command.name(dialogue.language)),
    linkElement(step),
  ]);
}

/** It ended in a way that is no fault of the protocol (XEP-0050 §3.6). */
export function failedElement(dialogue: Dialogue, text: string): XmlElement {
  return commandElement(dialogue, 'completed', [note('error', text)]);
}

export function canceledElement(dialogue: Dialogue): XmlElement {
  return commandElement(dialogue, 'canceled', []);
}

function outcomeContent({ formType }: Command, outcome: Outcome): XmlContent {
  const { text, isFailed = false, facts = [] } = outcome;
  return [
    text === '' && !isFailed ? undefined : note(isFailed ? 'error' : 'info', text),
    facts.length === 0 ? undefined : factsForm(facts, formType),
  ];
}

function note(type: 'info' | 'error', text: string): XmlElement {
  return xml('note', NS_COMMANDS, { type }, [text]);
}

function commandElement(
  { id, node, language }: Dialogue,
  status: string,
  content: XmlContent,
): XmlElement {
  const attributes = { node, sessionid: id, status, 'xml:lang': language };
  return xml('command', NS_COMMANDS, attributes, content);
}
