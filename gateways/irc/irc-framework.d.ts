/** The part of irc-framework 4.14 that is used here; the package ships no types. */
declare module 'irc-framework' {
  interface IrcMessage {
    readonly command: string;
    readonly params: readonly string[];
    readonly tags: Readonly<Record<string, string | undefined>>;
    readonly prefix: string;
    readonly nick: string;
    readonly ident: string;
    readonly hostname: string;
  }
  type RawMiddleware = (
    command: string,
    message: IrcMessage,
    line: string,
    client: Client,
    next: () => void,
  ) => void;
  class Client {
    readonly network: {
      readonly options: Readonly<Record<string, unknown>>;
      readonly cap: { isEnabled(name: string): boolean };
    };
    connect(options: Readonly<Record<string, unknown>>): void;
    use(middleware: (client: Client, raw: { use(handler: RawMiddleware): void }) => void): this;
    on(event: string, listener: (...values: readonly unknown[]) => void): this;
    removeAllListeners(): this;
  }
  const framework: { readonly Client: typeof Client };
  export { framework as default };
  export type { Client, IrcMessage };
}
