import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { SMTPServer } from 'smtp-server';
import type { SMTPServerOptions } from 'smtp-server';
import type { Credentials } from '../../../gateways/email/credentials.ts';
import { emailOptions } from '../../../gateways/email/options.ts';
import { Mailer } from '../../../gateways/email/smtp/mailer.ts';
import { texts } from '../../../gateways/email/texts.ts';
import { compose } from '../../../gateways/email/writing/compose.ts';
import type { Letter } from '../../../gateways/email/writing/letter.ts';

const ALICE = 'alice@mail.test';

describe('the connections to an SMTP server', { timeout: 30_000 }, () => {
  const ends: (() => void | Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  /** @returns its port */
  const listen = async (options: SMTPServerOptions): Promise<number> => {
    const server = new SMTPServer({
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      authOptional: true,
      disableReverseLookup: true,
      closeTimeout: 100,
      onData: (stream, _session, done) => void stream.resume().on('end', () => done()),
      ...options,
    });
    server.on('error', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    ends.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const address = server.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  };
  const mailerFor = (port: number, credentials: Credentials): Mailer => {
    const mailer = new Mailer({
      server: { host: '127.0.0.1', port, security: 'none', verify: true, isTrusted: true },
      credentials,
      timings: emailOptions.parse({}).timings,
      connections: 2,
    });
    ends.unshift(() => mailer.close());
    return mailer;
  };
  const how = { texts: texts('en'), signal: new AbortController().signal };
  const send = (mailer: Mailer, to: string): ReturnType<Mailer['send']> => {
    const letter: Letter = {
      from: ALICE,
      fromName: undefined,
      to: [to],
      cc: [],
      bcc: [],
      messageId: 'm@mail.test',
      subject: 'S',
      text: 'T',
      at: new Date(),
      references: [],
      files: [],
    };
    const write = (): ReturnType<typeof compose> =>
      compose(letter, { ...how, isKept: false, maxFileBytes: 1_000 });
    return mailer.send({ from: ALICE, to: [to] }, write, how);
  };

  for (const hideSMTPUTF8 of [true, false]) {
    test(`one that ${hideSMTPUTF8 ? 'does not take' : 'takes'} letters beyond ASCII is asked once`, async () => {
      let connections = 0;
      const port = await listen({
        hideSMTPUTF8,
        onConnect: (_session, done) => {
          connections += 1;
          done();
        },
      });
      const mailer = mailerFor(port, { kind: 'none' });
      for (let count = 0; count < 3; count += 1) {
        const sent = send(mailer, 'jürgen@mail.test');
        await (hideSMTPUTF8 ? assert.rejects(sent, { kind: 'unsupported' }) : sent);
      }
      assert.equal(connections, hideSMTPUTF8 ? 1 : 2);
    });
  }

  test('are made with the token of now, though another was good when the first were being made', async () => {
    const used: string[] = [];
    const port = await listen({
      authMethods: ['XOAUTH2'],
      onAuth: ({ accessToken = '' }, _session, done) => {
        used.push(accessToken);
        done(null, { user: ALICE });
      },
    });
    const tokens = ['old', 'new', 'new'];
    const token = (): Promise<string> => Promise.resolve(tokens.shift() ?? 'new');
    const mailer = mailerFor(port, { kind: 'token', user: ALICE, token });
    // Both are on their way to a connection before either is made.
    const both = [send(mailer, 'bob@mail.test'), send(mailer, 'carol@mail.test')];
    await Promise.all(both);
    assert.ok(used.includes('new'), `signed in with ${used.join(', ')}`);
    const before = used.length;
    await send(mailer, 'dan@mail.test');
    assert.ok(!used.slice(before).includes('old'));
  });
});
