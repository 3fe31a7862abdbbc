import { roomId } from '../../../src/plugin/index.ts';
import type {
  Answers,
  CommandRequest,
  CommandResult,
  GatewayCommand,
  Step,
} from '../../../src/plugin/index.ts';
import { texts } from '../texts.ts';
import { failed, idOf, sessionOf } from './place.ts';

export const disconnect: GatewayCommand = {
  node: 'disconnect-from-irc-server',
  name: (language) => texts(language).disconnectName,
  word: (language) => texts(language).disconnectWord,
  at: 'gateway',
  for: 'user',
  run: disconnectFrom,
};

export const info: GatewayCommand = {
  node: 'get-irc-connection-info',
  name: (language) => texts(language).infoName,
  word: (language) => texts(language).infoWord,
  at: 'network',
  for: 'user',
  run: tellOf,
};

export const leave: GatewayCommand = {
  node: 'leave',
  name: (language) => texts(language).leaveName,
  word: (language) => texts(language).leaveWord,
  at: 'room',
  for: 'user',
  run: leaveChannel,
};

// oxlint-disable-next-line require-yield -- a dialogue without a step
async function* leaveChannel(
  request: CommandRequest,
): AsyncGenerator<Step, CommandResult, Answers> {
  sessionOf(request).leaveForGood(roomId(idOf(request)));
  return { text: texts(request.language).left };
}

async function* disconnectFrom(
  request: CommandRequest,
): AsyncGenerator<Step, CommandResult, Answers> {
  const words = texts(request.language);
  const irc = sessionOf(request);
  const servers = irc.servers;
  if (servers.length === 0) return failed(words.notConnected);
  const answers = yield {
    instructions: words.disconnectWhich,
    fields: [
      {
        name: 'irc-servers',
        label: words.servers,
        kind: 'choices',
        options: servers.map((value) => ({ value, label: value })),
        isRequired: true,
      },
      { name: 'quit-message', label: words.quitMessage, kind: 'text' },
    ],
  };
  const chosen = (answers['irc-servers'] ?? '').split('\n').filter((id) => servers.includes(id));
  if (chosen.length === 0) return failed(words.notConnected);
  for (const server of chosen) irc.disconnect(server, answers['quit-message'] ?? '');
  return { text: words.disconnected(chosen.join(', ')) };
}

// oxlint-disable-next-line require-yield -- a dialogue without a step
async function* tellOf(request: CommandRequest): AsyncGenerator<Step, CommandResult, Answers> {
  const words = texts(request.language);
  const connection = sessionOf(request).connectionTo(idOf(request));
  if (connection === undefined) return failed(words.notConnected);
  const { nick, channels, endpoint, connectedAt } = connection;
  const lines = [
    words.connected(nick),
    words.connectedTo(endpoint.host, endpoint.port, endpoint.isTls),
    words.since(new Date(connectedAt).toUTCString()),
    words.inChannels(channels.join(' ')),
  ];
  return { text: lines.join('\n') };
}
