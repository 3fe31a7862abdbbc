import type { Host } from '../../../src/plugin/index.ts';
import type { Letter } from './letter.ts';

/** A file as it is kept: the core fetches it again. */
export interface KeptFile {
  readonly name: string;
  readonly type: string;
  readonly sizeBytes?: number;
  readonly url?: string;
}

/** A letter as it is kept, to be written once more. */
export type KeptLetter = Omit<Letter, 'at' | 'files'> & {
  readonly at: number;
  readonly files: readonly KeptFile[];
};

export const keptLetter = ({ at, files, ...rest }: Letter): KeptLetter => ({
  ...rest,
  at: at.getTime(),
  files: files.map(({ name, sizeBytes, type, url }) => ({
    name,
    type,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(url === undefined ? {} : { url }),
  })),
});

/** As it was, but that its files are fetched again; where they cannot be, their links stand in the text. */
export function opened({ at, files, text, ...rest }: KeptLetter, host: Host): Letter {
  const fetched = files.map((file) => host.file?.(file));
  const links = files.flatMap(({ url }, index) =>
    fetched[index] === undefined && url !== undefined && !text.includes(url) ? [url] : [],
  );
  return {
    ...rest,
    at: new Date(at),
    files: fetched.filter((file) => file !== undefined),
    text: [text, ...links].filter((part) => part !== '').join('\n'),
  };
}
