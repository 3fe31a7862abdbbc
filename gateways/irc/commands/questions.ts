import { contactId, networkId } from '../../../src/plugin/index.ts';
import type {
  Answers,
  CommandRequest,
  CommandResult,
  GatewayCommand,
  Step,
} from '../../../src/plugin/index.ts';
import { texts } from '../texts.ts';
import { failed, idOf, sessionOf } from './place.ts';

/** More would be no use in a form. */
const MOST_LISTED = 100;

export const raw: GatewayCommand = {
  node: 'raw',
  name: (language) => texts(language).rawName,
  word: (language) => texts(language).rawWord,
  at: 'network',
  for: 'user',
  run: sendLine,
};

export const list: GatewayCommand = {
  node: 'list',
  name: (language) => texts(language).listName,
  word: (language) => texts(language).listWord,
  at: 'network',
  for: 'user',
  run: listChannels,
};

export const whois: GatewayCommand = {
  node: 'whois',
  name: (language) => texts(language).whoisName,
  word: (language) => texts(language).whoisWord,
  at: 'contact',
  for: 'user',
  run: askWho,
};

type Dialogue = AsyncGenerator<Step, CommandResult, Answers>;

async function* sendLine(request: CommandRequest): Dialogue {
  const words = texts(request.language);
  const { line } = yield {
    instructions: words.rawWhat,
    fields: [{ name: 'line', label: words.line, kind: 'text', isRequired: true }],
  };
  if (line === undefined) return failed(words.noRaw);
  await sessionOf(request).raw(idOf(request), line);
  return { text: words.sent };
}

async function* listChannels(request: CommandRequest): Dialogue {
  const words = texts(request.language);
  const { name } = yield {
    instructions: words.listWhat,
    fields: [{ name: 'name', label: words.listFilter, kind: 'text' }],
  };
  const server = networkId(idOf(request));
  const filter = name === undefined ? {} : { name };
  const rooms = await sessionOf(request).rooms(server, filter);
  if (rooms.length === 0) return { text: words.noChannels };
  const shown = rooms.slice(0, MOST_LISTED).map(({ id, name: title, size, subject }) => {
    const head = `${title ?? id}${size === undefined ? '' : ` (${size})`}`;
    return subject === undefined ? head : `${head}: ${subject}`;
  });
  if (rooms.length > shown.length) shown.push('…');
  return { text: shown.join('\n') };
}

// oxlint-disable-next-line require-yield -- a dialogue without a step
async function* askWho(request: CommandRequest): Dialogue {
  const card = await sessionOf(request).lookup(contactId(idOf(request)));
  const { nick = '', name, note } = card;
  const head = name === undefined ? nick : `${nick} (${name})`;
  return { text: [head, note].filter((part) => part !== undefined).join('\n') };
}
