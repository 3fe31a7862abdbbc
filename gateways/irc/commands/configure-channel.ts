import type {
  Answers,
  CommandRequest,
  CommandResult,
  Field,
  GatewayCommand,
  Step,
} from '../../../src/plugin/index.ts';
import { roomId } from '../../../src/plugin/index.ts';
import type { ChannelModes, Flag, WantedModes } from '../channel-modes.ts';
import { texts } from '../texts.ts';
import type { Texts } from '../texts.ts';
import { idOf, sessionOf } from './place.ts';

/** What a channel is like: shown by the core as the form of the room's owner, too (XEP-0045 §10.2). */
export const configureChannel: GatewayCommand = {
  node: 'configure',
  name: (language) => texts(language).channelName,
  word: (language) => texts(language).channelWord,
  at: 'room',
  for: 'user',
  run,
};

const MOST = 100_000;

/** Fields have the names of XEP-0045; some say the opposite of the mode. */
const FIELDS: readonly (readonly [name: string, flag: Flag, isOpposite: boolean])[] = [
  ['changesubject', 't', true],
  ['moderatedroom', 'm', false],
  ['membersonly', 'i', false],
  ['publicroom', 's', true],
];

async function* run(request: CommandRequest): AsyncGenerator<Step, CommandResult, Answers> {
  const words = texts(request.language);
  const session = sessionOf(request);
  const room = roomId(idOf(request));
  const known = await session.channelModes(room);
  const step: Step = { instructions: words.channelWhat, fields: fieldsOf(known, words) };
  let problem: string | undefined;
  for (;;) {
    const answers: Answers = yield problem === undefined ? step : { ...step, problem };
    const wanted = wantedIn(answers, known);
    const { limit } = wanted;
    if (wanted.hasKey && wanted.key === undefined && !known.hasKey) problem = words.noKey;
    else if (limit !== undefined && !(Number.isInteger(limit) && limit > 0 && limit <= MOST)) {
      problem = words.badLimit(MOST);
    } else {
      await session.setChannelModes(room, wanted);
      return { text: words.channelSet };
    }
  }
}

function fieldsOf({ flags, hasKey, limit }: ChannelModes, words: Texts): Field[] {
  const flag = (name: string, label: string, isOn: boolean): Field => ({
    name,
    label,
    kind: 'flag',
    value: String(isOn),
  });
  const labels: Readonly<Record<Flag, string>> = {
    t: words.topicOpen,
    m: words.moderated,
    i: words.inviteOnly,
    s: words.listed,
  };
  return [
    ...FIELDS.map(([name, mode, isOpposite]) =>
      flag(name, labels[mode], flags.has(mode) !== isOpposite),
    ),
    flag('passwordprotectedroom', words.wantsKey, hasKey),
    { name: 'roomsecret', label: words.key, kind: 'secret' },
    {
      name: 'maxusers',
      label: words.limit,
      kind: 'text',
      ...(limit === undefined ? {} : { value: String(limit) }),
    },
  ];
}

/** A flag that is left out stays as it is. */
function wantedIn(answers: Answers, { flags: known, hasKey }: ChannelModes): WantedModes {
  const isWanted = (name: string, isNow: boolean): boolean =>
    answers[name] === undefined ? isNow : answers[name] === 'true';
  const flags = FIELDS.filter(
    ([name, mode, isOpposite]) => isWanted(name, known.has(mode) !== isOpposite) !== isOpposite,
  ).map(([, mode]) => mode);
  const { roomsecret: key, maxusers: limit } = answers;
  return {
    flags: new Set(flags),
    hasKey: isWanted('passwordprotectedroom', hasKey),
    ...(key === undefined ? {} : { key }),
    ...(limit === undefined ? {} : { limit: /^\d+$/.test(limit) ? Number(limit) : NaN }),
  };
}
