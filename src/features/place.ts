import type { Address, GatewayFeature } from '../plugin/index.ts';
import { toStanzaError } from '../router/error-boundary.ts';
import type { TargetKind } from '../router/context.ts';
import type { Feature } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import type { Output } from '../session/mailbox.ts';
import type { Room } from '../session/room.ts';
import type { UserSession } from '../session/user-session.ts';
import type { XmlElement } from '../xml/element.ts';
import type { MessageParts } from '../xmpp/message-parts.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import type { StanzaCondition } from '../xmpp/stanza-error.ts';
import { errorReply } from '../xmpp/stanza.ts';
import { messageTexts } from './message-texts.ts';

/** A message of the user on its way to the network. */
export interface Place {
  readonly session: UserSession;
  readonly stanza: XmlElement;
  readonly parts: MessageParts;
  readonly to: Address;
  /** The room that it goes to, if it is one. */
  readonly room: Room | undefined;
}

export function can({ domain }: UserSession, feature: GatewayFeature): boolean {
  return domain.gateway.features.includes(feature);
}

/** Waits for what the network was asked for; then makes stanzas of the answer, or of the refusal. */
export function settle<Answer>(
  { session, stanza }: Place,
  asked: Promise<Answer>,
  done: (answer: Answer) => Output,
): void {
  asked.then(
    (answer) => session.mailbox.post(() => done(answer)),
    (error: unknown) => session.mailbox.post(() => refusal(session, stanza, error)),
  );
}

/** The sender gets an error with the id of her stanza, and may send it again. */
export function refusal(session: UserSession, stanza: XmlElement, error: unknown): Output {
  const { from, id } = stanza.attributes;
  if (from !== undefined && id !== undefined) session.recent.forget(from, id);
  const reply = errorReply(stanza, toStanzaError(error, session.log, session.language));
  return reply === undefined ? undefined : [reply];
}

type PlainText = {
  [Name in keyof ReturnType<typeof messageTexts>]: ReturnType<
    typeof messageTexts
  >[Name] extends string
    ? Name
    : never;
}[keyof ReturnType<typeof messageTexts>];

/** An error in the user's language. */
export function trouble(
  { language }: UserSession,
  condition: StanzaCondition,
  text: PlainText,
): StanzaError {
  return new StanzaError(condition, messageTexts(language)[text], { language });
}

/** What disco says of conversations, where the network has what it takes. */
export function offered(
  { gateway }: GatewayDomain,
  feature: GatewayFeature,
  namespaces: readonly string[],
  targets: readonly TargetKind[] = ['contact', 'occupant', 'room'],
): Pick<Feature, 'namespaces'> {
  if (!gateway.features.includes(feature)) return {};
  return { namespaces: Object.fromEntries(targets.map((target) => [target, namespaces])) };
}
