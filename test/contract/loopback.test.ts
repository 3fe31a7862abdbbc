import { gateway, LoopbackNetwork } from '../loopback/index.ts';
import { describeGateway } from './describe-gateway.ts';
import type { Rig, Subject } from './describe-gateway.ts';

let worlds = 0;

const subject = (delivery: 'live' | 'stored'): Subject => ({
  plugin: gateway,
  wrongOptions: [{ registration: 'maybe' }, { features: ['flying'] }, { networks: { 'a b': {} } }],
  addresses: {
    same: [
      ['romeo', 'Romeo', 'ROMEO'],
      ['juliet'],
      ['#garden', '#Garden'],
      ['romeo%moon', 'Romeo%Moon'],
      ['#garden%moon'],
      ['%moon', '%MOON'],
    ],
    typed: [
      ['Romeo on moon', 'romeo%moon'],
      ['#garden auf moon', '#garden%moon'],
    ],
    impossible: ['', '#', '%', 'a b', 'romeo%mars', '#a#b', '@', 'a\r\nb', 'a'.repeat(65)],
  },
  start: () => Promise.resolve(startRig(delivery)),
});

describeGateway('loopback', subject('live'));
describeGateway('stored loopback', subject('stored'));

function startRig(delivery: 'live' | 'stored'): Rig {
  worlds += 1;
  const world = `contract-${worlds}`;
  const own = LoopbackNetwork.named(world);
  own.passwords.set('alice', 'wonderland-9');
  own.join('#garden', 'romeo');
  return {
    options: { world, delivery, networks: { moon: { name: 'Moon' } }, steps: ['details', 'link'] },
    answers: (user) => [
      user === 1
        ? { nick: 'alice', name: 'Alice', password: 'wonderland-9' }
        : { nick: 'bob', password: 'builder-9' },
      {
        about: 'Two\nlines',
        visible: 'false',
        colour: 'blue',
        interests: 'chess\nmusic',
        pin: '4711',
      },
      { code: own.consentCode },
    ],
    impossibleAnswers: { nick: 'two words' },
    refusedAnswers: { nick: 'alice', password: 'looking-glass-9' },
    peer: 'romeo',
    nobody: 'tybalt',
    room: '#garden',
    nick: (user) => (user === 1 ? 'alice' : 'bob'),
    heard: () => own.heard('romeo'),
    say: (text, count) => {
      for (let index = 0; index < count; index += 1)
        own.say('#garden', 'romeo', `${text} ${index}`);
    },
    stop: () => Promise.resolve(),
  };
}
