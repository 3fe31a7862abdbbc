import type { DataPolicy } from '../plugin/index.ts';
import type { Feature } from '../router/feature.ts';
import type { GatewayDomain } from '../session/gateway-domain.ts';
import { dataFormElement } from '../xmpp/data-form.ts';
import type { FormField } from '../xmpp/data-form.ts';
import { NS_DATA_POLICY } from '../xmpp/namespaces.ts';

/** XEP-0504 §3: what becomes of what users say and entrust to the gateway. What is not known is left out. */
export function dataPolicy({ gateway, keepsHours }: GatewayDomain): Feature {
  const retention = keepsHours === Infinity ? 'infinite' : String(Math.ceil(keepsHours));
  const fields: readonly FormField[] = [
    ...ofNetwork(gateway.dataPolicy ?? {}),
    { name: 'data_retention', type: 'text-single', values: [retention] },
    // Who ends the registration is forgotten; what was only passed on to the network is not ours to erase.
    { name: 'full_erasure', type: 'boolean', values: ['true'] },
  ];
  const forms = [dataFormElement({ type: 'result', formType: NS_DATA_POLICY, fields })];
  return {
    info: ({ context, node }) =>
      context.target.kind === 'gateway' && node === '' ? { forms } : undefined,
  };
}

function ofNetwork({ seesPasswords, isEncrypted }: DataPolicy): FormField[] {
  const fields: FormField[] = [];
  const choice = (name: string, value: string): void =>
    void fields.push({ name, type: 'list-single', values: [value] });
  if (seesPasswords !== undefined) choice('auth_data', seesPasswords ? 'plain' : 'no_auth');
  if (isEncrypted !== undefined) choice('data_transmission', isEncrypted ? 'encrypted' : 'plain');
  if (isEncrypted === true) {
    fields.push({ name: 'encryption_algorithm', type: 'text-single', values: ['TLS'] });
  }
  return fields;
}
