import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { TLSSocket } from 'node:tls';
import { commands } from '../../../gateways/irc/commands/commands.ts';
import { contactId, networkId } from '../../../src/plugin/index.ts';
import type { Address, Answers, CommandResult, Step } from '../../../src/plugin/index.ts';
import { makeCertificates } from '../../harness/certificates.ts';
import type { LineSocket } from './line-server.ts';
import { startRig } from './session-rig.ts';
import type { Rig } from './session-rig.ts';

const network: Address = { kind: 'network', id: networkId('test') };

interface Dialogue {
  readonly step: Step | undefined;
  readonly answer: (answers: Answers) => Promise<Step | CommandResult>;
  readonly result: CommandResult | undefined;
}

/** Begins a command. */
async function begin(
  rig: Rig,
  node: string,
  address?: Address,
  language = 'en',
): Promise<Dialogue> {
  const command = commands.find((one) => one.node === node);
  assert.ok(command !== undefined, node);
  const { session, memory } = rig;
  const signal = AbortSignal.timeout(10_000);
  const where = address === undefined ? {} : { address };
  const dialogue = command.run({ session, memory, ...where, language, signal });
  const first = await dialogue.next();
  return {
    step: first.done === true ? undefined : first.value,
    result: first.done === true ? first.value : undefined,
    answer: async (answers) => (await dialogue.next(answers)).value,
  };
}

async function enter(context: TestContext): Promise<Rig & { irc: LineSocket }> {
  const rig = await startRig(context);
  const joining = rig.session.join(rig.room, { nick: 'alice' });
  const irc = await rig.server.accept();
  await irc.welcome('alice');
  await irc.letIn('alice', '#room', 'alice');
  await joining;
  return { ...rig, irc };
}

test('what a user sets for a server counts from the next connection on', async (context) => {
  const rig = await startRig(context);
  const { step, answer } = await begin(rig, 'configure', network);
  assert.deepEqual(
    step?.fields.map(({ name }) => name),
    [
      'nick',
      'username',
      'realname',
      'sasl_account',
      'sasl_password',
      'pass',
      'certificate',
      'after_connect_commands',
      'encoding_in',
    ],
  );
  const bad = await answer({ nick: 'two words' });
  assert.ok('problem' in bad && bad.problem !== undefined);
  const set = await answer({
    nick: 'wonder',
    username: 'wonderland',
    realname: 'Alice L.',
    pass: 'open',
    sasl_password: 'rabbit',
    after_connect_commands: 'MODE wonder +x\n\nPRIVMSG X :hi',
    encoding_in: 'koi8-r',
  });
  assert.ok('text' in set && set.isFailed !== true);
  const joining = rig.session.join(rig.room, { nick: 'alice' });
  const irc = await rig.server.accept();
  await irc.expect(/^CAP LS/);
  await irc.expect(/^PASS :open$/);
  await irc.expect(/^NICK wonder$/);
  await irc.expect(/^USER wonderland 0 \* :Alice L\.$/);
  irc.send(':s CAP * LS :sasl');
  await irc.expect(/^CAP REQ :sasl/);
  irc.send(':s CAP * ACK :sasl');
  await irc.expect(/^AUTHENTICATE PLAIN/);
  irc.send('AUTHENTICATE +');
  const response = (await irc.expect(/^AUTHENTICATE /)).slice('AUTHENTICATE '.length);
  assert.equal(Buffer.from(response, 'base64').toString(), 'wonder\0wonder\0rabbit');
  irc.send(':s 903 wonder :Good');
  await irc.expect(/^CAP END/);
  irc.send(':s 001 wonder :Welcome');
  await irc.expect(/^MODE wonder \+x$/);
  await irc.expect(/^PRIVMSG X :hi$/);
  await irc.letIn('wonder', '#room', 'wonder bob');
  assert.equal((await joining).nick, 'wonder');
  irc.sendBytes(Buffer.from(':bob!b@h PRIVMSG #room :\xf0\xd2\xc9\r\n', 'latin1'));
  assert.equal((await rig.events.next('room-message')).text, 'При');
  const again = await begin(rig, 'configure', network, 'de');
  assert.doesNotMatch(JSON.stringify(again.step), /rabbit|open/);
  await again.answer({ pass: '-' });
  const kept = await rig.memory.get('server test');
  assert.match(kept ?? '', /rabbit/);
  assert.doesNotMatch(kept ?? '', /open/);
});

test('a user signs in by a certificate of her own', async (context) => {
  const certificates = makeCertificates();
  const rig = await startRig(context, {
    certificates,
    server: { tls: true, verify: false },
    account: { nick: 'alice', server: 'test', password: 'rabbit' },
  });
  const { cert, key } = makeCertificates({ names: ['alice'] });
  const { answer } = await begin(rig, 'configure', network);
  for (const wrong of ['no PEM', cert, cert + certificates.key, `${key}${cert}`.repeat(20)]) {
    const refused = await answer({ certificate: wrong });
    assert.match('problem' in refused ? (refused.problem ?? '') : '', /no certificate/);
  }
  const set = await answer({ certificate: `${key}\n${cert}` });
  const digest = new X509Certificate(cert).fingerprint256;
  assert.match('text' in set ? set.text : '', new RegExp(digest.replaceAll(':', ''), 'i'));
  const joining = rig.session.join(rig.room, { nick: 'alice' });
  const irc = await rig.server.accept();
  assert.ok(irc.socket instanceof TLSSocket);
  assert.equal(irc.socket.getPeerCertificate().fingerprint256, digest);
  await irc.expect(/^CAP LS/);
  irc.send(':s CAP * LS :sasl=EXTERNAL,PLAIN');
  await irc.expect(/^CAP REQ :sasl/);
  irc.send(':s CAP * ACK :sasl');
  await irc.expect(/^AUTHENTICATE EXTERNAL/);
  irc.send('AUTHENTICATE +');
  await irc.expect(/^AUTHENTICATE \+$/);
  irc.send(':s 903 alice :Good');
  await irc.expect(/^CAP END/);
  irc.send(':s 001 alice :Welcome');
  await irc.letIn('alice', '#room', 'alice');
  await joining;
  const again = await begin(rig, 'configure', network);
  assert.doesNotMatch(JSON.stringify(again.step), /BEGIN/);
  await again.answer({});
  assert.match((await rig.memory.get('server test')) ?? '', /BEGIN/);
  const over = await begin(rig, 'configure', network);
  await over.answer({ certificate: '-' });
  assert.equal(await rig.memory.get('server test'), undefined);
});

test('a user sees how she is connected, and disconnects', async (context) => {
  const rig = await enter(context);
  const shown = await begin(rig, 'get-irc-connection-info', network);
  assert.match(shown.result?.text ?? '', /alice[^]*127\.0\.0\.1[^]*#room/);
  const { answer } = await begin(rig, 'disconnect-from-irc-server');
  await answer({ 'irc-servers': 'test', 'quit-message': 'See you\r\nQUIT' });
  assert.equal(await rig.irc.expect(/^QUIT/), 'QUIT :See you QUIT');
  const lost = await rig.events.next('room-lost');
  assert.deepEqual([lost.returning, lost.room], [false, rig.room]);
  const after = await begin(rig, 'disconnect-from-irc-server');
  assert.equal(after.result?.isFailed, true);
});

test('a user sends lines of her own making, lists channels and asks who somebody is', async (context) => {
  const rig = await enter(context);
  const raw = await begin(rig, 'raw', network);
  await raw.answer({ line: 'VERSION' });
  await rig.irc.expect(/^VERSION$/);
  const list = await begin(rig, 'list', network);
  const listing = list.answer({});
  await rig.irc.expect(/^LIST$/);
  rig.irc.send(':s 322 alice #a 3 :Topic', ':s 322 alice #b 2 :', ':s 323 alice :End');
  assert.deepEqual(await listing, { text: '#a (3): Topic\n#b (2)' });
  const bob: Address = { kind: 'contact', id: contactId('bob%test') };
  const asking = begin(rig, 'whois', bob);
  await rig.irc.expect(/^WHOIS bob/);
  rig.irc.send(':s 311 alice bob b h * :Bob', ':s 318 alice bob :End');
  assert.match((await asking).result?.text ?? '', /^bob \(Bob\)\n/);
});
