/** How much one user, and all together, may take up (`limits` in the configuration). */
export interface Limits {
  /** Of all gateways together, at one time. */
  readonly users: number;
  readonly roomsPerUser: number;
  readonly resourcesPerUser: number;
  readonly stanzasPerSecond: number;
  readonly stanzaBurst: number;
  readonly textCharacters: number;
}

/** How many users there are on all gateways; a session for one more is refused. */
export class UserCount {
  readonly #most: number;
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** `false` when there is no room for one more. */
  enter(): boolean {
    if (this.#count >= this.#most) return false;
    this.#count += 1;
    return true;
  }

  leave(): void {
    this.#count -= 1;
  }
}
