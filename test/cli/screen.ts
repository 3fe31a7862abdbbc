import { PassThrough } from 'node:stream';
import { parseArgs } from 'node:util';
import { INIT_FLAGS } from '../../src/cli/init/flags.ts';
import { init } from '../../src/cli/init/init.ts';
import type { InitOptions } from '../../src/cli/init/init.ts';

const PATIENCE_MS = 10_000;

/** Both ends of a terminal, with somebody in front of it who reads before she types. */
export class Screen {
  readonly input = Object.assign(new PassThrough(), { isTTY: true });
  readonly output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  /** All that was shown. */
  text = '';
  #read = 0;
  #wake: () => void = () => undefined;

  constructor() {
    this.output.on('data', (chunk: Buffer) => {
      this.text += chunk.toString();
      this.#wake();
    });
  }

  /** Waits for these words, behind those that were waited for before, and types. */
  async answer(words: string, typed: string): Promise<void> {
    const timer = setTimeout(() => this.#wake(), PATIENCE_MS);
    const until = Date.now() + PATIENCE_MS;
    let at = this.text.indexOf(words, this.#read);
    while (at < 0) {
      if (Date.now() >= until) throw new Error(`no "${words}" in ${this.text.slice(this.#read)}`);
      await new Promise<void>((resolve) => (this.#wake = resolve));
      at = this.text.indexOf(words, this.#read);
    }
    clearTimeout(timer);
    this.#read = at + words.length;
    this.input.write(typed);
  }
}

const options = (file: string): InitOptions => ({
  file,
  given: {},
  env: {},
  input: new PassThrough(),
  output: new PassThrough(),
  command: 'causeway',
  showsSecrets: false,
});

/** `causeway init` in front of a terminal. */
export const atScreen = (file: string, { input, output }: Screen): Promise<string> =>
  init({ ...options(file), input, output });

/** `causeway init` without one. */
export function unattended(file: string, args: readonly string[]): Promise<string> {
  const { values } = parseArgs({ args: [...args], options: INIT_FLAGS });
  const given = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, String(value)]),
  );
  return init({ ...options(file), given });
}
