import { NetworkError, catalogue } from 'causeway/plugin';
import type { Answers, CommandRequest, CommandResult, GatewayCommand, Step } from 'causeway/plugin';
import type { LoopbackNetwork } from './network.ts';
import { LoopbackSession } from './session.ts';

type Dialogue = AsyncGenerator<Step, CommandResult, Answers>;

const texts = catalogue(
  {
    status: 'Look at my connection',
    statusIs: (name: string, rooms: number) => `You are ${name}, in ${rooms} rooms.`,
    nobody: 'nobody yet',
    greeting: 'Set my greeting',
    greetingWord: 'greeting',
    askGreeting: 'What shall it be?',
    words: 'Greeting',
    noGreeting: 'A greeting has words.',
    confirm: (words: string) => `Shall it be "${words}"?`,
    yes: 'Yes',
    isSet: 'It is set.',
    isNotSet: 'It stays as it was.',
    announce: 'Tell all users something',
    told: (count: number) => `${count} users were told.`,
    poke: 'Poke',
    pokeWord: 'poke',
    poked: (name: string) => `${name} was poked.`,
    nobodyThere: 'Nobody is there to be poked.',
    size: 'Count the members',
    sizeIs: (count: number) => `${count} are in this room.`,
    weather: 'Ask for the weather',
    weatherIs: 'It is sunny on this network.',
  },
  {
    de: {
      status: 'Meine Verbindung ansehen',
      statusIs: (name: string, rooms: number) => `Du heißt ${name}, in ${rooms} Räumen.`,
      nobody: 'noch niemand',
      greeting: 'Meinen Gruß setzen',
      greetingWord: 'gruß',
      askGreeting: 'Wie soll er lauten?',
      words: 'Gruß',
      noGreeting: 'Ein Gruß besteht aus Wörtern.',
      confirm: (words: string) => `Soll er „${words}“ lauten?`,
      yes: 'Ja',
      isSet: 'Er ist gesetzt.',
      isNotSet: 'Er bleibt, wie er war.',
      announce: 'Allen etwas sagen',
      told: (count: number) => `${count} haben es gehört.`,
      poke: 'Anstupsen',
      pokeWord: 'anstupsen',
      poked: (name: string) => `${name} wurde angestupst.`,
      nobodyThere: 'Da ist niemand zum Anstupsen.',
      size: 'Mitglieder zählen',
      sizeIs: (count: number) => `${count} sind in diesem Raum.`,
      weather: 'Nach dem Wetter fragen',
      weatherIs: 'In diesem Netz scheint die Sonne.',
    },
  },
);

type Words = ReturnType<typeof texts>;
type Name = 'status' | 'greeting' | 'announce' | 'poke' | 'size' | 'weather';

/** One command for each place where there can be one, with no, one and several steps. */
export function createCommands(network: LoopbackNetwork): readonly GatewayCommand[] {
  return [
    command('status', 'gateway', 'user', status),
    {
      ...command('greeting', 'gateway', 'user', greeting),
      word: (language) => texts(language).greetingWord,
    },
    command('announce', 'gateway', 'admin', (request, words) => announce(network, request, words)),
    {
      ...command('poke', 'contact', 'user', (request, words) => poke(network, request, words)),
      word: (language) => texts(language).pokeWord,
    },
    command('size', 'room', 'user', (request, words) => size(network, request, words)),
    command('weather', 'network', 'user', weather),
  ];
}

function command(
  node: Name,
  at: GatewayCommand['at'],
  whom: GatewayCommand['for'],
  run: (request: CommandRequest, words: Words) => Dialogue,
): GatewayCommand {
  return {
    node,
    at,
    for: whom,
    name: (language) => texts(language)[node],
    run: (request) => run(request, texts(request.language)),
  };
}

// oxlint-disable-next-line require-yield -- a dialogue without a step
async function* status({ session }: CommandRequest, words: Words): Dialogue {
  const own = session instanceof LoopbackSession ? session : undefined;
  const name = own === undefined || own.name === '' ? words.nobody : own.name;
  return { text: words.statusIs(name, own?.roomCount ?? 0) };
}

async function* greeting({ memory }: CommandRequest, words: Words): Dialogue {
  const known = await memory.get('greeting');
  const step: Step = {
    title: words.greeting,
    instructions: words.askGreeting,
    fields: [
      {
        name: 'words',
        label: words.words,
        kind: 'text',
        isRequired: true,
        ...(known === undefined ? {} : { value: known }),
      },
    ],
  };
  let text = (yield step)['words'];
  while (text === undefined || !/\p{L}/u.test(text)) {
    text = (yield { ...step, problem: words.noGreeting })['words'];
  }
  const answers = yield {
    instructions: words.confirm(text),
    fields: [{ name: 'sure', label: words.yes, kind: 'flag', value: 'true' }],
  };
  if (answers['sure'] !== 'true') return { text: words.isNotSet, isFailed: true };
  await memory.set('greeting', text);
  return { text: words.isSet };
}

async function* announce(
  network: LoopbackNetwork,
  { signal }: CommandRequest,
  words: Words,
): Dialogue {
  const { words: text = '' } = yield {
    instructions: words.announce,
    fields: [{ name: 'words', label: words.announce, kind: 'lines', isRequired: true }],
  };
  signal.throwIfAborted();
  let count = 0;
  for (const receiver of network.receivers()) {
    receiver.tell({ kind: 'notice', text });
    count += 1;
  }
  return { text: words.told(count) };
}

// oxlint-disable-next-line require-yield -- a dialogue without a step
async function* poke(
  network: LoopbackNetwork,
  { address }: CommandRequest,
  words: Words,
): Dialogue {
  const person = address?.kind === 'contact' ? network.people.get(address.id) : undefined;
  if (person === undefined) throw new NetworkError('not-found', words.nobodyThere);
  return { text: words.poked(person.name) };
}

// oxlint-disable-next-line require-yield -- a dialogue without a step
async function* size(
  network: LoopbackNetwork,
  { address }: CommandRequest,
  words: Words,
): Dialogue {
  const room = address?.kind === 'room' ? network.rooms.get(address.id) : undefined;
  return { text: words.sizeIs(room?.size ?? 0) };
}

// oxlint-disable-next-line require-yield -- a dialogue without a step
async function* weather(_request: CommandRequest, words: Words): Dialogue {
  return { text: words.weatherIs };
}
