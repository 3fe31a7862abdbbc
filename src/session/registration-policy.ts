import type { Jid } from '../xmpp/jid.ts';

/** Who may use a gateway (`registration.allow`). */
export interface RegistrationPolicy {
  allows(user: Jid): boolean;
  /** Whether anybody of this domain may. */
  serves(domain: string): boolean;
}

/**
 * @param allow domains or bare JIDs; when absent, the users of the gateway's parent domain, that is of the
 * server it is attached to.
 */
export function registrationPolicy(
  domain: string,
  allow: readonly string[] | undefined,
): RegistrationPolicy {
  const allowed = allowedTo(domain, allow);
  const domains = servedDomains(domain, allow);
  return {
    allows: (user) => allowed.has(user.domain) || allowed.has(user.bare),
    serves: (server) => domains.has(server),
  };
}

/** The domains of users some of whom may use a gateway. */
export function servedDomains(
  domain: string,
  allow: readonly string[] | undefined,
): ReadonlySet<string> {
  const entries = [...allowedTo(domain, allow)];
  return new Set(entries.map((entry) => entry.slice(entry.indexOf('@') + 1)));
}

function allowedTo(domain: string, allow: readonly string[] | undefined): ReadonlySet<string> {
  const parent = domain.slice(domain.indexOf('.') + 1);
  return new Set((allow ?? [parent]).map((entry) => entry.toLowerCase()));
}
