import type { Output } from '../session/mailbox.ts';
import type { UserSession } from '../session/user-session.ts';
import { StanzaError } from '../xmpp/stanza-error.ts';
import { typingFromUser } from './chat-states.ts';
import { correct } from './correction.ts';
import { undecipherable } from './encryption.ts';
import { messageTexts } from './message-texts.ts';
import { mark } from './markers.ts';
import { inOrder, recall } from './known-messages.ts';
import { contentFromUser, handOver } from './outgoing.ts';
import type { Place } from './place.ts';
import { react } from './reactions.ts';
import { retract } from './retraction.ts';

/** What the user wants with a message. One that is refused she may send again. */
export function fromUser(place: Place): Output | Promise<Output> {
  const { answers, retracts, reactions, replaces, displayed } = place.parts;
  const recalling =
    answers === undefined && retracts === undefined && replaces === undefined
      ? recall(place, reactions?.id ?? displayed)
      : inOrder([answers, retracts, reactions?.id, replaces].map((id) => recall(place, id)));
  return recalling === undefined ? heard(place) : recalling.then(() => heard(place));
}

function heard(place: Place): Output {
  try {
    return take(place);
  } catch (error) {
    const { from, id } = place.stanza.attributes;
    if (from !== undefined && id !== undefined) place.session.recent.forget(from, id);
    throw error;
  }
}

/** An extension that has a text stand in for it comes before the text. */
function take(place: Place): Output {
  const { session, parts } = place;
  if (parts.encryption !== undefined) throw undecipherable(session, parts.encryption);
  const { textCharacters } = session.domain.limits;
  if ((parts.body?.length ?? 0) > textCharacters) throw tooLong(session, textCharacters);
  const { retracts, reactions, replaces } = parts;
  if (retracts !== undefined) return once(place, () => retract(place, retracts));
  if (reactions !== undefined) {
    return once(place, () => react(place, reactions.id, reactions.emoji));
  }
  const content = contentFromUser(place);
  if (content !== undefined) {
    return once(place, () =>
      replaces === undefined ? handOver(place, content) : correct(place, content, replaces),
    );
  }
  if (parts.displayed !== undefined) return mark(place, parts.displayed);
  if (parts.chatState !== undefined) return typingFromUser(place, parts.chatState);
  return undefined;
}

function tooLong({ language }: UserSession, most: number): StanzaError {
  const text = messageTexts(language).tooLong(most);
  return new StanzaError('policy-violation', text, { type: 'modify', language });
}

/** Servers and clients may send a stanza again when they do not know whether it arrived. */
function once({ session, stanza, parts }: Place, act: () => Output): Output {
  const { from, to, id } = stanza.attributes;
  const text = parts.body ?? parts.reactions?.emoji.join(' ') ?? '';
  const isUntraced = from === undefined || to === undefined || id === undefined;
  return isUntraced || session.recent.isNew({ from, to, id, text }) ? act() : undefined;
}
