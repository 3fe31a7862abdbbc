import type { Surroundings } from '../router/surroundings.ts';
import type { Resource } from '../session/resource.ts';
import { childrenOf, xml } from '../xml/element.ts';
import type { XmlElement } from '../xml/element.ts';
import { NS_DISCO_INFO } from '../xmpp/namespaces.ts';
import { capsHash } from './caps.ts';

const MAX_KNOWN = 1_000;
const MAX_FEATURES = 1_000;
const ANSWER_MS = 10_000;
const NOTHING: ReadonlySet<string> = new Set();

/**
 * What the clients of users can do (XEP-0030, XEP-0115). Asked only when something depends on it; one answer serves all
 * clients with the same caps, if it is what they stand for. Forgotten with the attachment.
 */
export class ClientFeatures {
  readonly #surroundings: Surroundings;
  readonly #known = new Map<string, Promise<ReadonlySet<string>>>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  forget(): void {
    this.#known.clear();
  }

  /** Empty for a client that does not say that it can be asked, or does not answer. */
  of({ jid, caps }: Resource): Promise<ReadonlySet<string>> {
    if (caps === '') return Promise.resolve(NOTHING);
    const known = this.#known.get(caps);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    const asked = this.#ask(jid.full, caps).then(({ features, isTrue }) => {
      if (!isTrue) this.#known.delete(caps);
      return features;
    });
    this.#known.set(caps, asked);
    return asked;
  }

  async #ask(
    to: string,
    caps: string,
  ): Promise<{ readonly features: ReadonlySet<string>; readonly isTrue: boolean }> {
    const { domain, requests } = this.#surroundings;
    try {
      const payload = xml('query', NS_DISCO_INFO, { node: caps });
      const timeoutMs = ANSWER_MS;
      const answer = await requests.ask({
        type: 'get',
        from: domain.domain,
        to,
        payload,
        timeoutMs,
      });
      if (answer === undefined) return { features: NOTHING, isTrue: false };
      const isTrue = caps.endsWith(`#${capsHash(answer)}`);
      return { features: featuresIn(answer), isTrue };
    } catch (error) {
      domain.log.debug({ err: error, to }, 'a client does not say what it can do');
      return { features: NOTHING, isTrue: false };
    }
  }
}

function featuresIn(info: XmlElement): ReadonlySet<string> {
  const features = childrenOf(info, 'feature', NS_DISCO_INFO).slice(0, MAX_FEATURES);
  return new Set(features.map(({ attributes }) => attributes['var'] ?? ''));
}
