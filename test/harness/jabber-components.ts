import type { Socket } from 'node:net';
import { JabberComponentSession } from './jabber-component-session.ts';
import type { JabberHub } from './jabber-hub.ts';
import { announcement, type ComponentPrivileges } from './jabber-privileges.ts';
import type { ComponentRoutes } from './jabber-router.ts';
import { errorReply } from './stanza-replies.ts';
import type { Element } from './xml-element.ts';

/** Whose habits the component port shows. */
export type Flavour = 'prosody' | 'ejabberd' | 'jabberd2';

interface ComponentsOptions {
  readonly flavour: Flavour;
  readonly secrets: Readonly<Record<string, string>>;
  readonly log: (direction: 'in' | 'out', peer: string, stanza: Element) => void;
  readonly privileges: Readonly<Record<string, ComponentPrivileges>>;
}

/** How each server tells a user that the component is away. */
const AWAY = {
  prosody: ['wait', 'remote-server-timeout', 'Component unavailable'],
  ejabberd: ['auth', 'forbidden', 'Access denied by service policy'],
  jabberd2: ['cancel', 'item-not-found', undefined],
} as const;

/** The attached components and the way to each of their domains. */
export class JabberComponents implements ComponentRoutes {
  readonly #options: ComponentsOptions;
  readonly #sessions = new Set<JabberComponentSession>();
  readonly #waiting = new Set<() => void>();
  #turn = 0;

  constructor(options: ComponentsOptions) {
    this.#options = options;
  }

  get domains(): readonly string[] {
    return Object.keys(this.#options.secrets);
  }

  /** Those that have shaken hands and serve this domain. */
  sessionsOf(domain: string): JabberComponentSession[] {
    return [...this.#sessions].filter((session) => session.domains.includes(domain));
  }

  privilegesOf(domain: string): ComponentPrivileges | undefined {
    return this.#options.privileges[domain];
  }

  hangUp(domain: string): void {
    for (const session of this.sessionsOf(domain)) session.destroy();
  }

  isAttached(domain: string): boolean {
    return this.sessionsOf(domain).length > 0;
  }

  async waitUntil(
    domain: string,
    state: 'attached' | 'detached',
    timeoutMs: number,
  ): Promise<void> {
    const isSo = () => this.isAttached(domain) === (state === 'attached');
    if (isSo()) return;
    await new Promise<void>((resolve, reject) => {
      const check = () => {
        if (!isSo()) return;
        release();
        resolve();
      };
      const timer = setTimeout(() => {
        release();
        reject(new Error(`${domain} is not ${state} after ${timeoutMs} ms`));
      }, timeoutMs);
      const release = () => {
        clearTimeout(timer);
        this.#waiting.delete(check);
      };
      this.#waiting.add(check);
    });
  }

  attach(socket: Socket, hub: JabberHub): void {
    const changed = () => this.#waiting.forEach((check) => check());
    const session: JabberComponentSession = new JabberComponentSession(socket, {
      hub,
      flavour: this.#options.flavour,
      secrets: this.#options.secrets,
      log: this.#options.log,
      announcement: (domain) => {
        const privileges = this.#options.privileges[domain];
        return privileges === undefined ? '' : announcement(hub, domain, privileges);
      },
      isTaken: (domain) => this.isAttached(domain),
      attached: changed,
      ended: () => {
        this.#sessions.delete(session);
        changed();
      },
    });
    this.#sessions.add(session);
  }

  deliver(domain: string, stanza: Element): Element | undefined {
    const sessions = this.sessionsOf(domain);
    // jabberd2 keeps each user on one connection; ejabberd takes any of them.
    const turn =
      this.#options.flavour === 'jabberd2'
        ? sumOf((stanza.attrs['from'] ?? '').replace(/\/.*/s, ''))
        : this.#turn++;
    const session = sessions[turn % Math.max(1, sessions.length)];
    if (session === undefined) {
      if (stanza.name === 'presence') return undefined;
      const [type, condition, description] = AWAY[this.#options.flavour];
      return errorReply(stanza, type, condition, description);
    }
    session.send(stanza);
    return undefined;
  }

  endAll(how: 'cut' | 'shut down'): void {
    for (const session of this.#sessions) {
      if (how === 'shut down') session.fail('system-shutdown');
      else session.destroy();
    }
  }
}

function sumOf(value: string): number {
  return [...Buffer.from(value)].reduce((sum, byte) => sum + byte, 0);
}
