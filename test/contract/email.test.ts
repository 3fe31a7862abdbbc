import { gateway } from '../../gateways/email/index.ts';
import { startMailServer } from '../harness/mail-server.ts';
import { describeGateway } from './describe-gateway.ts';
import type { Rig } from './describe-gateway.ts';

describeGateway('e-mail', {
  plugin: gateway,
  wrongOptions: [
    { providers: [{ domain: 'a b' }] },
    { providers: [{ domain: 'example.org', imap: { host: 'imap.example.org', port: 0 } }] },
    { ownDomain: { domain: 'chat.example.org' } },
    { subject: 5 },
  ],
  addresses: {
    same: [
      ['juliet@example.org', 'Juliet@Example.org', 'juliet%example.org'],
      ['juliet@other.example.org'],
      ['50%off@example.org'],
      ['info@xn--bcher-kva.example', 'info@bücher.example'],
      ['"juliet capulet"@example.org', '"Juliet Capulet"@Example.org'],
      ['list:news.example.org', 'list:News.example.org'],
    ],
    typed: [
      ['mailto:juliet@example.org?subject=Hi', 'juliet@example.org'],
      ['Juliet Capulet <juliet@example.org>', 'juliet@example.org'],
    ],
    impossible: [
      '',
      '@',
      'juliet',
      'a@b@c',
      'a b@example.org',
      'a@example.org\r\nBcc: x@y',
      'a@1.2.3.4',
    ],
  },
  start: startRig,
});

async function startRig(): Promise<Rig> {
  const server = await startMailServer({
    accounts: {
      'alice@mail.test': 'wonderland-9',
      'bob@mail.test': 'builder-9',
      'juliet@mail.test': 'capulet-9',
    },
  });
  return {
    options: {
      providers: [
        {
          domain: 'mail.test',
          imap: { host: '127.0.0.1', port: server.imapPort, security: 'none' },
          smtp: { host: '127.0.0.1', port: server.smtpPort, security: 'none' },
        },
      ],
      limits: { burst: 10_000, perMinute: 10_000 },
    },
    answers: (user) => [
      user === 1
        ? { email: 'alice@mail.test', password: 'wonderland-9', name: 'Alice' }
        : { email: 'bob@mail.test', password: 'builder-9' },
    ],
    impossibleAnswers: { email: 'alice', password: 'wonderland-9' },
    refusedAnswers: { email: 'alice@mail.test', password: 'looking-glass-9' },
    fallSilent: () => {
      server.imap.silent = true;
      server.smtp.silent = true;
    },
    peer: 'juliet@mail.test',
    nobody: 'nobody@mail.test',
    nick: (user) => (user === 1 ? 'alice' : 'bob'),
    heard: () => server.taken.map(({ raw }) => textOf(raw)),
    stop: () => server.stop(),
  };
}

/** The text of a mail without attachments (RFC 2045 §6.7). */
function textOf(raw: Buffer): string {
  const mail = raw.toString('latin1');
  const end = mail.indexOf('\r\n\r\n');
  const body = mail.slice(end + 4).replace(/\r\n$/, '');
  const isQuoted = /^content-transfer-encoding: quoted-printable/im.test(mail.slice(0, end));
  const bytes = isQuoted
    ? body
        .replace(/=\r\n/g, '')
        .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
    : body;
  return Buffer.from(bytes, 'latin1').toString();
}
