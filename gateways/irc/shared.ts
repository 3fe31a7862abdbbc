import type { Capabilities } from './capabilities.ts';
import { People } from './people.ts';
import type { ServerFeatures } from './server-features.ts';

const MOST_KNOWN = 500;

/** What thousands of users of a server are told alike is kept once. */
export class Shared {
  readonly #features = new Map<string, ServerFeatures>();
  readonly #capabilities = new Map<string, Capabilities>();
  readonly #people = new WeakMap<ServerFeatures, Map<string, People>>();

  features(value: ServerFeatures): ServerFeatures {
    return once(this.#features, JSON.stringify(value), value);
  }

  capabilities(value: Capabilities): Capabilities {
    return once(this.#capabilities, [...value].toSorted().join(' '), value);
  }

  people(server: string, features: ServerFeatures): People {
    let byServer = this.#people.get(features);
    if (byServer === undefined) this.#people.set(features, (byServer = new Map()));
    const known = byServer.get(server);
    return known ?? once(byServer, server, new People(server, features));
  }
}

function once<T>(known: Map<string, T>, key: string, value: T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, value);
  return value;
}
