import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capsHash } from '../../src/features/caps.ts';
import { networkId } from '../../src/plugin/index.ts';
import { xml } from '../../src/xml/element.ts';
import type { XmlElement } from '../../src/xml/element.ts';
import { child } from '../harness/xml-element.ts';
import type { Element } from '../harness/xml-element.ts';
import { LOOP, LoopbackWorld } from '../loopback/world.ts';

const INFO = 'http://jabber.org/protocol/disco#info';
const CAPS = 'http://jabber.org/protocol/caps';
const FORM = 'jabber:x:data';

const identity = (attributes: Readonly<Record<string, string>>): XmlElement =>
  xml('identity', INFO, attributes);
const feature = (name: string): XmlElement => xml('feature', INFO, { var: name });
const field = (name: string, values: readonly string[], type?: string): XmlElement =>
  xml(
    'field',
    FORM,
    { var: name, type },
    values.map((value) => xml('value', FORM, {}, [value])),
  );
const FEATURES = ['muc', 'disco#items', 'disco#info', 'caps'].map((name) =>
  feature(`http://jabber.org/protocol/${name}`),
);

test('N03: the hashes of the examples of XEP-0115 are found', () => {
  const exodus = identity({ category: 'client', type: 'pc', name: 'Exodus 0.9.1' });
  assert.equal(
    capsHash(xml('query', INFO, {}, [exodus, ...FEATURES])),
    'QgayPKawpkPSDYmwT/WM94uAlu0=',
  );
  const psi = [
    identity({ 'xml:lang': 'en', category: 'client', name: 'Psi 0.11', type: 'pc' }),
    identity({ 'xml:lang': 'el', category: 'client', name: 'Ψ 0.11', type: 'pc' }),
  ];
  const form = xml('x', FORM, { type: 'result' }, [
    field('FORM_TYPE', ['urn:xmpp:dataforms:softwareinfo'], 'hidden'),
    field('ip_version', ['ipv6', 'ipv4']),
    field('os', ['Mac']),
    field('os_version', ['10.5.1']),
    field('software', ['Psi']),
    field('software_version', ['0.11']),
  ]);
  const info = xml('query', INFO, {}, [...psi, ...FEATURES, form]);
  assert.equal(capsHash(info), 'q07IKJEyjvHSyhy//CH0CxmKi8w=');
});

test('an answer that says something twice has no hash', () => {
  const [one] = FEATURES;
  assert.equal(capsHash(xml('query', INFO, {}, [one, one])), undefined);
});

test('N03: the gateway, its bot and its networks show the hash of what disco says of them', async () => {
  const world = await LoopbackWorld.start({ options: ['networks: { moon: { name: Moon } }'] });
  const alice = await world.client('alice');
  await world.register(alice);
  world.network.emit('alice', { kind: 'network', network: networkId('moon'), state: 'online' });
  for (const jid of [LOOP, `causeway@${LOOP}`, `%moon@${LOOP}`]) {
    alice.send(`<presence type='subscribe' to='${jid}'/>`);
    const presence = await alice.expect(
      `<presence type='{none}' from='${jid}' to='${alice.bareJid}'/>`,
    );
    const { node = '', ver = '' } = child(presence, 'c', CAPS)?.attrs ?? {};
    const answer = await alice.iq(
      `<iq type='get' to='${jid}'><query xmlns='${INFO}' node='${node}#${ver}'/></iq>`,
    );
    const query = child(answer, 'query', INFO) ?? assert.fail(jid);
    assert.equal(ver, capsHash(asXml(query)), jid);
  }
  await world.stop();
});

function asXml({ name, ns, attrs, children }: Element): XmlElement {
  const content = children.map((node) => (typeof node === 'string' ? node : asXml(node)));
  return xml(name, ns, attrs, content);
}
