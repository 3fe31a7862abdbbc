import { NetworkError } from '../../src/plugin/index.ts';
import type { NetworkErrorKind } from '../../src/plugin/index.ts';
import { serverSays } from './formatting.ts';

type Row = readonly [kind: NetworkErrorKind, says: string];

/** RFC 2812 §5.2 and what servers made of it since: what a refusal means, and in words. */
const rows: Readonly<Record<string, Row>> = {
  '263': ['too-fast', 'The server is busy.'],
  '401': ['not-found', 'There is nobody with that nick.'],
  '402': ['not-found', 'There is no such server.'],
  '403': ['not-found', 'There is no such channel.'],
  '404': ['refused', 'The channel does not let you speak.'],
  '405': ['refused', 'You are in as many channels as the server allows.'],
  '406': ['not-found', 'There was nobody with that nick.'],
  '407': ['invalid', 'The server took that for several targets.'],
  '408': ['refused', 'The channel does not take this text.'],
  '411': ['invalid', 'The server missed whom the message was for.'],
  '412': ['invalid', 'There was no text to send.'],
  '415': ['refused', 'The server does not take this message.'],
  '421': ['unsupported', 'The server does not know this command.'],
  '431': ['invalid', 'A nick is needed.'],
  '432': ['invalid', 'The server does not allow that nick.'],
  '433': ['conflict', 'That nick is in use.'],
  '436': ['conflict', 'That nick is in use.'],
  '437': ['conflict', 'That nick or channel cannot be had just now.'],
  '438': ['too-fast', 'The server does not let you change your nick so soon.'],
  '441': ['not-found', 'That person is not in the channel.'],
  '442': ['not-joined', 'You are not in that channel.'],
  '443': ['conflict', 'That person is in the channel already.'],
  '447': ['refused', 'The channel does not let you change your nick.'],
  '461': ['invalid', 'The server missed a part of the command.'],
  '464': ['credentials', 'The password of the server is wrong.'],
  '465': ['refused', 'The server has banned you.'],
  '470': ['members-only', 'The channel sent you on to another one.'],
  '471': ['full', 'The channel is full.'],
  '472': ['unsupported', 'The server does not know that mode.'],
  '473': ['members-only', 'The channel is for invited people only.'],
  '474': ['refused', 'You are banned from the channel.'],
  '475': ['key', 'The channel wants a password, or another one.'],
  '476': ['invalid', 'The server does not allow that name for a channel.'],
  '477': ['members-only', 'The channel is for people with an account on that network.'],
  '478': ['full', 'The list of bans is full.'],
  '479': ['invalid', 'The server does not allow that name for a channel.'],
  '480': ['too-fast', 'The channel lets nobody in for a while.'],
  '481': ['refused', 'Only operators of the network may do that.'],
  '482': ['refused', 'Only operators of the channel may do that.'],
  '484': ['refused', 'The server protects that person.'],
  '485': ['refused', 'The server does not allow that.'],
  '486': ['refused', 'That person takes messages from people with an account only.'],
  '488': ['refused', 'The channel is for people with an encrypted connection only.'],
  '489': ['members-only', 'The channel is for people with an encrypted connection only.'],
  '494': ['refused', 'That person does not take your messages.'],
  '495': ['too-fast', 'The channel does not let you come back so soon.'],
  '499': ['refused', 'Only owners of the channel may do that.'],
  '500': ['too-fast', 'Too many people join that channel just now.'],
  '517': ['refused', 'The command is switched off on that server.'],
  '520': ['refused', 'Only operators of the network may join that channel.'],
  '531': ['refused', 'That person does not take your messages.'],
  '696': ['invalid', 'The server does not take that value.'],
  '716': ['refused', 'That person takes messages from chosen people only.'],
  '902': ['credentials', 'The account is locked.'],
  '904': ['credentials', 'The account or its password is wrong.'],
  '905': ['credentials', 'The password is too long for that server.'],
  '906': ['credentials', 'The server stopped the sign-in.'],
  '972': ['refused', 'The server does not allow that.'],
};

/** The error a numeric stands for, with the server's own words; `undefined` when it is no refusal. */
export function refusalOf(numeric: string, words: string | undefined): NetworkError | undefined {
  const row = Object.hasOwn(rows, numeric) ? rows[numeric] : undefined;
  if (row === undefined) return undefined;
  const [kind, says] = row;
  const quote = words === undefined || words === '' ? '' : ` ${serverSays(words)}`;
  return new NetworkError(
    kind,
    `${says}${quote}`,
    kind === 'too-fast' ? { retryAfterMs: 10_000 } : {},
  );
}
