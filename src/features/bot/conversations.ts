import type { Dialogue, Turn } from '../../session/dialogue.ts';
import type { UserSession } from '../../session/user-session.ts';
import { xml } from '../../xml/element.ts';
import { BOT } from '../../session/bot.ts';
import { NS_CLIENT } from '../../xmpp/namespaces.ts';
import { newStanzaId } from '../../xmpp/stanza.ts';
import type { CommandList } from '../commands/command-list.ts';
import { Conversation } from './conversation.ts';

/** The talks of the bot with all users; each lives as long as the session of its user. */
export class Conversations {
  readonly #list: CommandList;
  readonly #talks = new WeakMap<UserSession, Conversation>();

  constructor(list: CommandList) {
    this.#list = list;
  }

  of(session: UserSession): Conversation {
    const known = this.#talks.get(session);
    if (known !== undefined) return known;
    const conversation = new Conversation(session, this.#list);
    this.#talks.set(session, conversation);
    return conversation;
  }

  /** Goes on in words with a dialogue that began elsewhere; the bot speaks first. */
  adopt(session: UserSession, dialogue: Dialogue, turn: Turn): void {
    session.mailbox.post(() => {
      const { text } = this.of(session).adopt(dialogue, turn);
      const from = `${BOT}@${session.domain.domain}`;
      const to = session.user.bare;
      return [
        xml('message', NS_CLIENT, { from, to, type: 'chat', id: newStanzaId() }, [
          xml('body', NS_CLIENT, {}, [text]),
        ]),
      ];
    });
  }
}
