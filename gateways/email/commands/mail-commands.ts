import type { GatewayCommand } from '../../../src/plugin/index.ts';
import { texts } from '../texts.ts';
import { sessionOf } from './session-of.ts';

const MAX_RECENT = 50;

/** The whole of the last mail, with what was left out of it. */
export const fullTextCommand = (at: 'gateway' | 'contact'): GatewayCommand => ({
  node: 'full-text',
  name: (language) => texts(language).fullTextName,
  word: (language) => texts(language).fullTextWord,
  at,
  for: 'user',
  // oxlint-disable-next-line require-yield -- it asks nothing
  async *run(request) {
    const { address, language } = request;
    const contact = address?.kind === 'contact' ? address.id : undefined;
    const text = await sessionOf(request).fullText(contact);
    const isFound = text !== undefined && text.trim() !== '';
    return isFound ? { text } : { text: texts(language).noFullText, isFailed: true };
  },
});

/** Mails from before the registration, or that a level has held back. */
export const recentCommand: GatewayCommand = {
  node: 'recent',
  name: (language) => texts(language).recentName,
  word: (language) => texts(language).recentWord,
  at: 'gateway',
  for: 'user',
  async *run(request) {
    const said = texts(request.language);
    const session = sessionOf(request);
    let problem: string | undefined;
    for (;;) {
      const answers = yield {
        title: said.recentName,
        instructions: said.recentAsk(MAX_RECENT),
        fields: [
          { name: 'count', label: said.recentCount, kind: 'text', isRequired: true, value: '10' },
        ],
        ...(problem === undefined ? {} : { problem }),
      };
      const count = Number(answers['count']);
      problem = said.recentAsk(MAX_RECENT);
      if (!Number.isInteger(count) || count < 1 || count > MAX_RECENT) {
        if (answers['count'] === undefined || /^\d/.test(answers['count'])) continue;
        return { text: problem, isFailed: true };
      }
      return { text: said.recentDone(await session.mailbox.recent(count)) };
    }
  },
};
