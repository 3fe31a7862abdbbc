import { NetworkError } from '../../src/plugin/index.ts';
import type { Limits } from './options.ts';
import { dialled, isForHelp } from './party.ts';
import type { Party } from './party.ts';
import { factsOf } from './phone-numbers.ts';
import type { Texts } from './texts.ts';

/**
 * Whom no text goes to: who cannot be answered, who costs too much, what the administrator does not want.
 * @param blocked are beginnings of numbers, besides those of the limits
 * @throws NetworkError in words
 */
export function checkRecipient(
  party: Party,
  limits: Limits,
  blocked: readonly string[],
  words: Texts,
): void {
  if (party.kind === 'group') {
    for (const number of party.numbers) {
      checkRecipient({ kind: 'number', number }, limits, blocked, words);
    }
    return;
  }
  if (party.kind === 'name') throw new NetworkError('not-allowed', words.toName);
  if (isForHelp(party)) throw new NetworkError('not-allowed', words.toEmergency);
  const number = dialled(party);
  if ([...limits.blocked, ...blocked].some((prefix) => number.startsWith(prefix))) {
    throw new NetworkError('not-allowed', words.blocked);
  }
  if (party.kind === 'short') {
    if (!limits.shortCodes) throw new NetworkError('not-allowed', words.shortCodes);
    return;
  }
  checkNumber(number, limits, words);
}

function checkNumber(number: string, limits: Limits, words: Texts): void {
  const facts = factsOf(number);
  const isRight =
    limits.check === 'off' ||
    (limits.check === 'valid' ? facts?.isValid : facts?.isPossible) === true;
  if (!isRight) throw new NetworkError('not-found', words.failed('bad-number'));
  if (!limits.premium && facts?.isPremium === true) {
    throw new NetworkError('not-allowed', words.premium);
  }
  if (limits.countries === undefined) return;
  // Some ranges are nobody's in particular: satellites, for instance.
  const country = facts?.country ?? `+${facts?.callingCode ?? ''}`;
  if (!limits.countries.includes(country)) {
    throw new NetworkError('not-allowed', words.country(country));
  }
}
