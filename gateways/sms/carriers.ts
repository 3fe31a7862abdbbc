import { createHash, timingSafeEqual } from 'node:crypto';
import type { GatewayContext, Memory } from '../../src/plugin/index.ts';
import type { SmsOptions } from './options.ts';
import type { OwnNumber } from './owners.ts';
import { dialled } from './party.ts';
import type { Party } from './party.ts';
import type { Desk, Provider } from './provider.ts';
import type { ProviderOptions } from './provider-options.ts';
import { createGammu } from './providers/gammu.ts';
import { createKannel } from './providers/kannel.ts';
import { createSmpp } from './providers/smpp.ts';
import { createTwilio } from './providers/twilio.ts';

interface Carrier {
  readonly name: string;
  readonly options: ProviderOptions;
  readonly provider: Provider;
}

/** All providers of a gateway, and which of them takes a text. */
export class Carriers {
  readonly #carriers: readonly Carrier[];
  readonly #routes: SmsOptions['routes'];

  /** @throws Error in words when options contradict each other */
  constructor(
    options: SmsOptions,
    context: Pick<GatewayContext, 'log' | 'domain' | 'publicUrl' | 'memory'>,
    reception: Pick<Desk, 'received' | 'reported'>,
  ) {
    const entries = entriesOf(options);
    this.#carriers = entries.map(([name, provider]) => {
      const desk: Desk = {
        ...reception,
        log: context.log.child({ provider: name }),
        hookUrl: hookUrl(provider, context),
        memory: scoped(context.memory, name),
        region: options.region,
      };
      return { name, options: provider, provider: make(provider, desk) };
    });
    this.#routes = options.routes;
    const names = new Set(entries.map(([name]) => name));
    const named = [
      ...options.routes.map(({ provider }) => provider),
      ...Object.values(options.numbers).map((own) =>
        typeof own === 'object' && 'provider' in own ? own.provider : undefined,
      ),
      options.claims?.provider,
    ];
    for (const name of named) {
      if (name !== undefined && !names.has(name)) throw new Error(`there is no provider "${name}"`);
    }
  }

  get all(): readonly Carrier[] {
    return this.#carriers;
  }

  /** The provider for a text: by the routes, else that of the number, else the first. */
  pick(
    user: string,
    to: Party,
    own: { readonly provider?: OwnNumber['provider'] } | undefined,
  ): Provider {
    const number = dialled(to);
    const route = this.#routes.find(
      ({ prefix, user: whose }) =>
        (prefix === undefined || number.startsWith(prefix)) &&
        (whose === undefined || whose === user.toLowerCase()),
    );
    const name = route?.provider ?? own?.provider;
    const carrier = this.#carriers.find((one) => one.name === name) ?? this.#carriers[0];
    if (carrier === undefined) throw new Error('there is no provider');
    return carrier.provider;
  }

  /** Who answers `twilio/secret/rest`, and what the rest is; a wrong secret is nobody's. */
  at(path: string): { readonly provider: Provider; readonly rest: string } | undefined {
    const [type, ...segments] = path.split('/');
    for (const { options, provider } of this.#carriers) {
      if (options.type !== type || provider.web === undefined) continue;
      const secret = secretOf(options);
      if (secret === undefined) return { provider, rest: segments.join('/') };
      const [given = '', ...rest] = segments;
      if (isSame(given, secret)) return { provider, rest: rest.join('/') };
    }
    return undefined;
  }
}

function entriesOf({ provider, providers }: SmsOptions): [string, ProviderOptions][] {
  const named = Object.entries(providers ?? {});
  if (provider !== undefined && named.length > 0) {
    throw new Error('give either "provider" or "providers"');
  }
  const entries: [string, ProviderOptions][] =
    provider === undefined ? named : [[provider.type, provider]];
  if (entries.length === 0) throw new Error('needs a "provider", or "providers"');
  const paths = new Set<string>();
  for (const [, { type, ...rest }] of entries) {
    if (type !== 'twilio' && type !== 'kannel') continue;
    const path = `${type} ${'webhookSecret' in rest ? rest.webhookSecret : ''}`;
    if (paths.has(path)) throw new Error(`two providers of type ${type} need a webhookSecret each`);
    paths.add(path);
  }
  return entries;
}

function make(options: ProviderOptions, desk: Desk): Provider {
  switch (options.type) {
    case 'twilio':
      return createTwilio(options, desk);
    case 'smpp':
      return createSmpp(options, desk);
    case 'kannel':
      return createKannel(options, desk);
    case 'gammu':
      return createGammu(options, desk);
  }
}

const secretOf = (options: ProviderOptions): string | undefined =>
  options.type === 'twilio' || options.type === 'kannel' ? options.webhookSecret : undefined;

function hookUrl(
  options: ProviderOptions,
  { publicUrl, domain }: Pick<GatewayContext, 'publicUrl' | 'domain'>,
): string | undefined {
  const base = (options.type === 'kannel' ? options.callbackUrl : undefined) ?? publicUrl;
  if (base === undefined) return undefined;
  const secret = secretOf(options);
  const path = `${options.type}${secret === undefined ? '' : `/${secret}`}`;
  return `${base.replace(/\/+$/, '')}/hooks/${domain}/${path}`;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Takes the same time however much of it is right. */
const isSame = (given: string, secret: string): boolean =>
  timingSafeEqual(digest(given), digest(secret));

/** The part of the gateway's memory that is one provider's. */
function scoped(memory: Memory, name: string): Memory {
  return {
    get: (key) => memory.get(`${name}:${key}`),
    set: (key, value) => memory.set(`${name}:${key}`, value),
    delete: (key) => memory.delete(`${name}:${key}`),
  };
}
