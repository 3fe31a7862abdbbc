import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { configJsonSchema } from '../../src/config/json-schema.ts';
import { gatewayContext } from '../harness/gateway-context.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { createGateway } from '../../src/host/create-gateway.ts';
import { BUILT_IN, loadPlugin } from '../../src/host/load-plugin.ts';
import { VERSION } from '../../src/version.ts';

describe('what is shipped beside the code', () => {
  test('the example configuration loads, with the options of its gateways', async () => {
    const config = await loadConfig('config/causeway.example.yaml', { IRC_SECRET: 'x' });
    for (const entry of config.gateways) {
      const gateway = createGateway(await loadPlugin(entry.use), entry, config, gatewayContext());
      assert.equal(gateway.registration, 'optional');
    }
  });

  test('the example for e-mail loads, and a gateway can be made of it', async () => {
    const secrets = { EMAIL_SECRET: 'x', GOOGLE_ID: 'id', GOOGLE_SECRET: 'y' };
    const config = await loadConfig('config/causeway.email.example.yaml', secrets);
    const [entry] = config.gateways;
    assert.ok(entry !== undefined);
    const context = gatewayContext({ publicUrl: config.http?.publicUrl });
    const gateway = createGateway(await loadPlugin(entry.use), entry, config, context);
    assert.equal(gateway.delivery, 'stored');
    assert.equal(gateway.registration, 'required');
  });

  test('the example of an SMS gateway with all providers loads', async () => {
    const names = ['SMS_SECRET', 'TWILIO_SID', 'TWILIO_TOKEN', 'SMPP_PASSWORD', 'KANNEL_PASSWORD'];
    const env = Object.fromEntries(names.map((name) => [name, 'secret']));
    const config = await loadConfig('config/causeway.sms.example.yaml', env);
    const [entry] = config.gateways;
    assert.ok(entry !== undefined);
    const gateway = createGateway(await loadPlugin(entry.use), entry, config, gatewayContext());
    assert.equal(gateway.delivery, 'stored');
    assert.ok(gateway.features.includes('files'));
  });

  test('the options that the example shows as defaults are the defaults', async () => {
    const text = readFileSync('config/causeway.example.yaml', 'utf8');
    const uncommented = text
      .replaceAll(/^# (data|database|admins|language):/gm, '$1:')
      .replaceAll(/^( +)# (registration|otherServers): (\w+).*$/gm, '$1$2: $3');
    const plain = await loadConfig('config/causeway.example.yaml', { IRC_SECRET: 'x' });
    assert.match(uncommented, /^database: sqlite/m);
    assert.equal(plain.database, 'sqlite');
    assert.deepEqual(plain.admins, []);
    assert.match(uncommented, /^language: en/m);
    assert.equal(plain.language, 'en');
    assert.match(plain.data, /config\/data$/);
  });

  test('config/schema.json is what "npm run schema" writes', async () => {
    const options = Object.fromEntries(
      await Promise.all(
        [...BUILT_IN.keys()].map(async (use) => [use, (await loadPlugin(use)).options] as const),
      ),
    );
    const written: unknown = JSON.parse(readFileSync('config/schema.json', 'utf8'));
    assert.deepEqual(written, JSON.parse(JSON.stringify(configJsonSchema(options))));
  });

  test('the version is that of package.json', () => {
    const manifest: unknown = JSON.parse(readFileSync('package.json', 'utf8'));
    assert.ok(typeof manifest === 'object' && manifest !== null && 'version' in manifest);
    assert.equal(VERSION, manifest.version);
  });
});
