import type { Gateway, GatewayContext, GatewayPlugin } from '../../src/plugin/index.ts';
import { createAddressBook } from './address.ts';
import { ClaimCodes } from './claim-codes.ts';
import { createCommands } from './commands.ts';
import { Office } from './office.ts';
import { smsOptions } from './options.ts';
import type { SmsOptions } from './options.ts';
import { SmsSession } from './session.ts';
import { signIn } from './sign-in.ts';

/** SMS and MMS: phone numbers are contacts, each user has a number that others write to. */
export const gateway: GatewayPlugin<SmsOptions> = {
  type: 'sms',
  name: 'SMS',
  options: smsOptions,
  create: createSms,
};

function createSms(options: SmsOptions, context: GatewayContext): Gateway {
  const office = new Office(options, context, Date.now);
  const codes = new ClaimCodes(office);
  const { carriers } = office;
  const files = carriers.all.flatMap(({ provider }) => provider.capabilities.files ?? []);
  const fileBytes = Math.max(...files.map(({ bytes }) => bytes));
  return {
    registration: 'required',
    addresses: createAddressBook(options.region),
    features: ['lookup', 'receipts', 'also', ...(files.length > 0 ? (['files'] as const) : [])],
    networks: [],
    commands: createCommands(office),
    delivery: 'stored',
    isAlwaysOn: true,
    contactIdentity: 'phone',
    // Telephone networks know no other way.
    dataPolicy: { seesPasswords: false, isEncrypted: false },
    ...(files.length > 0
      ? { limits: { fileBytes, files: Math.max(...files.map(({ count }) => count)) } }
      : {}),
    signIn: (known, signal, language, user) =>
      signIn(known, { office, codes, user: user.toLowerCase(), language, signal }),
    open: (account, host) => new SmsSession(account, host, office),
    keys: (account) => {
      const { user, phone, isClaimed } = account;
      return [user, isClaimed === true ? phone : undefined].filter(
        (key) => typeof key === 'string',
      );
    },
    web: async (request, path) => {
      const carrier = carriers.at(path);
      if (carrier?.provider.web === undefined) return new Response('Not found\n', { status: 404 });
      return carrier.provider.web(request, carrier.rest);
    },
    start: async () => {
      for (const { provider } of carriers.all) await provider.start?.();
    },
    diagnose: async (examination) => {
      const found = carriers.all.map(async ({ provider }) => provider.diagnose?.(examination));
      return (await Promise.all(found)).flatMap((each) => each ?? []);
    },
    condition: () => carriers.all.flatMap(({ provider }) => provider.condition?.() ?? []),
    close: () => office.close(),
  };
}
