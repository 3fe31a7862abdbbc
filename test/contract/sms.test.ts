import { gateway } from '../../gateways/sms/index.ts';
import { TwilioServer } from '../harness/twilio-server.ts';
import { describeGateway } from './describe-gateway.ts';
import type { Rig } from './describe-gateway.ts';

const PEER = '+15005550010';

describeGateway('SMS', {
  plugin: gateway,
  wrongOptions: [
    { region: 'Germany' },
    { numbers: { '5005550006': 'alice@example.org', '123456789': 'x@y' } },
    { numbers: { '+15005550006': 'nobody' } },
    { provider: { type: 'pigeon' } },
    { limits: { segmentsPerText: 0 } },
  ],
  addresses: {
    same: [
      ['+15005550006'],
      ['12345', '12345;phone-context=us', '12345;Phone-Context=US'],
      ['12345;phone-context=de'],
      ['Bank of X;phone-context=alphanumeric', 'bank of x;phone-context=alphanumeric'],
      ['+15005550006,+15005550007', '+15005550007,+15005550006'],
    ],
    typed: [
      ['(555) 123-4567', '+15551234567'],
      ['1 500 555 0006', '+15005550006'],
      ['+49 151 12345678', '+4915112345678'],
      ['sms:+15005550006', '+15005550006'],
    ],
    impossible: [
      '',
      '+',
      '+0123456789',
      '15005550006',
      '+1500555000612345678',
      'juliet',
      '+15005550006,juliet',
      ';phone-context=us',
      '12345;phone-context=usa',
      'a\r\nb;phone-context=alphanumeric',
    ],
  },
  start: startRig,
});

async function startRig(): Promise<Rig> {
  const server = await new TwilioServer().start();
  const { accountSid, authToken, url } = server;
  return {
    options: {
      region: 'US',
      provider: { type: 'twilio', accountSid, authToken, apiUrl: url },
      numbers: { '+15005550006': 'alice@example.org', '+15005550007': 'bob@example.org' },
    },
    answers: (user) => [{ phone: user === 1 ? '+15005550006' : '+15005550007' }],
    impossibleAnswers: { phone: 'juliet' },
    fallSilent: () => (server.behaviours.silent = true),
    peer: PEER,
    nobody: '+15005550001',
    nick: (user) => (user === 1 ? 'alice' : 'bob'),
    heard: () => server.messages.filter(({ to }) => to === PEER).map(({ body }) => body),
    stop: () => server.stop(),
  };
}
