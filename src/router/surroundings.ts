import type { GatewayDomain } from '../session/gateway-domain.ts';
import type { Sessions } from '../session/sessions.ts';
import type { XmlElement } from '../xml/element.ts';
import type { Requests } from './requests.ts';

/** What a feature of one domain may reach. */
export interface Surroundings {
  readonly domain: GatewayDomain;
  readonly sessions: Sessions;
  /** Our own questions to others. */
  readonly requests: Requests;
  /** Writes stanzas that answer nothing and belong to no mailbox. Everything else is returned by handlers. */
  readonly write: (stanzas: readonly XmlElement[]) => void;
}
