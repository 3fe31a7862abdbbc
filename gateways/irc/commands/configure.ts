import type {
  Answers,
  CommandRequest,
  CommandResult,
  Field,
  GatewayCommand,
  Step,
} from '../../../src/plugin/index.ts';
import { CHARSETS, DEFAULT_CHARSET } from '../charset.ts';
import { isNick } from '../names.ts';
import { fingerprintOf, isCertificate } from '../own-certificate.ts';
import { commandsIn, loadPreferences, savePreferences } from '../preferences.ts';
import type { Preferences } from '../preferences.ts';
import { texts } from '../texts.ts';
import type { Texts } from '../texts.ts';
import { idOf, sessionOf } from './place.ts';

/** Settings of one user for one server. */
export const configure: GatewayCommand = {
  node: 'configure',
  name: (language) => texts(language).configureName,
  word: (language) => texts(language).configureWord,
  at: 'network',
  for: 'user',
  run: configureServer,
};

/** Written in the field of something secret, takes away what is kept. */
const NOTHING = '-';

async function* configureServer(
  request: CommandRequest,
): AsyncGenerator<Step, CommandResult, Answers> {
  const words = texts(request.language);
  const names = sessionOf(request).namesOf(idOf(request));
  const known = await loadPreferences(request.memory, names);
  const step: Step = { instructions: words.configureWhat, fields: fieldsOf(known, words) };
  let problem: string | undefined;
  for (;;) {
    const answers: Answers = yield problem === undefined ? step : { ...step, problem };
    const { nick, encoding_in: charset, certificate = NOTHING } = answers;
    if (nick !== undefined && !isNick(nick)) problem = words.noNick;
    else if (charset !== undefined && !CHARSETS.includes(charset)) problem = words.noCharset;
    else if (certificate !== NOTHING && !isCertificate(certificate)) problem = words.noCertificate;
    else {
      await savePreferences(request.memory, names, preferencesOf(answers, known));
      const isNew = certificate !== NOTHING;
      return {
        text: isNew ? words.certificateKept(fingerprintOf(certificate)) : words.configured,
      };
    }
  }
}

function fieldsOf(known: Preferences, words: Texts): Field[] {
  const field = (name: string, label: string, value?: string): Field => ({
    name,
    label,
    kind: 'text',
    ...(value === undefined ? {} : { value }),
  });
  const secret = (
    name: string,
    label: string,
    value: string | undefined,
    kind: Field['kind'] = 'secret',
  ): Field => ({
    name,
    label: value === undefined ? label : `${label} ${words.isKept}`,
    kind,
  });
  return [
    field('nick', words.nick, known.nick),
    field('username', words.userName, known.userName),
    field('realname', words.realName, known.realName),
    field('sasl_account', words.saslAccount, known.account),
    secret('sasl_password', words.saslPassword, known.password),
    secret('pass', words.serverPassword, known.serverPassword),
    secret('certificate', words.certificate, known.certificate, 'lines'),
    {
      name: 'after_connect_commands',
      label: words.afterConnect,
      kind: 'lines',
      ...(known.commands === undefined ? {} : { value: known.commands.join('\n') }),
    },
    {
      name: 'encoding_in',
      label: words.charset,
      kind: 'choice',
      options: CHARSETS.map((value) => ({ value, label: value })),
      value: known.charset ?? DEFAULT_CHARSET,
    },
  ];
}

function preferencesOf(answers: Answers, known: Preferences): Preferences {
  const commands = commandsIn(answers['after_connect_commands']);
  return {
    nick: answers['nick'],
    userName: answers['username'],
    realName: answers['realname'],
    account: answers['sasl_account'],
    password: secretOf(answers['sasl_password'], known.password),
    serverPassword: secretOf(answers['pass'], known.serverPassword),
    commands: commands.length === 0 ? undefined : [...commands],
    charset: answers['encoding_in'],
    certificate: secretOf(answers['certificate'], known.certificate),
  };
}

const secretOf = (answer: string | undefined, known: string | undefined): string | undefined =>
  answer === NOTHING ? undefined : (answer ?? known);
