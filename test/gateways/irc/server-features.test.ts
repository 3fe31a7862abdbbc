import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultFeatures, withTokens } from '../../../gateways/irc/server-features.ts';

test('reads what a server supports, the first kind of modes too', () => {
  const features = withTokens(defaultFeatures, [
    'CASEMAPPING=ascii',
    'CHANMODES=beI,k,l,imnpst',
    'PREFIX=(qaohv)~&@%+',
    'NICKLEN=16',
    'LINELEN=2048',
    'NETWORK=Two\\x20Words',
  ]);
  assert.equal(features.casemapping, 'ascii');
  assert.equal(features.channelModes[0], 'beI');
  assert.deepEqual(features.prefixes[0], { mode: 'q', symbol: '~' });
  assert.deepEqual([features.nickBytes, features.lineBytes], [16, 2_048]);
  assert.equal(features.networkName, 'Two Words');
});

test('keeps to what it knew where a server talks nonsense', () => {
  const tokens = ['PREFIX=(ov)@', 'PREFIX', 'NICKLEN=-1', 'LINELEN=3', '-CASEMAPPING', '=', ''];
  const features = withTokens(defaultFeatures, tokens);
  assert.deepEqual(features, { ...defaultFeatures, prefixes: [] });
});
