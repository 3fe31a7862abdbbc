export interface ConfigProblem {
  /** As in `gateways[0].secret`; empty for the file as a whole. */
  readonly path: string;
  readonly line: number | undefined;
  readonly text: string;
}

/** Everything that is wrong with a configuration, in words for the administrator. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[]) {
    super(problems.map((problem) => describe(file, problem)).join('\n'));
    this.problems = problems;
  }
}

function describe(file: string, { path, line, text }: ConfigProblem): string {
  const place = line === undefined ? file : `${file}:${line}`;
  return path === '' ? `${place}: ${text}` : `${place}: ${path}: ${text}`;
}

/** `['gateways', 0, 'secret']` as `gateways[0].secret`. */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
