import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { contactId, Unregistered } from '../../../src/plugin/index.ts';
import type { FailedEvent, Outgoing, Recipient } from '../../../src/plugin/index.ts';
import { RecordingHost } from '../../contract/recording-host.ts';
import { ALICE, BOB, contact, MailWorld } from './mail-world.ts';

const CAROL = 'carol@mail.test';
const carol: Recipient = { contact: contactId(CAROL), role: 'cc' };

describe('a recipient who waits for a later try', { timeout: 60_000 }, () => {
  let world: MailWorld;
  let message: Outgoing;
  const start = async (laterMs: number): Promise<void> => {
    world = await MailWorld.start({ timings: { reconnectMinMs: 20, reconnectMaxMs: 50, laterMs } });
    message = world.message('To both', { also: [carol] });
  };
  beforeEach(() => start(20));
  afterEach(() => world.stop());

  const answer = (reply: string | undefined): void => {
    world.server.smtp.recipient = (address) => (address === CAROL ? reply : undefined);
  };
  const toCarol = (): number => world.server.taken.filter(({ to }) => to.includes(CAROL)).length;
  const failures = ({ events }: RecordingHost): FailedEvent[] =>
    events.filter((event) => event.kind === 'failed');
  const failure = async (host: RecordingHost): Promise<FailedEvent | undefined> => {
    await host.until((events) => events.some(({ kind }) => kind === 'failed'), 'the failure');
    return failures(host)[0];
  };
  /** The memory of a user who was there before. */
  const after = (host: RecordingHost): RecordingHost =>
    Object.assign(new RecordingHost(), { memory: host.memory });

  test('is not sent to from another registration: the user is told', async () => {
    await world.stop();
    await start(3_600_000);
    const first = await world.open();
    answer('451 4.7.1 Greylisted');
    await first.session.send(contact(BOB), message);
    await first.end();
    answer(undefined);
    world.server.smtp.recipient = () => undefined;
    const other = await MailWorld.start({ timings: { laterMs: 20 } });
    try {
      const account = await other.register({ email: BOB, password: 'secret-b' });
      const { host } = await other.open(account, after(first.host));
      const failed = await failure(host);
      assert.equal(failed?.key, message.key);
      assert.equal(failed.error.kind, 'refused');
      assert.match(failed.error.message, /carol@mail\.test/);
      assert.deepEqual(other.server.taken, []);
    } finally {
      await other.stop();
    }
    assert.equal(toCarol(), 0);
  });

  test('is sent to three times at most when the server does not say whether it takes the mail', async () => {
    const { host, session } = await world.open();
    answer('451 4.7.1 Greylisted');
    await session.send(contact(BOB), message);
    world.server.smtp.cutsAfterData = true;
    answer(undefined);
    const failed = await failure(host);
    assert.equal(failed?.error.kind, 'uncertain');
    assert.equal(toCarol(), 3);
    assert.equal(failures(host).length, 1);
  });

  for (const [when, isOpen] of [
    ['while she is there', true],
    ['after she was away', false],
  ] as const) {
    test(`does not get the mail when its author unregisters ${when}: she is told`, async () => {
      await world.stop();
      await start(3_600_000);
      const account = await world.register();
      const host = new RecordingHost();
      const session = world.gateway.open(account, host);
      const abort = new AbortController();
      const ended = session.run(abort.signal);
      answer('451 4.7.1 Greylisted');
      await session.send(contact(BOB), message);
      abort.abort(isOpen ? new Unregistered() : undefined);
      await ended;
      const later = isOpen ? host : after(host);
      if (!isOpen) {
        assert.deepEqual(failures(host), []);
        await world.gateway.open(account, later).run(AbortSignal.abort(new Unregistered()));
      }
      const [failed] = failures(later);
      assert.equal(failed?.key, message.key);
      assert.deepEqual(failed.to, contact(BOB));
      assert.match(failed.error.message, /carol@mail\.test.*You have unregistered/);
      assert.equal(failures(later).length, 1);
    });
  }

  test('is not the only one: a copy that lies in no folder is told of when its author unregisters', async () => {
    const account = await world.register();
    const host = new RecordingHost();
    const session = world.gateway.open(account, host);
    const abort = new AbortController();
    const ended = session.run(abort.signal);
    await world.server.closeImap();
    await session.send(contact(BOB), world.message('Keep me', { subject: 'Lunch' }));
    abort.abort(new Unregistered());
    await ended;
    const told = host.events.flatMap((event) => (event.kind === 'notice' ? [event.text] : []));
    assert.match(told.join('\n'), /“Lunch” to bob@mail\.test.*You have unregistered/);
    assert.deepEqual(world.server.folder(ALICE, 'Sent').mails, []);
  });
});
