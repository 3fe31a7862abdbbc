import { NetworkError } from '../../src/plugin/index.ts';
import type {
  Answers,
  CommandRequest,
  CommandResult,
  GatewayCommand,
  Step,
} from '../../src/plugin/index.ts';
import { assign, block, numbers, providers, quota } from './admin-commands.ts';
import type { Office } from './office.ts';
import { partyOf, writeParty } from './party.ts';
import { SmsSession } from './session.ts';
import { texts } from './texts.ts';
import type { Texts } from './texts.ts';

export type Dialogue = AsyncGenerator<Step, CommandResult, Answers>;
export type Run = (office: Office, request: CommandRequest, words: Texts) => Dialogue;
type Name = 'status' | 'claim' | 'again' | 'assign' | 'numbers' | 'quota' | 'block' | 'providers';

/** What users and administrators can ask of the gateway besides texts. */
export function createCommands(office: Office): readonly GatewayCommand[] {
  const command = (
    node: Name,
    at: 'gateway' | 'contact',
    whom: GatewayCommand['for'],
    run: Run,
  ): GatewayCommand => ({
    node,
    at,
    for: whom,
    name: (language) => texts(language)[node],
    word: (language) => texts(language)[`${node}Word`],
    run: (request) => run(office, request, texts(request.language)),
  });
  return [
    command('status', 'gateway', 'user', status),
    command('claim', 'contact', 'user', claim),
    command('again', 'contact', 'user', again),
    command('assign', 'gateway', 'admin', assign),
    command('numbers', 'gateway', 'admin', numbers),
    command('quota', 'gateway', 'admin', quota),
    command('block', 'gateway', 'admin', block),
    command('providers', 'gateway', 'admin', providers),
  ];
}

// oxlint-disable-next-line require-yield -- a dialogue without a step
async function* status(_office: Office, { session }: CommandRequest, words: Texts): Dialogue {
  const own = sessionOf(session, words);
  const { number } = await own.ownNumber();
  const { today, segmentsPerDay, thisMonth, segmentsPerMonth } = await own.used();
  return { text: words.statusIs(number, today, segmentsPerDay, thisMonth, segmentsPerMonth) };
}

async function* claim(
  office: Office,
  { session, address }: CommandRequest,
  words: Texts,
): Dialogue {
  const user = sessionOf(session, words);
  const { number, own } = await user.ownNumber();
  const contact = writeParty(partyOf(address?.id ?? ''));
  if (own === undefined || own.users.length < 2) return { text: words.claimNotShared };
  const place = `${number} ${contact}`;
  const isClaimed = (await office.claims.get(place)) === user.user;
  const answers = yield {
    title: words.claim,
    instructions: words.claimAsk(number),
    fields: [
      { name: 'mine', label: words.claimYes, kind: 'flag', value: isClaimed ? 'true' : 'false' },
    ],
  };
  if (answers['mine'] === 'true') await office.claims.put(place, user.user);
  else if (isClaimed) await office.claims.delete(place);
  await office.claims.flush();
  return {
    text:
      answers['mine'] === 'true'
        ? words.claimShared(contact, number)
        : words.claimReleased(contact),
  };
}

// oxlint-disable-next-line require-yield -- a dialogue without a step
async function* again(
  office: Office,
  { session, address }: CommandRequest,
  words: Texts,
): Dialogue {
  const { number } = await sessionOf(session, words).ownNumber();
  const contact = writeParty(partyOf(address?.id ?? ''));
  await office.optOuts.delete(`${number} ${contact}`);
  return { text: words.againIs(contact) };
}

function sessionOf(session: CommandRequest['session'], words: Texts): SmsSession {
  if (session instanceof SmsSession) return session;
  throw new NetworkError('refused', words.numberGone);
}
