/** What a gateway is told about one measurement. */
export interface Surroundings {
  readonly folder: string;
  readonly domain: string;
  readonly secret: string;
  readonly componentPort: number;
  readonly ircPort: number;
  /** File with the certificate to trust, when the IRC server speaks TLS. */
  readonly ca: string | undefined;
  /** Whether it is to keep what is said in rooms. */
  readonly archive: boolean;
  /** How fast a user may send: as by default, or as fast as she can. */
  readonly limits: 'default' | 'none';
  /** All of our configuration, where it is not about IRC. */
  readonly configuration?: string;
  /** The bare JIDs of those who will come. */
  readonly users: readonly string[];
}

/** A gateway under test. */
export interface Gateway {
  readonly name: 'causeway' | 'biboumi';
  readonly version: string;
  /** Writes its configuration. */
  prepare(around: Surroundings): {
    readonly command: string;
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
  };
  /** What can only be set once it runs. */
  attached?(around: Surroundings): void;
}
