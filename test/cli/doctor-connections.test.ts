import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { startJabberServer } from '../harness/jabber-server.ts';
import type { JabberServer } from '../harness/jabber-server.ts';
import { Smsc } from '../harness/smsc.ts';
import { causeway, startCauseway, temporaryFolder } from './command.ts';

const SMS = 'sms.localhost';

interface Place {
  readonly file: string;
  readonly smsc: Smsc;
  readonly jabber: JabberServer;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A gateway for texts that has an SMSC to itself. */
async function place(t: TestContext, line: string): Promise<Place> {
  const smsc = await new Smsc().start();
  smsc.behaviours.isForOne = true;
  const jabber = await startJabberServer({ domain: 'localhost', components: { [SMS]: 'sesame' } });
  t.after(() => Promise.all([smsc.stop(), jabber.stop()]));
  const file = join(temporaryFolder(t), 'causeway.yaml');
  const provider = `{ type: smpp, host: 127.0.0.1, port: ${smsc.port}, systemId: causeway, password: secret }`;
  const lines = [
    `jabber: { host: 127.0.0.1, port: ${jabber.componentPort} }`,
    line,
    'gateways:',
    `  - { use: sms, domain: ${SMS}, secret: sesame, options: { region: US, provider: ${provider} } }`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  return { file, smsc, jabber };
}

describe('causeway doctor, of a connection that there is one of', () => {
  test('opens it where no gateway runs, and asks the one that does', async (t) => {
    const { file, smsc, jabber } = await place(
      t,
      `http: { listen: "127.0.0.1:${await freePort()}" }`,
    );
    const alone = await causeway('doctor', '--config', file);
    assert.match(alone.out, /^ok +sms\.localhost +127\.0\.0\.1:\d+: takes the bind$/m);
    startCauseway(t, 'start', '--config', file);
    await jabber.attached(SMS, 20_000);
    await smsc.until(() => smsc.isBound, 'a bind');
    const binds = smsc.binds.length;
    const beside = await causeway('doctor', '--config', file);
    assert.equal(beside.code, 0, beside.out);
    assert.match(
      beside.out,
      /^ok +sms\.localhost +127\.0\.0\.1:\d+: bound, says the running gateway$/m,
    );
    smsc.behaviours.password = 'another';
    smsc.dropAll();
    await smsc.until(() => smsc.binds.length > binds, 'another bind');
    const refused = await causeway('doctor', '--config', file);
    assert.equal(refused.code, 1, refused.out);
    assert.match(
      refused.out,
      /^trouble +sms\.localhost +127\.0\.0\.1:\d+: not bound: .*ESME_RINVPASWD, says the running gateway$/m,
    );
    assert.ok(
      smsc.binds.every(({ command }, index) => index < 1 || command === 'bind_transceiver'),
    );
  });

  test('says where to look when the one that runs cannot be asked', async (t) => {
    const { file, smsc, jabber } = await place(t, '# no web server');
    startCauseway(t, 'start', '--config', file);
    await jabber.attached(SMS, 20_000);
    await smsc.until(() => smsc.isBound, 'a bind');
    const { out } = await causeway('doctor', '--config', file);
    assert.match(
      out,
      /^ok +sms\.localhost +127\.0\.0\.1:\d+: the log of the running gateway says/m,
    );
    assert.equal(smsc.binds.length, 1);
  });
});
