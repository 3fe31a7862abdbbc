import type { Memory } from '../../src/plugin/index.ts';
import type { SmsOptions } from './options.ts';
import { dialled } from './party.ts';
import { senderParty } from './phone-numbers.ts';

const KEY = 'assigned-numbers';

/** A number of the gateway and whose it is. */
export interface OwnNumber {
  readonly number: string;
  /** As administrators write them, in lower case. */
  readonly users: readonly string[];
  /** Who gets what belongs to nobody. */
  readonly operator: string | undefined;
  /** The provider that carries it. */
  readonly provider: string | undefined;
  /** It stands in the configuration, and is changed there alone. */
  readonly isFixed: boolean;
}

/** Which numbers there are, and whose: those of the configuration, and those that administrators assigned since. */
export class Owners {
  readonly #options: SmsOptions;
  readonly #memory: Memory;
  readonly #fixed = new Map<string, OwnNumber>();
  #assigned = new Map<string, OwnNumber>();
  #reading: Promise<void> | undefined;

  constructor(options: SmsOptions, memory: Memory) {
    this.#options = options;
    this.#memory = memory;
    for (const [number, assignment] of Object.entries(options.numbers)) {
      const { users, operator, provider } = detailsOf(assignment);
      this.#fixed.set(number, {
        number,
        users,
        operator: operator ?? options.operator,
        provider,
        isFixed: true,
      });
    }
  }

  /** Who gets texts to numbers that belong to nobody. */
  get operator(): string | undefined {
    return this.#options.operator;
  }

  async all(): Promise<readonly OwnNumber[]> {
    await this.#read();
    return [...this.#fixed.values(), ...this.#assigned.values()];
  }

  /** Those that a user may send from. */
  async of(user: string): Promise<readonly OwnNumber[]> {
    const name = user.toLowerCase();
    return (await this.all()).filter(({ users }) => users.includes(name));
  }

  /** The number that a provider names, however it writes it. */
  async named(text: string): Promise<OwnNumber | undefined> {
    await this.#read();
    const known = (number: string): OwnNumber | undefined =>
      this.#fixed.get(number) ?? this.#assigned.get(number);
    return known(text) ?? known(`+${text}`) ?? known(this.normal(text));
  }

  /** A number as we write it. */
  normal(text: string): string {
    const party = senderParty(text, this.#options.region);
    return party === undefined ? text : dialled(party);
  }

  /** Gives a number to users; to none takes it away. @returns whether it could be: what is in the configuration cannot */
  async assign(number: string, users: readonly string[]): Promise<boolean> {
    await this.#read();
    if (this.#fixed.has(number)) return false;
    const next = new Map(this.#assigned);
    if (users.length === 0) next.delete(number);
    else next.set(number, this.#assignment(number, users));
    await this.#memory.set(
      KEY,
      JSON.stringify(
        Object.fromEntries([...next].map(([name, own]) => [name, own.users.join(' ')])),
      ),
    );
    this.#assigned = next;
    return true;
  }

  #assignment(number: string, users: readonly string[]): OwnNumber {
    const { operator } = this.#options;
    const names = users.map((user) => user.toLowerCase());
    return { number, users: names, operator, provider: undefined, isFixed: false };
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readAssigned().catch((error: unknown) => {
      this.#reading = undefined;
      throw error;
    });
    return this.#reading;
  }

  async #readAssigned(): Promise<void> {
    const text = await this.#memory.get(KEY);
    const value: unknown = text === undefined ? {} : JSON.parse(text);
    if (typeof value !== 'object' || value === null) return;
    for (const [number, users] of Object.entries(value)) {
      if (this.#fixed.has(number)) continue;
      this.#assigned.set(number, this.#assignment(number, String(users).split(' ')));
    }
  }
}

type Assignment = SmsOptions['numbers'][string];

function detailsOf(assignment: Assignment): {
  readonly users: readonly string[];
  readonly operator?: string | undefined;
  readonly provider?: string | undefined;
} {
  if (typeof assignment === 'string') return { users: [assignment] };
  return 'users' in assignment ? assignment : { users: assignment };
}
