import { NetworkError } from '../../plugin/index.ts';
import type { Address } from '../../plugin/index.ts';
import { toStanzaError } from '../../router/error-boundary.ts';
import type { Dialogue, Turn } from '../../session/dialogue.ts';
import type { UserSession } from '../../session/user-session.ts';
import type { XmlElement } from '../../xml/element.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';
import type { Command } from '../commands/command.ts';
import type { CommandList } from '../commands/command-list.ts';
import { commandTexts } from '../commands/texts.ts';
import { botTexts } from './bot-texts.ts';
import { Budget } from './budget.ts';
import { addressable, helpText, named } from './menu.ts';
import { outcomeText } from './outcome-text.ts';
import { Talk } from './talk.ts';
import { isWord } from './words.ts';

/** More than anybody types in a minute; two robots that answer each other do not get far. */
const MESSAGES_A_MINUTE = 60;
const PUZZLED_A_MINUTE = 5;

/** Something to say, and what follows it. */
export interface Saying {
  readonly text: string;
  readonly after?: readonly XmlElement[];
}

/** What is said at once, and what is said later if there is more to come. */
export interface Answer {
  readonly now?: Saying;
  readonly later?: Promise<Saying | undefined>;
}

/** The bot's talk with one user. */
export class Conversation {
  readonly #session: UserSession;
  readonly #list: CommandList;
  readonly #messages: Budget;
  readonly #puzzled: Budget;
  #talk: Talk | undefined;

  constructor(session: UserSession, list: CommandList) {
    const { now } = session.domain;
    this.#session = session;
    this.#list = list;
    this.#messages = new Budget(MESSAGES_A_MINUTE, now);
    this.#puzzled = new Budget(PUZZLED_A_MINUTE, now);
  }

  /**
   * Takes what the user wrote.
   * @throws StanzaError resource-constraint when she writes without end
   */
  hear(text: string): Answer {
    if (!this.#messages.spend()) throw this.#tooMany();
    const talk = this.#talk?.dialogue.isOver === true ? undefined : this.#talk;
    this.#talk = talk;
    if (isWord(text, 'cancel')) return this.#cancel(talk);
    if (talk === undefined) return this.#command(text);
    return talk.dialogue.isBusy ? { now: this.#saying('isBusy') } : this.#answer(talk, text);
  }

  /** Goes on with a dialogue that began elsewhere. */
  adopt(dialogue: Dialogue, turn: Turn): Saying {
    this.#talk?.dialogue.end();
    this.#talk = new Talk(dialogue);
    return this.#told(this.#talk, turn);
  }

  #cancel(talk: Talk | undefined): Answer {
    talk?.dialogue.end();
    this.#talk = undefined;
    return { now: this.#saying(talk === undefined ? 'nothingToCancel' : 'canceled') };
  }

  #command(text: string): Answer {
    const { domain, language } = this.#session;
    if (isWord(text, 'help')) {
      return { now: { text: helpText(domain, this.#list, this.#session) } };
    }
    const texts = botTexts(language);
    const found = named(this.#list, this.#session, text);
    if (found === undefined) {
      if (!this.#puzzled.spend()) throw this.#tooMany();
      return { now: this.#saying('unknown') };
    }
    const { command, rest } = found;
    const refusal = this.#list.refusal(command, this.#session);
    if (refusal !== undefined) return { now: { text: refusal.text ?? texts.unknown } };
    if (command.at === 'gateway') return this.#begin(command, undefined);
    if (rest === '') return { now: { text: texts.whatAddress(command.word(language)) } };
    const address = addressable(this.#session, command.at, rest);
    if (address === undefined) return { now: { text: texts.noAddress(rest) } };
    return this.#begin(command, address);
  }

  #begin(command: Command, address: Address | undefined): Answer {
    const session = this.#session;
    const { language } = session;
    const dialogue = session.dialogues.open({
      node: command.node,
      isSingle: command.isSingle ?? false,
      parties: session.user.bare,
      language,
      run: (signal) => command.run({ session, address, language, signal }),
    });
    if (dialogue === undefined) return { now: { text: commandTexts(language).tooMany } };
    const talk = new Talk(dialogue);
    this.#talk = talk;
    return { later: this.#turn(talk, dialogue.start()) };
  }

  #answer(talk: Talk, text: string): Answer {
    const move = talk.read(text);
    if ('say' in move) return { now: { text: move.say } };
    const { dialogue } = talk;
    const turn = 'answers' in move ? dialogue.answer(move.answers) : dialogue.back();
    return { later: this.#turn(talk, turn) };
  }

  async #turn(talk: Talk, pending: Promise<Turn>): Promise<Saying | undefined> {
    try {
      return this.#told(talk, await pending);
    } catch (error) {
      // Broken off meanwhile: the user has been told, or knows.
      if (this.#talk !== talk) return undefined;
      return { text: this.#failure(talk, error) };
    }
  }

  #told(talk: Talk, turn: Turn): Saying {
    if (turn.kind === 'asks') return { text: talk.ask(turn.step) };
    const text = outcomeText(turn.outcome);
    const { after = [] } = turn.outcome;
    return { text: text === '' ? botTexts(talk.language).done : text, after };
  }

  #failure({ language }: Talk, error: unknown): string {
    if (error instanceof NetworkError) return error.message;
    return toStanzaError(error, this.#session.log, language).text ?? botTexts(language).failed;
  }

  #saying(text: 'isBusy' | 'nothingToCancel' | 'canceled' | 'unknown'): Saying {
    return { text: botTexts(this.#session.language)[text] };
  }

  #tooMany(): StanzaError {
    const { language } = this.#session;
    return new StanzaError('resource-constraint', botTexts(language).tooMany, { language });
  }
}
