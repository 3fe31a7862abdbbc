import { gateway } from '../../gateways/irc/index.ts';
import { connectIrc } from '../harness/irc-client.ts';
import { startIrcServer } from '../harness/irc-server.ts';
import { describeGateway } from './describe-gateway.ts';
import type { Rig } from './describe-gateway.ts';

describeGateway('IRC', {
  plugin: gateway,
  wrongOptions: [
    { servers: { 'Not a name': { host: 'irc.example.org' } } },
    { servers: { libera: { host: 'irc.example.org', port: 70_000 } } },
    { registration: 'perhaps' },
  ],
  addresses: {
    same: [
      ['romeo%s', 'Romeo%s', 'ROMEO%S'],
      ['juliet%s'],
      ['romeo%irc.example.org', 'romeo%IRC.Example.Org'],
      ['#garden%s', '#Garden%s'],
      ['&garden%s'],
      ['s'],
      ['irc.example.org'],
    ],
    typed: [
      ['irc://irc.example.org/garden', '#garden%irc.example.org'],
      ['romeo on s', 'romeo%s'],
      ['romeo', 'romeo%s'],
    ],
    impossible: ['', '%', '%s', 'romeo%', 'a b%s', '#a,b%s', 'a\r\nQUIT%s', '#a\u0000%s'],
  },
  start: startRig,
});

async function startRig(): Promise<Rig> {
  const server = await startIrcServer({ accounts: { alice: 'wonderland-9', bob: 'builder-9' } });
  const romeo = await connectIrc({ port: server.port, nick: 'romeo' });
  await romeo.join('#garden');
  return {
    options: {
      servers: { s: { host: '127.0.0.1', port: server.port, tls: false } },
      throttle: { burst: 10_000, perSecond: 10_000 },
    },
    answers: (user) => [
      user === 1
        ? { nick: 'alice', name: 'Alice', password: 'wonderland-9', server: 's' }
        : { nick: 'bob', password: 'builder-9', server: 's' },
    ],
    impossibleAnswers: { nick: 'two words' },
    refusedAnswers: { nick: 'alice', password: 'looking-glass-9', server: 's' },
    fallSilent: () => (server.behaviours.silent = true),
    peer: 'romeo%s',
    nobody: 'tybalt%s',
    room: '#garden%s',
    nick: (user) => (user === 1 ? 'alice' : 'bob'),
    heard: () =>
      server.lines.flatMap(({ line }) => {
        const said = /^PRIVMSG (?:romeo|#garden) :(.*)$/i.exec(line)?.[1];
        return said === undefined ? [] : [said];
      }),
    say: (text, count) => {
      for (let index = 0; index < count; index += 1) romeo.say('#garden', `${text} ${index}`);
    },
    stop: async () => {
      await romeo.close();
      await server.stop();
    },
  };
}
