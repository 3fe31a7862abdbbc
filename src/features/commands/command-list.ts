import type { GatewayDomain } from '../../session/gateway-domain.ts';
import type { UserSession } from '../../session/user-session.ts';
import { StanzaError } from '../../xmpp/stanza-error.ts';
import { accountTexts } from '../account/texts.ts';
import type { Command, CommandPlace } from './command.ts';
import { commandTexts } from './texts.ts';

/** All commands of a domain, and who may have them. Nothing is remembered of a permission: it is asked for anew each time. */
export class CommandList {
  readonly #domain: GatewayDomain;
  readonly #commands: readonly Command[];

  constructor(domain: GatewayDomain, commands: readonly Command[]) {
    this.#domain = domain;
    this.#commands = commands;
  }

  /** Those for anybody. */
  all(place: CommandPlace): readonly Command[] {
    return this.#commands.filter(({ at }) => at === place);
  }

  hasAny(place: CommandPlace): boolean {
    return this.#commands.some(({ at }) => at === place);
  }

  find(place: CommandPlace, node: string): Command | undefined {
    return this.#commands.find((command) => command.node === node && command.at === place);
  }

  /** Those that a user may run now. */
  offered(place: CommandPlace, session: UserSession): readonly Command[] {
    return this.all(place).filter((command) => this.refusal(command, session) === undefined);
  }

  /** Why a user may not run a command; `undefined` when she may. */
  refusal({ access }: Command, session: UserSession): StanzaError | undefined {
    const { policy, gateway } = this.#domain;
    const { user, language, isRegistered } = session;
    if (access === 'admin') {
      if (this.#domain.isAdmin(user)) return undefined;
      return new StanzaError('forbidden', commandTexts(language).onlyAdmins, { language });
    }
    if (!policy.allows(user)) {
      return new StanzaError('forbidden', commandTexts(language).notOpen, { language });
    }
    const needsAccount =
      access === 'registered' || (access === 'account' && gateway.registration === 'required');
    if (!needsAccount || isRegistered) return undefined;
    const { notRegistered } = accountTexts(language);
    return new StanzaError('registration-required', notRegistered, { language });
  }
}
