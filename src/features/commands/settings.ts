import type { Field } from '../../plugin/index.ts';
import type { Script } from '../../session/dialogue.ts';
import { inMailbox } from '../../session/in-mailbox.ts';
import { bookmarkChoice } from '../../session/settings.ts';
import { mayBookmark } from '../muc/bookmarks.ts';
import type { CommandCall } from './command.ts';
import { userTexts } from './user-texts.ts';

/** Those that the core speaks, by their own names. */
const LANGUAGES = [
  { value: 'en', label: 'English' },
  { value: 'de', label: 'Deutsch' },
];
const AUTOMATIC = 'auto';

/** What a user may choose, whatever the network is. */
export async function* changeSettings({ session, language, signal }: CommandCall): Script {
  const texts = userTexts(language);
  const { gateway, store } = session.domain;
  const known = session.settings.get();
  const hasHistory = gateway.features.includes('join') && store.archives.isOn;
  const flag = (name: string, label: string, value: boolean): Field => ({
    name,
    label,
    kind: 'flag',
    value: String(value),
  });
  const fields: Field[] = [
    {
      name: 'language',
      label: texts.language,
      kind: 'choice',
      options: [{ value: AUTOMATIC, label: texts.automatic }, ...LANGUAGES],
      value: known.language === '' ? AUTOMATIC : known.language,
    },
  ];
  if (gateway.isAlwaysOn !== true) {
    fields.push(flag('stay-connected', texts.stayConnected, known.stayConnected));
  }
  if (hasHistory) {
    const history = flag('keep-history', texts.keepHistory, known.keepHistory);
    fields.push({ ...history, description: texts.noHistory });
  }
  if (gateway.features.includes('subject')) {
    fields.push(flag('subjects-in-text', texts.subjectsInText, known.subjectsInText));
  }
  if (mayBookmark(session)) {
    fields.push({
      name: 'bookmarks',
      label: texts.bookmarks,
      description: texts.bookmarksStay,
      kind: 'choice',
      options: [
        { value: 'auto', label: texts.whileConnected },
        { value: 'on', label: texts.isYes },
        { value: 'off', label: texts.isNo },
      ],
      value: known.bookmarks,
    });
  }
  const answers = yield { instructions: texts.askSettings, fields, isLast: true };
  signal.throwIfAborted();
  const isOn = (name: string, before: boolean): boolean =>
    answers[name] === undefined ? before : answers[name] === 'true';
  const chosen = answers['language'] ?? AUTOMATIC;
  const change = {
    stayConnected: isOn('stay-connected', known.stayConnected),
    keepHistory: isOn('keep-history', known.keepHistory),
    bookmarks: bookmarkChoice(answers['bookmarks'] ?? known.bookmarks),
    subjectsInText: isOn('subjects-in-text', known.subjectsInText),
    language: chosen === AUTOMATIC ? '' : chosen,
  };
  await inMailbox(session, () => session.changeSettings(change));
  return { text: texts.saved };
}
