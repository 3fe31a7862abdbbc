import type { Answers, Field, GatewayCommand } from '../../../src/plugin/index.ts';
import type { EmailOptions } from '../options.ts';
import { oneLine } from '../reading/read-mail.ts';
import { LEVELS, NEWSLETTERS } from '../settings.ts';
import type { Settings } from '../settings.ts';
import { texts } from '../texts.ts';
import type { Texts } from '../texts.ts';
import { sessionOf } from './session-of.ts';

const MAX_FOLDERS = 20;

/** What comes through, and how. */
export const settingsCommand = ({ ownMailboxes }: EmailOptions): GatewayCommand => ({
  node: 'settings',
  name: (language) => texts(language).settingsName,
  word: (language) => texts(language).settingsWord,
  at: 'gateway',
  for: 'user',
  async *run(request) {
    const said = texts(request.language);
    const session = sessionOf(request);
    await session.preferences.load();
    const answers = yield {
      title: said.settingsName,
      instructions: said.settingsAsk,
      fields: fieldsFor(session.preferences.settings, said, ownMailboxes && !session.isNamed),
    };
    await session.preferences.change(changeFrom(answers));
    if (!session.isNamed) session.mailbox.lookAgain();
    return { text: said.settingsDone };
  },
});

function fieldsFor(settings: Settings, said: Texts, hasMailbox: boolean): Field[] {
  // Without a mailbox nobody keeps what is told by a line alone.
  const newsletters = NEWSLETTERS.filter((one) => hasMailbox || one !== 'digest');
  return [
    {
      name: 'level',
      label: said.levelLabel,
      kind: 'choice',
      value: settings.level,
      options: LEVELS.map((value) => ({ value, label: said.levels[value] })),
    },
    {
      name: 'newsletters',
      label: said.newslettersLabel,
      kind: 'choice',
      value: newsletters.find((one) => one === settings.newsletters) ?? 'messages',
      options: newsletters.map((value) => ({ value, label: said.newsletterChoices[value] })),
    },
    { name: 'name', label: said.fieldName, kind: 'text', value: settings.name },
    ...(hasMailbox
      ? ([
          {
            name: 'seen',
            label: said.seenLabel,
            kind: 'flag',
            value: String(settings.marksSeen),
          },
          {
            name: 'shown',
            label: said.shownLabel,
            kind: 'flag',
            value: String(settings.showsSeen),
          },
          {
            name: 'folders',
            label: said.foldersLabel,
            kind: 'lines',
            value: settings.folders.join('\n'),
            description: said.foldersHint,
          },
        ] as const)
      : []),
  ];
}

function changeFrom(answers: Answers): Partial<Settings> {
  const level = LEVELS.find((one) => one === answers['level']);
  const newsletters = NEWSLETTERS.find((one) => one === answers['newsletters']);
  const folders = (answers['folders'] ?? '').split('\n').map((line) => oneLine(line));
  return {
    ...(level === undefined ? {} : { level }),
    ...(newsletters === undefined ? {} : { newsletters }),
    ...(answers['seen'] === undefined ? {} : { marksSeen: answers['seen'] === 'true' }),
    ...(answers['shown'] === undefined ? {} : { showsSeen: answers['shown'] === 'true' }),
    name: oneLine(answers['name'] ?? '').slice(0, 100),
    folders: folders.filter((folder) => folder !== '').slice(0, MAX_FOLDERS),
  };
}
