/** Which kinds of IQ may be sent in somebody's name (XEP-0356 §4.1, 6.1). */
export type IqAccess = 'none' | 'get' | 'set' | 'both';

/** What one server lets us do for its users, as it has announced (XEP-0356). */
export interface Permissions {
  /** The version of the protocol that the server speaks. */
  readonly namespace: string;
  readonly roster: IqAccess;
  /** It tells us of changes to rosters. */
  readonly pushesRosters: boolean;
  /**
   * We may send messages in the name of its users: how far she has read elsewhere. What she wrote with another program
   * comes from the contact, marked as hers, on all servers alike.
   */
  readonly sendsMessages: boolean;
  /** It tells us which of its users are there, now and whenever that changes. */
  readonly tellsPresence: boolean;
  /** By namespace of the payload. */
  readonly iqs: ReadonlyMap<string, IqAccess>;
}

const MAX_SERVERS = 100;
/** After so many the server's leave to write rosters is not used any more while the process lives. */
const MAX_BREAKS = 2;

/** The privileges of one gateway domain, by the domain of the server that gave them. Each attachment begins without any. */
export class Privileges {
  readonly #byServer = new Map<string, Permissions>();
  /**
   * How often a server ended the stream when a roster was written. COMPAT(ejabberd, before 23.10): it does so each time if
   * it may push rosters to us.
   */
  readonly #breaks = new Map<string, number>();

  /** What a server has announced stands in the place of what it had announced before. */
  take(server: string, permissions: Permissions): void {
    if (this.#byServer.has(server) || this.#byServer.size < MAX_SERVERS) {
      this.#byServer.set(server, permissions);
    }
  }

  forget(): void {
    this.#byServer.clear();
  }

  of(server: string): Permissions | undefined {
    return this.#byServer.get(server);
  }

  /** Whether we may do this to the rosters of a server's users. */
  mayRoster(server: string, act: 'get' | 'set'): boolean {
    if ((this.#breaks.get(server) ?? 0) >= MAX_BREAKS) return false;
    return allows(this.#byServer.get(server)?.roster, act);
  }

  /** Whether we may ask this in the name of a server's users. */
  mayAsk(server: string, type: 'get' | 'set', namespace: string): boolean {
    return allows(this.#byServer.get(server)?.iqs.get(namespace), type);
  }

  /** It refused, or did not answer, what it had announced: it is asked no more before it announces it again. */
  refused(server: string): void {
    const known = this.#byServer.get(server);
    if (known !== undefined) this.#byServer.set(server, { ...known, roster: 'none' });
  }

  /** It hung up when we wrote a roster. Once may be chance. */
  broke(server: string): void {
    this.#breaks.set(server, (this.#breaks.get(server) ?? 0) + 1);
  }

  /** It took what we wrote. */
  worked(server: string): void {
    this.#breaks.delete(server);
  }
}

function allows(access: IqAccess | undefined, act: 'get' | 'set'): boolean {
  return access === act || access === 'both';
}
