import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { loadConfig } from '../../config/load-config.ts';
import { makeGateway } from '../make-gateway.ts';
import type { Answers } from './answers.ts';
import { collect, TYPED } from './collect.ts';
import { configurationFor, gatewaysIn, hasWebhook, SECRETS } from './configuration.ts';
import type { Given } from './flags.ts';
import { guessesOf } from './guesses.ts';
import { nextSteps } from './next-steps.ts';
import { openTerminal } from './terminal.ts';
import { refuseIfThere, writeFiles } from './write-files.ts';
import type { NewFile } from './write-files.ts';

export interface InitOptions {
  /** The configuration file to make. */
  readonly file: string;
  readonly given: Given;
  readonly env: NodeJS.ProcessEnv;
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
  /** How this program was called. */
  readonly command: string;
  readonly showsSecrets: boolean;
}

const SECRET_BYTES = 24;

/**
 * Makes a first configuration, with new secrets beside it, and nothing when it is given up. @returns what to do next
 * @throws Error in words for the administrator; GivenUp
 */
export async function init(options: InitOptions): Promise<string> {
  const { file, env, command } = options;
  refuseIfThere(file);
  const answers = await answersOf(options);
  const secrets = makeSecrets(answers);
  const folder = join(dirname(file), SECRETS);
  const files: readonly NewFile[] = [
    ...[...secrets].map(([name, text]) => ({ path: join(folder, name), text: `${text}\n` })),
    { path: file, text: configurationFor(answers) },
  ];
  await writeFiles(files, async () => {
    const config = await loadConfig(file, env);
    for (const entry of config.gateways) await makeGateway(entry, config);
  });
  const isShown = options.showsSecrets || options.output.isTTY === true;
  const secretOf = (name: string): string =>
    isShown ? (secrets.get(name) ?? '') : `<the secret in ${join(folder, name)}>`;
  return nextSteps({ answers, file, folder, command, secretOf });
}

async function answersOf({ env, given, input, output }: InitOptions): Promise<Answers> {
  const isTerminal = input.isTTY === true && output.isTTY === true;
  const situation = { guesses: guessesOf(env), isTerminal };
  if (!isTerminal) return collect(given, situation, undefined);
  const terminal = openTerminal(input, output);
  try {
    terminal.tell(
      'Press Enter to take what stands in brackets, Ctrl-C to stop; nothing is written before the end.',
    );
    return await collect(given, situation, terminal);
  } finally {
    terminal.close();
  }
}

/** By the names of their files. */
function makeSecrets(answers: Answers): ReadonlyMap<string, string> {
  const newSecret = (): string => randomBytes(SECRET_BYTES).toString('base64url');
  const common = newSecret();
  const secrets = new Map<string, string>();
  for (const { kind } of gatewaysIn(answers)) {
    // All components of a jabberd2 have the same.
    secrets.set(kind, answers['server'] === 'jabberd2' ? common : newSecret());
  }
  if (hasWebhook(answers)) secrets.set('sms-webhook', newSecret());
  const typed = answers[TYPED];
  if (typed !== undefined) secrets.set('sms-provider', typed);
  return secrets;
}
