import { NetworkError } from '../../src/plugin/index.ts';
import type { File, Outgoing } from '../../src/plugin/index.ts';
import { smartEncoded } from './alphabet.ts';
import type { SmsOptions } from './options.ts';
import { dialled, readGroup, partyOf } from './party.ts';
import type { Party } from './party.ts';
import type { Capabilities, TextOut } from './provider.ts';
import { segmented } from './segments.ts';
import type { Texts } from './texts.ts';

/** Whom a message is for: with more recipients beside the address, all of them as one group. */
export function recipientOf(id: string, { also }: Outgoing): Party | undefined {
  const party = partyOf(id);
  if (also === undefined || also.length === 0) return party;
  const parties = [party, ...also.map(({ contact }) => partyOf(contact))];
  return readGroup(parties.flatMap((one) => (one.kind === 'group' ? one.numbers : [dialled(one)])));
}

/**
 * What of a message goes out by a provider that can do this.
 * @throws NetworkError in words when it cannot
 */
export function compose(
  message: Outgoing,
  to: Party,
  capabilities: Capabilities,
  { limits, smartEncoding }: SmsOptions,
  words: Texts,
): Pick<TextOut, 'text' | 'encoding' | 'parts' | 'files'> {
  if (to.kind === 'group' && !capabilities.groups) {
    throw new NetworkError('unsupported', words.noGroups);
  }
  const files = capabilities.files === undefined ? [] : (message.files ?? []);
  const links = capabilities.files === undefined ? linksOf(message, words) : [];
  checkFiles(files, capabilities, words);
  const plain = plainText([message.text, ...links].join('\n')).trim();
  if (plain === '' && files.length === 0) throw new NetworkError('invalid', words.nothing);
  const text = smartEncoding ? smartEncoded(plain) : plain;
  const { encoding, parts } = segmented(text);
  if (parts.length > limits.segmentsPerText) {
    throw new NetworkError('too-large', words.tooLong(parts.length, limits.segmentsPerText));
  }
  return { text, encoding, parts, files };
}

/** Without what a phone cannot show and a gateway may choke on; line ends as phones have them. */
const plainText = (text: string): string =>
  text
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
    // Half a character.
    .replace(/\p{Surrogate}/gu, '');

/** Where files can be had, for networks that carry none; what is in the text already is not said again. */
function linksOf({ files = [], text }: Outgoing, words: Texts): string[] {
  return files.flatMap(({ url }) => {
    if (url === undefined) throw new NetworkError('unsupported', words.noFiles);
    return text.includes(url) ? [] : [url];
  });
}

function checkFiles(files: readonly File[], { files: most }: Capabilities, words: Texts): void {
  if (most === undefined) return;
  if (files.length > most.count)
    throw new NetworkError('too-large', words.tooManyFiles(most.count));
  const bytes = files.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  if (bytes > most.bytes) {
    const megabytes = (most.bytes / 1_000_000).toFixed(1).replace('.0', '');
    throw new NetworkError('too-large', words.filesTooLarge(megabytes));
  }
}
