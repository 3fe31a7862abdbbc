import { NetworkError } from '../../src/plugin/index.ts';
import type { Account, Answers, Language, SignIn, Step } from '../../src/plugin/index.ts';
import type { ClaimCodes } from './claim-codes.ts';
import type { Office } from './office.ts';
import type { OwnNumber } from './owners.ts';
import { isRegion, typedParty } from './phone-numbers.ts';
import { texts } from './texts.ts';
import type { Texts } from './texts.ts';

export interface SignInParts {
  readonly office: Office;
  readonly codes: ClaimCodes;
  readonly user: string;
  readonly language: Language;
  readonly signal: AbortSignal;
}

const textOf = (account: Account | undefined, name: string): string | undefined => {
  const value = account?.[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** The registration: one of the numbers that are the user's, or one that she proves to be hers. */
export async function* signIn(known: Account | undefined, parts: SignInParts): SignIn {
  const { office, codes, user } = parts;
  const words = texts(parts.language);
  const assigned = await office.owners.of(user);
  const step = firstStep(known, assigned, words, codes.isOffered);
  let problem: string | undefined;
  for (;;) {
    const answers = yield problem === undefined ? step : { ...step, problem };
    const region = answers['region']?.toUpperCase();
    const phone = phoneOf(answers, assigned, region ?? office.options.region, words);
    if (region !== undefined && !isRegion(region)) problem = words.noSuchRegion;
    else if ('problem' in phone) ({ problem } = phone);
    else {
      const account = { user, phone: phone.number, ...(region === undefined ? {} : { region }) };
      if (assigned.some(({ number }) => number === phone.number)) return account;
      const isClaimedAlready = known?.['isClaimed'] === true && known['phone'] === phone.number;
      await checkFree(phone.number, isClaimedAlready, office, words);
      if (isClaimedAlready) return { ...account, isClaimed: true };
      if (!codes.isOffered)
        problem = assigned.length === 0 ? words.noNumber : words.notYours(phone.number);
      else {
        await codes.send(phone.number, parts);
        yield* askCode(phone.number, parts, words);
        return { ...account, isClaimed: true };
      }
    }
  }
}

/** @throws NetworkError credentials, when the code was wrong too often */
async function* askCode(
  number: string,
  { codes, user }: SignInParts,
  words: Texts,
): AsyncGenerator<Step, void, Answers> {
  const step: Step = {
    title: words.codeTitle,
    instructions: words.codeStep(number),
    fields: [{ name: 'code', label: words.code, kind: 'text', isRequired: true }],
  };
  let problem: string | undefined;
  for (;;) {
    const { code = '' } = yield problem === undefined ? step : { ...step, problem };
    const verdict = codes.check(user, number, code);
    if (verdict === 'right') return;
    if (verdict === 'expired') throw new NetworkError('credentials', words.codeExpired);
    problem = words.codeWrong;
  }
}

async function checkFree(
  number: string,
  isClaimedAlready: boolean,
  { owners, context }: Office,
  words: Texts,
): Promise<void> {
  const isAssigned = (await owners.named(number)) !== undefined;
  const isClaimed = !isAssigned && !isClaimedAlready && (await context.find(number)) !== undefined;
  if (isAssigned || isClaimed) throw new NetworkError('conflict', words.taken(number));
}

function firstStep(
  known: Account | undefined,
  assigned: readonly OwnNumber[],
  words: Texts,
  isClaimOffered: boolean,
): Step {
  const numbers = assigned.map(({ number }) => number);
  const phone = textOf(known, 'phone') ?? numbers[0];
  const region = textOf(known, 'region');
  return {
    title: words.signInTitle,
    instructions: [
      words.signIn,
      ...(numbers.length === 0 ? [] : [words.signInNumbers(numbers.join(', '))]),
      ...(isClaimOffered ? [words.signInClaim] : []),
    ].join(' '),
    fields: [
      {
        name: 'phone',
        label: words.phone,
        kind: 'text',
        ...(phone === undefined ? {} : { value: phone }),
      },
      {
        name: 'region',
        label: words.region,
        kind: 'text',
        ...(region === undefined ? {} : { value: region }),
      },
    ],
  };
}

/** The number that was asked for; without one, the only one there is. */
function phoneOf(
  { phone }: Answers,
  assigned: readonly OwnNumber[],
  region: string | undefined,
  words: Texts,
): { readonly number: string } | { readonly problem: string } {
  if (phone === undefined) {
    const [only, ...more] = assigned;
    if (only === undefined) return { problem: words.noNumber };
    return more.length > 0 ? { problem: words.whichNumber } : { number: only.number };
  }
  const asWritten = assigned.find(({ number }) => number === phone.trim());
  if (asWritten !== undefined) return { number: asWritten.number };
  const party = typedParty(phone, region);
  if (party?.kind === 'short') return { number: party.digits };
  return party?.kind === 'number' ? { number: party.number } : { problem: words.notANumber };
}
