import assert from 'node:assert/strict';
import type { SrvRecord } from 'node:dns';
import { describe, test } from 'node:test';
import { discover } from '../../../gateways/email/sign-in/discovery.ts';
import type { Sources } from '../../../gateways/email/sign-in/discovery.ts';
import { nameService } from '../../../gateways/email/name-service.ts';

const ADDRESS = 'alice@example.org';
const NEVER = new AbortController().signal;

const record = (name: string, port: number, priority = 10): SrvRecord => ({
  name,
  port,
  priority,
  weight: 0,
});

/** What a mail domain publishes; nothing else is to be found. */
function publishing(
  records: Readonly<Record<string, readonly SrvRecord[]>>,
  pages: Readonly<Record<string, string>> = {},
): Sources & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    srv: (name) => {
      const found = records[name];
      if (found !== undefined) return Promise.resolve(found);
      return Promise.reject(Object.assign(new Error(name), { code: 'ENOTFOUND' }));
    },
    page: (url) => {
      asked.push(url);
      return Promise.resolve(pages[url.replace(/\?.*/, '')]);
    },
  };
}

const autoconfig = (incoming: string, outgoing: string): string =>
  `<?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="example.org">${incoming}${outgoing}</emailProvider></clientConfig>`;

const incoming = (host: string, socket = 'SSL', user = '%EMAILADDRESS%'): string =>
  `<incomingServer type="imap"><hostname>${host}</hostname><port>993</port><socketType>${socket}</socketType><username>${user}</username></incomingServer>`;

const outgoing = (host: string): string =>
  `<outgoingServer type="smtp"><hostname>${host}</hostname><port>587</port><socketType>STARTTLS</socketType></outgoingServer>`;

const AT_AUTOCONFIG = 'https://autoconfig.example.org/mail/config-v1.1.xml';
const AT_WELL_KNOWN = 'https://example.org/.well-known/autoconfig/mail/config-v1.1.xml';

describe('the servers of a mail domain', () => {
  test('are those of its SRV records, with TLS from the start where it is offered', async () => {
    const found = await discover(
      ADDRESS,
      NEVER,
      publishing({
        '_imap._tcp.example.org': [record('plain.example.org', 143)],
        '_imaps._tcp.example.org': [
          record('second.example.org', 993, 20),
          record('first.example.org', 1993, 5),
        ],
        '_submission._tcp.example.org': [record('smtp.example.org.', 587)],
      }),
    );
    assert.deepEqual(
      [found?.imap.host, found?.imap.port, found?.imap.security],
      ['first.example.org', 1993, 'tls'],
    );
    assert.deepEqual(
      [found?.smtp.host, found?.smtp.port, found?.smtp.security],
      ['smtp.example.org', 587, 'starttls'],
    );
    assert.equal(found?.userName, ADDRESS);
  });

  test('are not a service that the records say is not there', async () => {
    const found = await discover(
      ADDRESS,
      NEVER,
      publishing({
        '_imaps._tcp.example.org': [record('.', 0)],
        '_submissions._tcp.example.org': [record('smtp.example.org', 465)],
      }),
    );
    assert.equal(found, undefined);
  });

  test('are read from the file for mail programs, with the user name that it asks for', async () => {
    const sources = publishing(
      {},
      {
        [AT_AUTOCONFIG]: autoconfig(
          incoming('imap.example.org', 'SSL', '%EMAILLOCALPART%'),
          outgoing('smtp.example.org'),
        ),
      },
    );
    const found = await discover(ADDRESS, NEVER, sources);
    assert.equal(found?.imap.host, 'imap.example.org');
    assert.equal(found?.smtp.port, 587);
    assert.equal(found?.userName, 'alice');
    assert.ok(sources.asked.includes(`${AT_AUTOCONFIG}?emailaddress=alice%40example.org`));
  });

  test('are found in a later place when an earlier one is broken or offers no TLS', async () => {
    const found = await discover(
      ADDRESS,
      NEVER,
      publishing(
        {},
        {
          [AT_AUTOCONFIG]: '<clientConfig><emailProvider>',
          [AT_WELL_KNOWN]: autoconfig(
            incoming('open.example.org', 'plain') +
              incoming('odd.example.org', 'constructor') +
              incoming('safe.example.org'),
            outgoing('smtp.example.org'),
          ),
        },
      ),
    );
    assert.equal(found?.imap.host, 'safe.example.org');
  });

  test('are not waited for when the one who asks goes', async () => {
    const leaving = new AbortController();
    const found = discover(ADDRESS, leaving.signal, {
      srv: () => new Promise(() => undefined),
      page: () => new Promise(() => undefined),
    });
    leaving.abort();
    assert.equal(await found, undefined);
  });

  test('are never a host name that could be something else', async () => {
    const found = await discover(
      ADDRESS,
      NEVER,
      publishing(
        {},
        { [AT_AUTOCONFIG]: autoconfig(incoming('a b/../c'), outgoing('smtp.example.org')) },
      ),
    );
    assert.equal(found, undefined);
  });
});

describe('the hosts that may be reached', () => {
  test('are in the own network only where the administrator says so, and never for strangers', async () => {
    const names = nameService({ dns: [], trustedHosts: ['LocalHost'] });
    assert.notDeepEqual(await names.reachable('localhost'), []);
    assert.deepEqual(await names.outside('localhost'), []);
    const careful = nameService({ dns: [], trustedHosts: ['imap.example.org'] });
    assert.deepEqual(await careful.reachable('localhost'), []);
  });
});
