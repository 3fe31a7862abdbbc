import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Asker } from './collect.ts';

/** Whoever sits at the terminal has ended it, by Ctrl-C or Ctrl-D. */
export class GivenUp extends Error {
  override readonly name = 'GivenUp';

  constructor() {
    super('Nothing was written.');
  }
}

export interface Terminal extends Asker {
  close(): void;
}

/** Questions on a terminal, each in a line of its own. */
export function openTerminal(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Terminal {
  let isHidden = false;
  const shown = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (!isHidden) output.write(chunk);
      done();
    },
  });
  // How wide it is, for lines that are too long for it.
  Object.defineProperty(shown, 'columns', { get: () => Reflect.get(output, 'columns') as unknown });
  const lines = createInterface({ input, output: shown, terminal: true });
  const over = new AbortController();
  lines.on('SIGINT', () => lines.close());
  lines.on('close', () => over.abort());

  async function question(text: string): Promise<string> {
    try {
      const answer = lines.question(text, { signal: over.signal });
      return (await answer).trim();
    } catch (error) {
      if (!over.signal.aborted) throw error;
      output.write('\n');
      throw new GivenUp();
    }
  }

  return {
    ask: async (text, fallback) => {
      for (;;) {
        const shownDefault = fallback === undefined ? '' : ` [${fallback}]`;
        const answer = await question(`${text}${shownDefault}: `);
        if (answer !== '') return answer;
        if (fallback !== undefined) return fallback;
      }
    },
    askSecret: async (text) => {
      for (;;) {
        output.write(`${text} (it is not shown): `);
        isHidden = true;
        const answer = await question('').finally(() => (isHidden = false));
        output.write('\n');
        if (answer !== '') return answer;
      }
    },
    tell: (text) => void output.write(`  ${text}\n`),
    close: () => lines.close(),
  };
}
