import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { FailedEvent } from '../../../src/plugin/index.ts';
import { ALICE, BOB, contact, mail, MailWorld } from './mail-world.ts';

describe('a bounce', { timeout: 60_000 }, () => {
  let world: MailWorld;
  beforeEach(async () => (world = await MailWorld.start()));
  afterEach(() => world.stop());

  /** What is told of a mail of the user's when this comes back. */
  const told = async (bounce: (id: string) => string): Promise<FailedEvent> => {
    const { host, session } = await world.open();
    await session.send(contact(BOB), world.message('Hello'));
    const raw = world.server.taken.at(-1)?.raw.toString() ?? '';
    world.server.deliver(ALICE, bounce(/^Message-ID: (.*)$/im.exec(raw)?.[1] ?? ''));
    await host.until((events) => events.some(({ kind }) => kind === 'failed'), 'the bounce');
    const [event] = host.events.filter(({ kind }) => kind === 'failed');
    assert.ok(event?.kind === 'failed');
    return event;
  };

  test('of qmail, which is a text, is taken by what the other server said', async () => {
    const { error } = await told((id) =>
      mail(
        { From: 'MAILER-DAEMON@qmail.test', Subject: 'failure notice' },
        [
          'Hi. This is the qmail-send program at qmail.test.',
          "I'm afraid I wasn't able to deliver your message to the following addresses.",
          '',
          `<${BOB}>:`,
          'Remote host said: 550 sorry, no mailbox here by that name',
          '',
          '--- Below this line is a copy of the message.',
          '',
          `Message-ID: ${id}`,
        ].join('\r\n'),
      ),
    );
    assert.equal(error.kind, 'not-found');
  });

  test('of Exim, which has given up by itself, says why in the words that it has for people', async () => {
    const { error } = await told((id) =>
      mail(
        {
          From: 'mailer-daemon@mail.test',
          'Content-Type': 'multipart/report; report-type=delivery-status; boundary=b',
        },
        [
          '--b',
          '',
          'A message that you sent could not be delivered.',
          '',
          `  ${BOB}`,
          '    Unrouteable address',
          '--b',
          'Content-Type: message/delivery-status',
          '',
          'Reporting-MTA: dns; mail.test',
          '',
          'Action: failed',
          `Final-Recipient: rfc822;${BOB}`,
          'Status: 5.0.0',
          '--b',
          'Content-Type: message/rfc822',
          '',
          `Message-ID: ${id}`,
          '',
          'Hello',
          '--b--',
        ].join('\r\n'),
      ),
    );
    assert.match(error.message, /bob@mail\.test.*5\.0\.0 Unrouteable address/);
  });
});
